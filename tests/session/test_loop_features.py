"""The loop records what environments tell of how well a robot does."""

import gymnasium as gym
import numpy as np
import pytest

import iml_robot_envs  # noqa: F401
from iml_robot.arbitration import ARBITERS
from iml_robot.core.types import EpisodeInfo, OperatorSignal
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.robots.environment import extra
from iml_robot.session.demonstrations import record_demonstrations
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop

ENV_ID = "iml/Point-v0"
EAST = np.array([0.5, 0.0], np.float32)


class Ahead:
    """Drives east."""

    def act(self, observation):
        return EAST


class Nobody:
    """Never takes over."""

    def reset(self, *, seed):
        del seed

    def advise(self, observation, policy_action, info):
        return OperatorSignal()


class Told(gym.Wrapper):
    """Keeps the features that the environment tells."""

    def __init__(self, env, *, keep=True):
        super().__init__(env)
        self.features, self._keep = [], keep

    def step(self, action):
        *result, info = self.env.step(action)
        self.features.append(info["features"].copy())
        return *result, info if self._keep else {**info, "features": None}


def drive(env):
    """Return an episode without an operator."""
    loop = Loop(
        env=env,
        operator=Nobody(),
        arbiter=ARBITERS.build("takeover", 2, options={"slew_per_s": 1000.0}),
        recorder=MemoryRecorder(),
        view=NullView(),
        pacer=FullSpeedPacer(0.05),
    )
    return loop.drive(Ahead(), EpisodeInfo(0, "practice", ENV_ID, 3, {"index": 4}))


def test_an_episode_has_the_features_that_its_environment_told():
    env = Told(gym.make(ENV_ID, disable_env_checker=True))
    episode = drive(env)
    assert len(episode) > 10
    assert episode.features.dtype == np.float32
    assert episode.features.tobytes() == np.array(env.features).tobytes()
    names = list(extra(env, "reward_features"))
    effort = episode.features[:, names.index("effort")]
    assert effort == pytest.approx(np.mean(EAST**2), rel=1e-6)


def test_an_environment_that_tells_nothing_gives_episodes_without_features():
    episode = drive(Told(gym.make(ENV_ID, disable_env_checker=True), keep=False))
    assert episode.features.shape == (len(episode), 0)


def test_demonstrations_have_features_too():
    env = Told(gym.make(ENV_ID, disable_env_checker=True))
    episodes = record_demonstrations(
        env, {"level": 0}, 2, seed=1, env_id=ENV_ID, on_progress=lambda share: None
    )
    told = np.concatenate([episode.features for episode in episodes])
    assert told.tobytes() == np.array(env.features).tobytes()
