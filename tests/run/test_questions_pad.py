"""A gamepad labels a recorded session, and keys say what is right at a moment."""

import sqlite3
import time
from contextlib import closing

import numpy as np
import pygame
import pytest
from virtual_joystick import AVAILABLE, VirtualJoystick

from iml_robot.cli import main
from iml_robot.cli.crews.asking import AskingCrew, action_names
from iml_robot.core.feedback import Wish
from iml_robot.data.store import SessionStore
from iml_robot.devices.input.pump import EventPump
from iml_robot.operators.human import HumanOperator
from iml_robot.robots.environment import extra, make_env
from iml_robot.station.stage import Stage

ROCKS = "iml_robot_envs:iml/RoverRocks-v0"
PREFERENCES = "preferences={questions: 1, questioner: random, segment_s: 1.0}"
PATIENCE_S = 60.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A recorded session of one episode and one answer."""
    path = tmp_path_factory.mktemp("padded") / "session"
    arguments = ["run", "quickstart", "--operator", "simulated", "--episodes", "1"]
    arguments += [
        "--set",
        "evaluation=[]",
        "--set",
        "learner={name: hg_dagger, updates: 2}",
    ]
    arguments += ["--set", PREFERENCES, "--set", "env.options.level=0"]
    assert main([*arguments, "--out", str(path)]) in (0, None)
    return path


def answers(folder):
    with SessionStore.read(folder / "session.db") as store:
        told = [event.detail for event in store.events() if event.kind == "reply"]
    return [(one["answer"], one["annotator"]) for one in told]


class Hands:
    """Does something whenever the window waits for its next picture."""

    def __init__(self, monkeypatch, act):
        self._act, self._begun_s = act, time.monotonic()
        self._sleep = time.sleep
        monkeypatch.setattr("iml_robot.station.stage.time.sleep", self._wait)

    def _wait(self, seconds):
        passed_s = time.monotonic() - self._begun_s
        assert passed_s < PATIENCE_S, "the screen waits for ever"
        self._sleep(seconds)
        self._act(passed_s)


@pytest.mark.skipif(not AVAILABLE, reason="this SDL has no virtual joysticks")
def test_a_pad_answers_questions_about_a_recorded_session(folder, monkeypatch):
    known, pads = answers(folder), []

    def replied():
        path = f"file:{folder}/session.db?mode=ro"
        with closing(sqlite3.connect(path, uri=True)) as db:
            sql = "SELECT COUNT(*) FROM events WHERE kind = 'reply'"
            return db.execute(sql).fetchone()[0] > len(known)

    def press(passed_s):
        if not pads:
            pads.append(VirtualJoystick())
        # Half a second down, half a second up: the answer, then "leave all as it was".
        down = passed_s % 1.0 < 0.5
        done = replied()
        pads[0].button("dpleft", down and not done)
        pads[0].button("b", down and done)

    Hands(monkeypatch, press)
    try:
        code = main(["label", str(folder), "--annotator", "human", "--questions", "1"])
    finally:
        for pad in pads:
            pad.unplug()
    assert code in (0, None)
    assert answers(folder) == [*known, ("left", "operator")]


@pytest.fixture
def crew():
    """A person at a window who is asked, and the events of their keys."""
    env = make_env(ROCKS)
    pump = EventPump()
    stage = Stage(pump, size=(960, 540))
    operator = HumanOperator(env, pump=pump, devices=["keyboard"])
    features = extra(env, "reward_features")
    made = AskingCrew(stage, ROCKS, features, (operator, action_names(env)))
    yield made
    made.close()
    operator.close()
    stage.close()


def key(name, *, down):
    kind = pygame.KEYDOWN if down else pygame.KEYUP
    code = getattr(pygame, f"K_{name}")
    scancode = getattr(pygame, f"KSCAN_{name.upper()}")
    pygame.event.post(pygame.event.Event(kind, key=code, scancode=scancode, mod=0))


def test_keys_say_what_is_right_at_a_moment(crew, folder, monkeypatch):
    with SessionStore.read(folder / "session.db") as store:
        episodes = store.episodes()
    script = [(0.3, "w", True), (1.5, "RETURN", True), (1.6, "RETURN", False)]

    def press(passed_s):
        while script and script[0][0] <= passed_s:
            _, name, down = script.pop(0)
            key(name, down=down)

    crew.annotator_for(episodes)
    Hands(monkeypatch, press)
    said = crew.advise(episodes[0], 60)
    # W drives ahead; after half a second it is fully pressed.
    np.testing.assert_allclose(said, [1.0, 0.0], atol=1e-6)
    assert crew.reason == ""


def test_a_moment_of_another_course_is_not_shown_and_says_why(crew, folder):
    with SessionStore.read(folder / "session.db") as store:
        (episode,) = store.episodes()
    episode.observations.flags.writeable = True
    episode.observations[10:] += 0.5
    assert crew.advise(episode, 60) is None
    assert "another way" in crew.reason


def test_nobody_is_asked_at_a_closed_window(crew, folder):
    with SessionStore.read(folder / "session.db") as store:
        (episode,) = store.episodes()
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert crew.advise(episode, 60) is Wish.LEAVE
    assert crew.closed
    assert crew.advise(episode, 60) is Wish.LEAVE


def test_of_contradictory_edits_the_last_one_holds(folder):
    arguments = ["label", str(folder), "--annotator", "oracle", "--questions", "0"]
    edits = ["--edit", "progress=2", "--edit", "progress=-2"]
    assert main([*arguments, *edits]) in (0, None)
    with SessionStore.read(folder / "session.db") as store:
        kept = [e.detail for e in store.events() if e.kind == "weight_edit"]
    assert [(one["feature"], one["weight"]) for one in kept] == [("progress", -2.0)]
