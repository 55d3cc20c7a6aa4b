"""Gymnasium's own wrappers around many robots."""

import gymnasium as gym
import numpy as np
import pytest
from batches import differences, one_by_one, swings, vector
from driving_range import IDS

from iml_robot_envs.autoreset import HAS_MODES

COUNT, LIMIT = 3, 6


def statistics(env):
    """Return the wrapper that adds up the rewards of each episode."""
    if HAS_MODES:
        return gym.wrappers.vector.RecordEpisodeStatistics(env)
    return gym.wrappers.RecordEpisodeStatistics(env)


def without_times(infos):
    """Return infos without how long episodes took on the clock."""
    return {
        key: without_times(value) if isinstance(value, dict) else value
        for key, value in infos.items()
        if key not in ("t", "_t")
    }


def flat(infos):
    """Return infos with the statistics of 0.29, dictionaries in an array, opened."""
    episodes = infos.get("episode")
    if isinstance(episodes, np.ndarray):
        kept = [None if one is None else (one["r"], one["l"]) for one in episodes]
        return {**infos, "episode": repr(kept)}
    return without_times(infos)


@pytest.mark.parametrize("name", IDS)
def test_statistics_of_episodes_are_those_of_single_environments(name):
    envs = [
        statistics(make(name, COUNT, max_episode_steps=LIMIT))
        for make in (one_by_one, vector)
    ]
    for env in envs:
        env.reset(seed=3)
    counted = 0
    for k in range(2 * LIMIT + 2):
        results = [env.step(swings(env, k)) for env in envs]
        told = [flat(result[4]) for result in results]
        assert differences(*told) == [], f"in step {k}"
        counted += "episode" in told[1]
    assert counted >= 1


@pytest.mark.skipif(HAS_MODES, reason="only Gymnasium 0.29 steps in two halves")
@pytest.mark.parametrize("name", IDS)
def test_wrappers_that_step_in_two_halves_change_nothing(name):
    env, wrapped = vector(name, 2), gym.vector.VectorEnvWrapper(vector(name, 2))
    assert differences(wrapped.reset(seed=3), env.reset(seed=3)) == []
    for k in range(4):
        results = [each.step(swings(env, k)) for each in (wrapped, env)]
        assert differences(*results) == []


@pytest.mark.skipif(not HAS_MODES, reason="Gymnasium 0.29 has no wrappers for batches")
@pytest.mark.parametrize("name", IDS)
def test_observations_and_rewards_can_be_wrapped(name):
    env = gym.make_vec(name, num_envs=2)
    wrapped = gym.wrappers.vector.RescaleAction(
        gym.wrappers.vector.TransformReward(env, lambda rewards: 2 * rewards), -2.0, 2.0
    )
    plain = vector(name, 2)
    for each in (wrapped, plain):
        each.reset(seed=0)
    for k in range(4):
        actions = swings(plain, k)
        seen, rewards, *_ = wrapped.step(2 * actions)
        expected, worth, *_ = plain.step(actions)
        np.testing.assert_allclose(seen, expected, atol=1e-4)
        np.testing.assert_allclose(rewards, 2 * worth, atol=1e-4)
