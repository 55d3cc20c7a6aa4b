"""How long people wait: for the next question, and for the next drive after the last one.

Processor time counts, so that other programs on the machine do not; `pytest -s` prints it.
"""

import contextlib
import dataclasses
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pygame

from iml_robot.cli.crews.window import WindowCrew
from iml_robot.core.config import load_config
from iml_robot.core.feedback import Answer, Reply, Segment
from iml_robot.data.store import SessionStore
from iml_robot.operators import OPERATORS
from iml_robot.questioning import QUESTIONERS
from iml_robot.questioning.choice.pool import Pool
from iml_robot.robots.environment import extra, make_env
from iml_robot.robots.replays import Replays
from iml_robot.session.headless import FullSpeedPacer
from iml_robot.session.preferences.journal import Journal
from iml_robot.session.preferences.reward_learning import RewardLearning

ROCKS = "iml_robot_envs:iml/RoverRocks-v0"
CANDIDATES, ANSWERS = 300, 60
QUESTION_MS, DRIVE_S = 50.0, 15.0


def test_an_answer_and_the_next_question_take_50_ms_in_a_session(tmp_path):
    features = extra(make_env(ROCKS), "reward_features")
    rng = np.random.default_rng(0)
    with SessionStore.create(tmp_path / "session.db") as store:
        learning = RewardLearning(features, Journal(store), Replays(ROCKS), dt=0.05, seed=0)
        d = len(learning.scale.names)
        middle, spread = learning.scale.mean, learning.scale.std
        moved = rng.normal(0, 1, (CANDIDATES, 1, d)) + rng.normal(
            0, 0.3, (CANDIDATES, 40, d)
        )
        shown = (middle + spread * moved).astype(np.float32)
        questioner = QUESTIONERS.build("information", learning.scale, options={})
        questioner.offer(Pool.of_segments([Segment(i, 0, f) for i, f in enumerate(shown)]))
        wanted, times_ms = rng.normal(size=d), []
        question = questioner.propose(learning.model.posterior, learning.noise_of("one"))
        for _ in range(ANSWERS):
            difference = (question.left.mean - question.right.mean) / spread
            answer = Answer.LEFT if difference @ wanted > 0 else Answer.RIGHT
            begun_s = time.process_time()
            reply = Reply(question, answer, annotator="one")
            learning.hear(reply)
            questioner.hear(reply)
            question = questioner.propose(
                learning.model.posterior, learning.noise_of("one")
            )
            times_ms.append(1000 * (time.process_time() - begun_s))
            if question is None:
                break
    median, longest = np.median(times_ms), max(times_ms)
    sys.stdout.write(
        f"\nanswer and next question, {CANDIDATES} candidates: median {median:.0f} ms, "
        f"longest {longest:.0f} ms, {len(times_ms)} answers\n"
    )
    assert len(times_ms) >= 10
    assert median <= QUESTION_MS


class Answers:
    """Says left at once, and remembers when."""

    name = "somebody"

    def __init__(self):
        self.at_s = []

    def answer(self, question):
        self.at_s.append((time.process_time(), time.perf_counter()))
        return Reply(question, Answer.LEFT, annotator=self.name)


class Begun:
    """Remembers when each episode began to be shown."""

    def __init__(self, view):
        self._view, self.at_s = view, []

    def begin(self, start):
        self.at_s.append((time.process_time(), time.perf_counter()))
        self._view.begin(start)

    def show(self, step, info):
        pass


def press_keys(over):
    """Press a key now and then: somebody who goes on from each page at once."""
    while not over.wait(0.6):
        with contextlib.suppress(pygame.error):
            event = pygame.event.Event(pygame.KEYDOWN, key=13, mod=0, scancode=40)
            pygame.event.post(event)


def test_the_next_drive_begins_15_s_after_the_last_answer(tmp_path, monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    wanted = ["operator=human", "evaluation=[]", "preferences={questions: 4}"]
    settings = load_config("quickstart", [*wanted, "preferences.questioner=random"])
    (tmp_path / "policies").mkdir()
    answers, over = Answers(), threading.Event()
    with SessionStore.create(Path(tmp_path) / "session.db") as store:
        crew = WindowCrew(settings)
        operator = OPERATORS.build("simulated", crew.env)
        session = crew.session(tmp_path, store, operator)
        asking = crew._asking
        monkeypatch.setattr(asking, "answer", answers.answer)
        view = Begun(session.loop.view)
        pacer = FullSpeedPacer(0.05)
        # Learning goes on in the background; nobody waits for it in the end.
        session.stop_requested = lambda: len(view.at_s) > 1
        session.loop = dataclasses.replace(session.loop, view=view, pacer=pacer)
        somebody = threading.Thread(target=press_keys, args=(over,))
        somebody.start()
        try:
            session.start()
            session.run(2)
        finally:
            over.set()
            somebody.join()
            crew.close()
    last = [at for at in answers.at_s if at[0] < view.at_s[1][0]][-1]
    cpu_s, wall_s = (now - then for now, then in zip(view.at_s[1], last, strict=True))
    sys.stdout.write(
        f"\nlast answer to the next drive: {cpu_s:.1f} s of processor, {wall_s:.1f} s\n"
    )
    assert len(answers.at_s) >= 4
    assert cpu_s <= DRIVE_S
