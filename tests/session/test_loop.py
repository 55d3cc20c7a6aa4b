"""The loop: who acts, what is recorded, when it ends."""

import gymnasium as gym
import numpy as np

import iml_robot_envs  # noqa: F401
from iml_robot.arbitration import ARBITERS
from iml_robot.core.types import EpisodeInfo, OperatorSignal, Request, Source
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop

LEFT = np.array([-1.0, 0.0], np.float32)
START = EpisodeInfo(0, "practice", "iml/Point-v0", seed=3, options={"index": 4})


class Still:
    """A policy that does nothing."""

    def act(self, observation):
        return np.zeros(2, np.float32)


class Script:
    """An operator that gives one signal a step, then lets go."""

    def __init__(self, signals):
        self._signals = signals

    def reset(self, *, seed):
        self._left = list(self._signals)

    def advise(self, observation, policy_action, info):
        return self._left.pop(0) if self._left else OperatorSignal()


class Seen(NullView):
    def __init__(self):
        self.steps = []

    def show(self, step, info):
        self.steps.append((step, info))


def drive(signals, policy=None):
    view = Seen()
    loop = Loop(
        env=gym.make("iml/Point-v0", disable_env_checker=True),
        operator=Script(signals),
        arbiter=ARBITERS.build("takeover", 2, options={"slew_per_s": 1000.0}),
        recorder=MemoryRecorder(),
        view=view,
        pacer=FullSpeedPacer(0.05),
    )
    return loop.drive(policy or Still(), START), view


GRIP = OperatorSignal(action=LEFT, gripping=True)


def test_nobody_there_leaves_the_robot_to_the_policy_until_the_time_limit():
    episode, _ = drive([])
    assert episode.info.outcome == "time_limit"
    assert not episode.info.terminated
    assert len(episode) == 200
    assert (episode.sources == Source.POLICY).all()
    assert np.isnan(episode.operator_actions).all()


def test_the_operators_action_is_executed_at_the_step_of_the_takeover():
    episode, _ = drive([OperatorSignal()] * 3 + [GRIP] * 10)
    np.testing.assert_array_equal(episode.sources[:3], Source.POLICY)
    np.testing.assert_array_equal(episode.sources[3:13], Source.OPERATOR)
    np.testing.assert_allclose(episode.executed_actions[3:13], np.tile(LEFT, (10, 1)))
    np.testing.assert_array_equal(episode.policy_actions[3:13], 0)
    assert episode.takeovers() == [slice(3, 13)]


def test_after_the_release_the_action_fades_and_is_marked_as_a_blend():
    episode, _ = drive([GRIP] * 5)
    blend = episode.sources == Source.BLEND
    assert 5 <= blend.sum() <= 7  # 0.3 s at 20 Hz
    shares = episode.authorities[blend]
    assert (np.diff(shares) < 0).all()
    np.testing.assert_allclose(
        episode.executed_actions[blend, 0], -shares, atol=1e-6
    )  # a share of LEFT and the rest of standing still


def test_a_pause_stops_the_world_and_records_nothing():
    pause = OperatorSignal(requests=frozenset({Request.PAUSE}))
    episode, view = drive([pause, *[OperatorSignal()] * 30, pause])
    assert len(view.steps) > len(episode) == 200
    times = [info["sim_time"] for _, info in view.steps[:30]]
    assert times == [0.0] * 30


def test_an_operator_who_ends_the_episode_ends_it_at_once():
    end = OperatorSignal(requests=frozenset({Request.END_EPISODE}))
    episode, _ = drive([OperatorSignal()] * 7 + [end])
    assert episode.info.outcome == "ended_by_operator"
    assert len(episode) == 8


def test_a_policy_that_gives_nonsense_never_reaches_the_robot():
    class Broken(Still):
        def act(self, observation):
            return np.full(2, np.nan, np.float32)

    episode, _ = drive([], Broken())
    assert np.isfinite(episode.executed_actions).all()
    assert (episode.sources == Source.SAFETY).all()
    assert episode.info.outcome in ("policy_fault", "operator_lost")


def test_observations_are_one_more_than_steps_and_follow_the_environment():
    episode, _ = drive([GRIP] * 20)
    assert episode.observations.shape == (len(episode) + 1, 6)
    env = gym.make("iml/Point-v0", disable_env_checker=True)
    observation, _ = env.reset(seed=3, options={"index": 4})
    for step in range(len(episode)):
        np.testing.assert_array_equal(observation, episode.observations[step])
        observation, reward, *_ = env.step(episode.executed_actions[step])
        assert episode.rewards[step] == np.float32(reward)
