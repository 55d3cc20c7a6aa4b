"""Going back some seconds in a running environment."""

import gymnasium as gym
import numpy as np
import pytest

import iml_robot_envs  # noqa: F401
from iml_robot.robots.snapshots import EVERY_STEPS, Snapshots

PUSH = np.array([0.02, -0.01], np.float32)


@pytest.fixture
def env():
    env = gym.make("iml/Point-v0", disable_env_checker=True)
    yield env
    env.close()


def drive(env, snapshots, steps, *, since=0):
    """Return what was seen after each step, and the last flags of the end."""
    seen, truncated = {}, False
    for step in range(since, since + steps):
        observation, _, terminated, truncated, _ = env.step(PUSH)
        seen[step + 1] = observation
        snapshots.keep(step + 1)
        if terminated or truncated:
            break
    return seen, truncated


def test_one_goes_back_to_what_was_seen_then(env):
    env.reset(seed=3, options={"index": 4})
    snapshots = Snapshots(env, steps=20)
    snapshots.keep(0)
    seen, _ = drive(env, snapshots, 50)
    back = snapshots.newest_before(50)
    assert 30 - EVERY_STEPS < back <= 30
    observation, info = snapshots.go_back(back)
    np.testing.assert_array_equal(observation, seen[back])
    assert info["outcome"] == ""
    again, _ = drive(env, snapshots, 20, since=back)
    np.testing.assert_array_equal(again[back + 20], seen[back + 20])


def test_near_the_start_one_goes_back_to_the_start(env):
    env.reset(seed=3)
    snapshots = Snapshots(env, steps=60)
    snapshots.keep(0)
    drive(env, snapshots, 10)
    assert snapshots.newest_before(10) == 0


def test_nothing_was_kept_nowhere_to_go(env):
    assert Snapshots(env, steps=60).newest_before(10) is None


def test_going_back_gives_nobody_more_time(env):
    limit = env.spec.max_episode_steps
    env.reset(seed=3, options={"index": 4})
    snapshots = Snapshots(env, steps=20)
    still = np.zeros(2, np.float32)
    for step in range(100):
        env.step(still)
        snapshots.keep(step + 1)
    back = snapshots.newest_before(100)
    snapshots.go_back(back)
    steps, truncated = 0, False
    while not truncated:
        _, _, _, truncated, _ = env.step(still)
        steps += 1
    assert back + steps == limit


def test_an_environment_without_snapshots_says_so():
    env = gym.make("Pendulum-v1")
    assert not Snapshots(env, steps=20).possible
    env.close()
