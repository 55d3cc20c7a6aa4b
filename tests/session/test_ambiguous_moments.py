"""What is right where a policy was least sure: asked, kept and learned."""

import shutil
from dataclasses import replace

import gymnasium as gym
import numpy as np
import pytest

from iml_robot.cli import main
from iml_robot.core.config import load_config
from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import Wish
from iml_robot.core.types import Episode, EpisodeInfo, Source
from iml_robot.data.store import SessionStore
from iml_robot.learners.frames.selection import operator_frames
from iml_robot.robots.environment import make_env
from iml_robot.robots.replays import Replays
from iml_robot.session.parts import build_learner, build_trainer
from iml_robot.session.preferences.building import build_preferences
from iml_robot.session.preferences.journal import Journal
from iml_robot.session.preferences.moments import (
    APART_STEPS,
    MomentAnswer,
    Moments,
    least_sure,
)
from iml_robot.session.preferences.pilot_adviser import PilotAdviser
from iml_robot.session.preferences.taught import Taught

pytestmark = pytest.mark.slow

POINT = "iml_robot_envs:iml/Point-v0"
ASKING = ("--set", "preferences={moments: 3}", "--set", "evaluation=[]")


def drive(folder, episodes, *more):
    arguments = ["run", "point", "--operator", "simulated", "--episodes", str(episodes)]
    assert main([*arguments, "--out", str(folder), *ASKING, *more]) in (0, None)
    return folder


def told(folder):
    with SessionStore.read(folder / "session.db") as store:
        return Journal(store).moments(), store.episodes()


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A session of three episodes with three moments in each break."""
    return drive(tmp_path_factory.mktemp("moments") / "session", 3)


class Unsure:
    """Stands still, and is as unsure at each step as it was told."""

    def __init__(self, *disagreements):
        self._left = [np.asarray(values, np.float32) for values in disagreements]
        self.disagreement = None

    def act_batch(self, observations):
        if len(observations) > 1:
            self.disagreement = self._left.pop(0)
        return np.zeros((len(observations), 2), np.float32)

    def act(self, observation):
        return np.zeros(2, np.float32)


class Kept:
    """Keeps answers in a list."""

    def __init__(self, *answers):
        self.answers = list(answers)

    def put_moment(self, answer):
        self.answers.append(answer)

    def moments(self):
        return list(self.answers)

    def flush(self):
        pass


class Says:
    """Says the same at every moment, or one thing after the other."""

    name, reason = "somebody", ""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def advise(self, episode, step):
        self.asked.append((episode.info.episode_id, step))
        return self.answers.pop(0)


def driven(length=200, *, number=0, corrected=()):
    """An episode that drove on the point's first map, as the simulator has it."""
    env = make_env(POINT).unwrapped
    options = {"level": 0, "split": "correction"}
    rng = np.random.default_rng(number)
    actions = rng.uniform(-0.2, 0.2, (length, 2)).astype(np.float32)
    seen = [env.reset(seed=number, options=options)[0]]
    for action in actions:
        observation, _, terminated, truncated, _ = env.step(action)
        seen.append(observation)
        assert not terminated
        assert not truncated
    sources = np.zeros(length, np.int64)
    sources[list(corrected)] = Source.OPERATOR
    nobody = np.full_like(actions, np.nan)
    commands = np.where(sources[:, None] == Source.OPERATOR, actions, nobody)
    info = EpisodeInfo(number, "practice", POINT, number, options, outcome="success")
    return Episode(
        info, np.array(seen), actions, commands, actions, sources,
        authorities=(sources == Source.OPERATOR).astype(np.float32),
        rewards=np.zeros(length, np.float32),
        evaluations=np.full(length, np.nan, np.float32),
    )  # fmt: skip


def test_the_least_sure_moments_come_first_and_those_of_the_operator_never():
    values = np.zeros(150)
    values[[0, 20, 100, 139]] = 9.0, 8.0, 3.0, 2.0
    episode = driven(150, corrected=range(15, 25))
    states = least_sure([episode], Unsure(values), [], count=2)
    # Step 0 has no past, step 20 was driven by the operator, 139 is the same as 100.
    assert states[0].step == 100
    assert 139 not in [state.step for state in states]
    assert abs(states[1].step - 100) >= APART_STEPS


def test_a_moment_and_its_neighbours_are_asked_about_once():
    values = np.zeros(150)
    values[[90, 30]] = 2.0, 1.0
    answered = [MomentAnswer(0, 95, None, after=0)]
    (state,) = least_sure([driven(150)], Unsure(values), answered, count=1)
    assert state.step == 30


def test_a_policy_that_does_not_say_how_sure_it_is_has_no_such_moments():
    class Sure:
        def act_batch(self, observations):
            return np.zeros((len(observations), 2), np.float32)

    assert least_sure([driven(20)], Sure(), [], count=3) == []


def test_disagreements_that_are_no_numbers_are_no_moments():
    assert least_sure([driven(20)], Unsure(np.full(20, np.nan)), [], count=3) == []


def hold(episodes, adviser, *disagreements, count=3):
    kept = Kept()
    result = Moments(kept, Replays(POINT), count=count).hold(
        episodes, Unsure(*disagreements), adviser
    )
    return kept.answers, result


def test_answers_nothings_and_the_wish_to_leave_are_told_apart():
    values = np.zeros(200)
    values[[150, 100, 50]] = 3.0, 2.0, 1.0
    adviser = Says(np.array([0.5, -0.5], np.float32), None, Wish.LEAVE)
    answers, result = hold([driven()], adviser, values)
    assert adviser.asked == [(0, 150), (0, 100), (0, 50)]
    assert [answer.action for answer in answers] == [(0.5, -0.5), None]
    assert (result.shown, result.answered, result.left) == (2, 1, True)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (np.array([np.nan, 0.0]), "is no action"),
        (np.array([0.0, 1.5]), "is no action"),
        (np.zeros(3), "shape"),
    ],
)
def test_an_answer_that_is_no_action_is_kept_with_the_reason_and_not_learned(
    answer, reason
):
    answers, result = hold([driven()], Says(answer), np.arange(200), count=1)
    assert answers[0].action is None
    assert reason in answers[0].reason
    assert (result.shown, result.answered) == (0, 0)
    assert reason in result.unshown[0]


def test_a_moment_whose_state_cannot_be_restored_is_marked_and_nobody_is_asked():
    episode = driven()
    astray = episode.observations.copy()
    astray[20:] += 0.1
    adviser = Says()
    values = np.zeros(200)
    values[[150, 100]] = 2.0, 1.0
    answers, result = hold(
        [replace(episode, observations=astray)], adviser, values, count=2
    )
    assert adviser.asked == []
    assert [answer.action for answer in answers] == [None, None]
    assert all("cannot be taken up again" in answer.reason for answer in answers)
    assert len(result.unshown) == 2


def test_each_break_of_a_session_asks_and_keeps_what_was_said(session):
    answers, episodes = told(session)
    assert {answer.after for answer in answers} == {0, 1, 2}
    assert len(answers) <= 9
    by_number = {episode.info.episode_id: episode for episode in episodes}
    for answer in answers:
        episode = by_number[answer.episode_id]
        assert answer.annotator == "simulated"
        assert answer.episode_id <= answer.after
        assert not episode.human_controlled[answer.step]
        assert np.abs(answer.action).max() <= 1
    steps = [(answer.episode_id, answer.step) for answer in answers]
    for place, (number, step) in enumerate(steps):
        near = [s for n, s in steps[:place] if n == number and abs(s - step) < APART_STEPS]
        assert near == []
    assert "what is right was said at" in (session / "report.md").read_text()


def test_the_pilot_answers_as_it_drives(session):
    answers, episodes = told(session)
    env = make_env(POINT)
    episode = next(e for e in episodes if e.info.episode_id == answers[0].episode_id)
    # The point's pilot goes by what it sees alone.
    wanted = env.unwrapped.make_pilot().act(episode.observations[answers[0].step])
    assert np.allclose(answers[0].action, wanted)
    assert np.allclose(PilotAdviser.of(env).advise(episode, answers[0].step), wanted)


def test_a_resumed_session_asks_as_if_it_had_not_stopped(session, tmp_path):
    stopped = drive(tmp_path / "stopped", 1)
    assert main(["run", "--resume", str(stopped), "--episodes", "3"]) in (0, None)
    places = [(a.episode_id, a.step, a.action, a.after) for a in told(stopped)[0]]
    assert places == [(a.episode_id, a.step, a.action, a.after) for a in told(session)[0]]


@pytest.fixture
def taught(session):
    config = load_config("point", ["learner.updates=30"])
    learner = build_learner(config, make_env(POINT), seed=0)
    return Taught(learner, session / "session.db", Replays(POINT))


def test_an_answer_becomes_a_step_of_the_operator_and_what_follows_it(session, taught):
    answers, episodes = told(session)
    shown = [e for e in taught.with_answers(episodes) if e.info.episode_id < 0]
    assert len(shown) == len([a for a in answers if a.action is not None])
    answer, short = answers[0], shown[0]
    first = next(e for e in episodes if e.info.episode_id == answer.episode_id)
    assert len(short) == 1
    assert (short.sources == Source.OPERATOR).all()
    assert np.array_equal(short.observations[0], first.observations[answer.step])
    # Driven once more by hand: the same actions, and then the answer.
    env = make_env(POINT).unwrapped
    env.reset(seed=first.info.seed, options=dict(first.info.options))
    for action in first.executed_actions[: answer.step]:
        env.step(action)
    seen = env.step(np.array(answer.action, np.float32))[0]
    assert np.array_equal(seen, short.observations[1])


def test_learners_see_the_answers_among_the_corrections(session, taught):
    answers, episodes = told(session)
    shown = [e for e in taught.with_answers(episodes) if e.info.episode_id < 0]
    frames = operator_frames(shown, skip_steps=2)
    assert frames.groups.max() + 1 == len(shown)
    actions = {answer.action for answer in answers}
    assert {tuple(map(float, row)) for row in frames.actions} <= actions


def test_answers_do_not_take_the_place_of_the_newest_correction(session, taught):
    _, episodes = told(session)
    newest = episodes[-1]
    helped = replace(newest, sources=np.full(len(newest), Source.OPERATOR, np.int64))
    ordered = taught.with_answers([*episodes[:-1], helped])
    assert ordered[-1] is helped
    alone = replace(newest, sources=np.zeros(len(newest), np.int64))
    ordered = taught.with_answers([*episodes[:-1], alone])
    # Nobody corrected it: what was said in the break after it is what is new.
    assert ordered[-1].info.episode_id < 0
    assert ordered[-1].corrected.all()


def test_an_episode_without_corrections_is_learned_from_by_its_answers(session, taught):
    _, episodes = told(session)
    alone = [
        replace(e, sources=np.zeros(len(e), np.int64), operator_actions=e.operator_actions)
        for e in episodes
    ]
    figures = taught.update(alone, on_progress=lambda part: None)
    assert figures["updates"] == 30
    assert figures["taught_moments"] == len(
        [answer for answer in told(session)[0] if answer.action is not None]
    )


def test_answers_about_later_episodes_wait_for_their_turn(session, taught):
    _, episodes = told(session)
    shown = [e for e in taught.with_answers(episodes[:1]) if e.info.episode_id < 0]
    assert len(shown) == sum(answer.after == 0 for answer in told(session)[0])


def test_a_second_reader_finds_the_same_and_learns_the_same(session, taught):
    _, episodes = told(session)
    config = load_config("point", ["learner.updates=30"])
    learner = build_learner(config, make_env(POINT), seed=0)
    other = Taught(learner, session / "session.db", Replays(POINT))
    for one in (taught, other):
        one.update(episodes, on_progress=lambda part: None)
    seen = episodes[0].observations
    assert np.array_equal(taught.policy.act_batch(seen), other.policy.act_batch(seen))


def test_a_process_that_learns_beside_the_driving_finds_what_was_said(session, tmp_path):
    answers, episodes = told(session)
    (tmp_path / "policies").mkdir()
    shutil.copy(session / "session.db", tmp_path / "session.db")
    wanted = ["preferences={moments: 3}", "trainer=background", "learner.updates=5"]
    config = load_config("point", wanted)
    trainer = build_trainer(config, make_env(POINT), tmp_path, people=True)
    try:
        trainer.save_start()
        trainer.update(episodes, on_progress=lambda part: None)
        result = trainer.finish(on_progress=lambda part: None, give_up=lambda: False)
    finally:
        trainer.close()
    assert (result.incidents, result.learned) == ((), len(episodes))
    said = [answer for answer in answers if answer.action is not None]
    assert result.figures["taught_moments"] == len(said) > 0


def test_learners_of_whole_drives_and_robots_without_pilot_are_refused(tmp_path):
    rewarded = load_config("point", ["learner=preference_sac", "preferences={moments: 2}"])
    with (
        SessionStore.create(tmp_path / "new.db") as store,
        pytest.raises(UsageError, match=r"preference_sac.*moments to 0"),
    ):
        build_preferences(rewarded, make_env(POINT), folder=tmp_path, store=store)
    with pytest.raises(UsageError, match="make_pilot"):
        PilotAdviser.of(gym.make("Pendulum-v1"))
