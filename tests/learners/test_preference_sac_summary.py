"""Observations told in a few numbers: what stands where."""

import gymnasium as gym
import numpy as np
import pytest
import torch

from iml_robot.policies.ensemble.network import Spaces
from iml_robot.policies.summary.sectors import summary_of


@pytest.fixture(params=["RoverRocks", "DroneForest"])
def spaces(request):
    env = gym.make(f"iml_robot_envs:iml/{request.param}-v0", disable_env_checker=True)
    layout = env.get_wrapper_attr("observation_layout")
    sizes = env.observation_space.shape[0], env.action_space.shape[0]
    env.close()
    return Spaces(*sizes, layout)


def empty_surroundings(spaces):
    """An observation with nothing near, and a state that tells its own numbers."""
    seen = np.zeros(spaces.observation_size, np.float32)
    if "rays" in spaces.layout:
        seen[: spaces.layout["state"]["start"]] = 1.0
    state = spaces.layout["state"]
    start, length = state["start"], len(state["names"])
    seen[start : start + length] = np.arange(length)
    return seen


def with_obstacle(spaces, bearing_deg, distance_m):
    """The same with something at one place."""
    seen, layout = empty_surroundings(spaces), spaces.layout
    if "rays" in layout:
        layers, rays = layout["rays"]["shape"]
        ray = round(bearing_deg / 360 * rays) % rays
        seen[(layers // 2) * rays + ray] = distance_m / layout["rays"]["range_m"]
        return seen
    scan = layout["scan"]
    rows, columns = scan["shape"]
    spots = np.radians(bearing_deg)
    x, y = distance_m * np.cos(spots), distance_m * np.sin(spots)
    row = round((x - scan["x_m"][0]) / (scan["x_m"][1] - scan["x_m"][0]) * (rows - 1))
    column = round((y - scan["y_m"][0]) / (scan["y_m"][1] - scan["y_m"][0]) * (columns - 1))
    seen[row * columns + column] = 0.5
    return seen


def summarised(spaces, seen):
    return summary_of(spaces)(torch.from_numpy(seen[None]))[0].numpy()


def nearness(spaces, seen):
    states = len(spaces.layout["state"]["names"])
    return summarised(spaces, seen)[:-states]


def test_the_state_is_told_as_it_is_and_nothing_is_near(spaces):
    seen = empty_surroundings(spaces)
    told, summary = summarised(spaces, seen), summary_of(spaces)
    states = len(spaces.layout["state"]["names"])
    assert len(told) == summary.size < 40
    np.testing.assert_array_equal(told[-states:], np.arange(states))
    np.testing.assert_array_equal(told[:-states], 0)


def test_what_is_nearer_counts_more(spaces):
    found = [nearness(spaces, with_obstacle(spaces, 0, d)).max() for d in (1.5, 3.0, 4.5)]
    assert 1 > found[0] > found[1] > found[2] > 0


def test_left_and_right_are_told_alike(spaces):
    left = nearness(spaces, with_obstacle(spaces, 40, 3.0))
    right = nearness(spaces, with_obstacle(spaces, -40, 3.0))
    if "rays" in spaces.layout:
        image = right[-np.arange(len(right))]
    else:
        image = np.r_[right[:-1][::-1], right[-1]]
    assert not np.array_equal(left, right)
    np.testing.assert_allclose(left, image, atol=1e-6)


def test_what_is_behind_is_not_told_as_what_is_ahead(spaces):
    ahead = nearness(spaces, with_obstacle(spaces, 0, 0.8))
    behind = nearness(spaces, with_obstacle(spaces, 180, 0.8))
    assert ahead.max() > 0.3
    assert behind.max() > 0.3
    assert ahead.argmax() != behind.argmax()


def test_a_gentle_slope_is_no_obstacle():
    """A plane of 10 degrees rises by 5 cm from cell to cell."""
    env = gym.make("iml_robot_envs:iml/RoverRocks-v0", disable_env_checker=True)
    layout = env.get_wrapper_attr("observation_layout")
    env.close()
    spaces = Spaces(756, 2, layout)
    rows, columns = layout["scan"]["shape"]
    x = np.linspace(*layout["scan"]["x_m"], rows)
    seen = empty_surroundings(spaces)
    seen[: rows * columns] = np.repeat(np.tan(np.radians(10)) * x, columns)
    assert nearness(spaces, seen).max() < 0.1


def test_observations_of_other_environments_stay_as_they_are():
    seen = np.random.default_rng(0).normal(size=7).astype(np.float32)
    np.testing.assert_array_equal(summarised(Spaces(7, 2), seen), seen)
