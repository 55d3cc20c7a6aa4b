"""A robot that asks, and operators who answer or do not."""

import gymnasium as gym
import numpy as np
import pytest

import iml_robot_envs  # noqa: F401
from iml_robot.arbitration import ARBITERS
from iml_robot.asking.always import Always
from iml_robot.core.types import EpisodeInfo, Mode, OperatorSignal, Source
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.operators.simulated import SimulatedOperator
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop

START = EpisodeInfo(0, "practice", "iml/Point-v0", seed=3, options={"index": 4})
ONLY_WHEN_ASKED = {"miss_probability": 1.0, "false_alarms_per_min": 0.0}


class Gentle:
    """A policy that hardly pushes, always to the east."""

    def act(self, observation):
        return np.array([0.02, 0.0], np.float32)


class Nobody:
    def reset(self, *, seed):
        pass

    def advise(self, observation, policy_action, info):
        self.told = info
        return OperatorSignal()


class Seen(NullView):
    def __init__(self):
        self.steps = []

    def show(self, step, info):
        self.steps.append(step)


def drive(operator_of, asker=None, view=None):
    env = gym.make("iml/Point-v0", max_episode_steps=2000, disable_env_checker=True)
    loop = Loop(
        env=env,
        operator=operator_of(env),
        arbiter=ARBITERS.build("takeover", 2),
        recorder=MemoryRecorder(),
        view=view or NullView(),
        pacer=FullSpeedPacer(0.05),
        asker=asker or Always({}, 0.05),
    )
    return loop.drive(Gentle(), START)


def helper(**traits):
    def build(env):
        return SimulatedOperator(env, traits={**ONLY_WHEN_ASKED, **traits})

    return build


def test_an_operator_who_never_answers_loses_the_episode_not_the_robot():
    episode = drive(lambda env: Nobody())
    assert episode.info.outcome == "operator_lost"
    # Two steps until enough have asked, 8 s of asking, 5 s of holding still to its end.
    assert len(episode) == 2 + 160 + 101
    np.testing.assert_allclose(episode.executed_actions[:2], [[0.02, 0.0]] * 2)
    np.testing.assert_allclose(episode.executed_actions[2:162, 0], 0.008)
    np.testing.assert_array_equal(episode.executed_actions[162:], 0)
    assert (episode.sources[2:] == Source.SAFETY).all()


def test_who_is_asked_comes_and_drives_to_the_goal():
    episode = drive(helper(refusal_probability=0))
    assert episode.info.outcome == "success"
    first = episode.takeovers()[0]
    assert episode.asked[first.start]
    assert (episode.asked[2 : first.start]).all()


def test_nobody_comes_who_is_not_asked():
    from iml_robot.asking.never import Never

    assert drive(helper(), asker=Never()).takeovers() == []


def test_a_refusal_lets_the_policy_drive_at_full_speed_for_five_seconds():
    episode = drive(helper(refusal_probability=1, answer_median_s=0.0))
    asked = np.flatnonzero(np.diff(np.r_[False, episode.asked].astype(int)) == 1)
    assert episode.takeovers() == []
    assert asked[0] == 2
    # The step of the refusal is asked still; after it a hundred steps are not.
    assert asked[1] - asked[0] == pytest.approx(101, abs=3)
    quiet = slice(asked[0] + 2, asked[1])
    assert (episode.sources[quiet] == Source.POLICY).all()


def test_frames_of_an_ask_are_never_taken_for_the_policys_own_driving():
    episode = drive(helper())
    assert not (episode.asked & (episode.sources == Source.POLICY)).any()


def test_the_operator_and_the_view_hear_of_it():
    view = Seen()
    nobody = Nobody()
    drive(lambda env: nobody, view=view)
    assert "asking" in nobody.told
    modes = [step.decision.mode for step in view.steps]
    assert modes[2] is Mode.ASKING
    assert view.steps[2].ask.asking
    assert view.steps[2].decision.countdown_s == pytest.approx(8.0, abs=0.05)
