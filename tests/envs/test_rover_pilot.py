"""The scripted driver gets a rover across unfamiliar ground."""

import gymnasium as gym
import numpy as np
import pytest

import iml_robot_envs  # noqa: F401

LEVEL = 2


def drive(env, index, act):
    """Return how the pilot's or another driver's run on a map ends."""
    observation, info = env.reset(options={"level": LEVEL, "split": "val", "index": index})
    ended = False
    while not ended:
        observation, _, terminated, truncated, info = env.step(act(observation))
        ended = terminated or truncated
    return info["outcome"] or "time_limit"


@pytest.mark.slow
def test_the_pilot_reaches_the_goal_on_9_of_10_maps_with_ditches():
    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True)
    pilot = env.get_wrapper_attr("make_pilot")()
    outcomes = []
    for index in range(10):
        pilot.reset(seed=0)
        outcomes.append(drive(env, index, pilot.act))
    assert outcomes.count("success") >= 9, outcomes


def test_driving_straight_at_the_goal_fails_on_most_of_these_maps():
    def straight(observation):
        ahead, left = observation[744:746]
        return np.clip([1.0, 2 * np.arctan2(left, ahead)], -1, 1).astype(np.float32)

    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True)
    outcomes = [drive(env, index, straight) for index in range(10)]
    assert outcomes.count("success") <= 5, outcomes


def test_the_pilot_sees_risk_in_front_of_a_wall_and_none_on_free_ground():
    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True)
    pilot = env.get_wrapper_attr("make_pilot")()
    scan = np.zeros((24, 31), np.float32)
    ahead, away = np.float32([0.8, 0.0]), np.float32([0.3, 1.0])
    free = np.concatenate([scan.ravel(), np.zeros(12, np.float32)])
    assert pilot.risk(free, ahead) == 0
    # A wall from 0.6 m to 1.2 m ahead; row 3 of the scan is abreast of the robot.
    scan[5:8, :] = 0.4
    wall = np.concatenate([scan.ravel(), np.zeros(12, np.float32)])
    assert pilot.risk(wall, ahead) == 1
    assert pilot.risk(wall, np.float32([0.0, 1.0])) == 0
    assert pilot.risk(free, away) == 0
