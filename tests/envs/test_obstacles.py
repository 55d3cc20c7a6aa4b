"""What is in the way is what the map has there, and what ends episodes."""

import gymnasium as gym
import numpy as np
import pytest
from scipy import ndimage

from iml_robot_envs.obstacles import EDGE, GROUND, SOLID, STEEP


def started(name, level=3, index=0):
    env = gym.make(f"iml_robot_envs:iml/{name}-v0", disable_env_checker=True).unwrapped
    env.reset(seed=0, options={"level": level, "split": "train", "index": index})
    return env, env.simulation.grounds.terrains[0]


def test_steps_are_where_the_maps_of_rocks_are_blocked():
    env, terrain = started("RoverRocks")
    heights = terrain.heights
    span = ndimage.maximum_filter(heights, 3) - ndimage.minimum_filter(heights, 3)
    blocked = ndimage.maximum_filter(span > 0.25, 3)
    rows, columns = np.indices(heights.shape)
    middle = (np.array(heights.shape) - 1) / 2
    inside = (slice(5, -5),) * 2
    points = np.stack([columns - middle[1], rows - middle[0]], axis=-1) * terrain.cell_m
    words = np.array(env.in_the_way(points[inside].reshape(-1, 2)))
    assert set(words) == {"", STEEP}
    np.testing.assert_array_equal(words == STEEP, blocked[inside].ravel())
    env.close()


@pytest.mark.parametrize("name", ["RoverIce", "DroneForest"])
def test_posts_are_in_the_way_as_wide_as_they_are(name):
    env, terrain = started(name)
    x, y, radius, top = terrain.posts[0]
    if name == "DroneForest":
        assert top > env.simulation.robots.motion.position[0, 2]
    across = np.array([0.0, radius, radius + 0.15])
    words = env.in_the_way(np.column_stack([x + across, np.full(3, y)]))
    assert words == [SOLID] * 3
    env.close()


def test_walls_of_a_canyon_and_the_edge_of_the_map_are_in_the_way():
    env, terrain = started("DroneCanyon")
    high = np.unravel_index(terrain.heights.argmax(), terrain.heights.shape)
    middle = (np.array(terrain.heights.shape) - 1) / 2
    wall = np.array([high[1] - middle[1], high[0] - middle[0]]) * terrain.cell_m
    beyond = terrain.half_extent_m * [1.0, 0.0]
    start = terrain.start[:2]
    wall = np.clip(wall, 1.0 - terrain.half_extent_m, terrain.half_extent_m - 1.0)
    assert terrain.height_at(*wall) > terrain.heights.max() / 2
    assert env.in_the_way(np.array([wall, beyond, start])) == [GROUND, EDGE, ""]
    env.close()


def test_nothing_is_in_the_way_of_what_a_pilot_drove():
    env, _ = started("RoverHills")
    seen, pilot, way = env._simulation.observe()[0], env.make_pilot(), []
    pilot.reset(seed=0)
    for _ in range(200):
        seen, *_, info = env.step(pilot.act(seen))
        way.append(info["position"])
    assert set(env.in_the_way(np.array(way))) == {""}
    env.close()
