"""What every adaptation must do, however it adapts."""

import gymnasium as gym
import numpy as np
import pytest

import iml_robot_envs  # noqa: F401
from iml_robot.adaptation import ADAPTATIONS
from iml_robot.arbitration.takeover import Takeover
from iml_robot.core.types import EpisodeInfo
from iml_robot.data.recorder import MemoryRecorder
from iml_robot.operators.simulated import SimulatedOperator
from iml_robot.policies.ensemble.files import new_policy
from iml_robot.policies.ensemble.policy import EnsemblePolicy
from iml_robot.policies.ensemble.spaces import spaces_of
from iml_robot.session.headless import FullSpeedPacer, NullView
from iml_robot.session.loop import Loop


@pytest.fixture(params=ADAPTATIONS.names())
def name(request):
    return request.param


@pytest.fixture(scope="module")
def env():
    env = gym.make("iml/Point-v0", disable_env_checker=True)
    yield env
    env.close()


@pytest.fixture(scope="module")
def policy(env):
    return EnsemblePolicy(new_policy("mlp", spaces_of(env), 1).network)


def drive(env, policy, adaptation, episodes):
    """Drive the next episode and return it with the policy that drove."""
    loop = Loop(
        env=env,
        operator=SimulatedOperator(env),
        arbiter=Takeover(act_dim=2),
        recorder=MemoryRecorder(),
        view=NullView(),
        pacer=FullSpeedPacer(0.05),
        adaptation=adaptation,
    )
    start = EpisodeInfo(len(episodes), "practice", "iml/Point-v0", seed=len(episodes))
    driver = adaptation.begin(policy, episodes)
    return loop.drive(driver, start), driver


def test_actions_stay_within_bounds_whatever_was_corrected(env, policy, name):
    adaptation, episodes = ADAPTATIONS.build(name), []
    for _ in range(3):
        episode, driver = drive(env, policy, adaptation, episodes)
        episodes.append(episode)
        actions = driver.act_batch(episode.observations)
        assert actions.dtype == np.float32
        assert np.abs(actions).max() <= 1
    assert sum(len(episode.takeovers()) for episode in episodes) > 0


def test_an_episode_is_the_same_in_a_resumed_session(env, policy, name):
    straight, episodes = ADAPTATIONS.build(name), []
    for _ in range(3):
        episodes.append(drive(env, policy, straight, episodes)[0])
    again, _ = drive(env, policy, ADAPTATIONS.build(name), episodes[:2])
    np.testing.assert_array_equal(again.executed_actions, episodes[2].executed_actions)
    np.testing.assert_array_equal(again.policy_actions, episodes[2].policy_actions)


def test_an_asker_hears_of_the_policys_doubts(env, policy, name):
    driver = ADAPTATIONS.build(name).begin(policy, [])
    driver.act(np.ones(6, np.float32))
    policy_alone = EnsemblePolicy(policy.network)
    policy_alone.act(np.ones(6, np.float32))
    np.testing.assert_array_equal(driver.disagreement, policy_alone.disagreement)


def test_without_corrections_the_policy_drives_as_it_is(env, policy, name):
    driver = ADAPTATIONS.build(name).begin(policy, [])
    seen = np.random.default_rng(0).uniform(-1, 1, (5, 6)).astype(np.float32)
    np.testing.assert_array_equal(driver.act_batch(seen), policy.act_batch(seen))
