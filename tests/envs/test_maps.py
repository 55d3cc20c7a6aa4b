"""Maps: reproducible, different from each other, and passable."""

from collections import deque

import gymnasium as gym
import numpy as np
import pytest

from iml_robot_envs.maps import SPLITS, MapChoice
from iml_robot_envs.rocks import RockField, joined
from iml_robot_envs.tasks.rover_rocks import FIELDS
from iml_robot_envs.terrain import Terrain

TASK = "RoverRocks"
# Half of the rover (0.22 m) and a little to steer.
CORRIDOR_HALF_WIDTH_M = 0.35


def draw(level, split="val", index=0):
    return FIELDS[level].build(MapChoice(level, split, index).generator(TASK))


def heights_in_env(env, **choice):
    env.reset(options=choice)
    return env.get_wrapper_attr("simulation").grounds.terrains[0].heights


def test_a_map_depends_on_level_split_and_index_alone():
    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True)
    env.reset(seed=1, options={"level": 4, "split": "train", "index": 77})
    first = heights_in_env(env, level=2, split="val", index=6)
    other = gym.make("iml/RoverRocks-v0", disable_env_checker=True, level=1, split="test")
    other.reset(seed=99)
    np.testing.assert_array_equal(
        heights_in_env(other, level=2, split="val", index=6), first
    )
    np.testing.assert_array_equal(draw(2, index=6).heights, first)


def test_the_seed_of_a_map_is_the_hash_it_is_documented_to_be():
    # sha256("RoverRocks/val/2/6"), its first 8 bytes, the lowest first; from sha256sum.
    seed = int.from_bytes(bytes.fromhex("9c874fcab78956bc"), "little")
    expected = np.random.default_rng(seed).random(4)
    drawn = MapChoice(2, "val", 6).generator(TASK).random(4)
    np.testing.assert_array_equal(drawn, expected)


def test_tasks_levels_splits_and_indices_all_give_other_maps():
    draws = {
        MapChoice(level, split, index).generator(task).random()
        for task in ("RoverRocks", "RoverHills")
        for level in range(5)
        for split in SPLITS
        for index in range(20)
    }
    assert len(draws) == 2 * 5 * len(SPLITS) * 20


@pytest.mark.parametrize("level", range(5))
def test_splits_differ_on_every_level(level):
    maps = [draw(level, split).heights for split in SPLITS]
    for k, one in enumerate(maps):
        assert all(np.abs(one - other).max() > 0.3 for other in maps[:k])


@pytest.mark.parametrize("level", range(5))
def test_the_goal_is_15_to_20_m_away_and_both_ends_are_clear(level):
    for index in range(6):
        terrain = draw(level, index=index)
        distance = np.linalg.norm(terrain.goal - terrain.start[:2])
        assert 15 <= distance <= 20
        for place in (terrain.start[:2], terrain.goal):
            around = place + np.mgrid[-1:1.1:0.25, -1:1.1:0.25].reshape(2, -1).T
            heights = terrain.height_at(*around.T)
            assert np.ptp(heights) < 0.3


@pytest.mark.parametrize("level", range(5))
def test_a_way_as_wide_as_the_rover_joins_start_and_goal(level):
    for index in range(3):
        terrain = draw(level, "test", index)
        blocked = swollen(steep(terrain.heights), CORRIDOR_HALF_WIDTH_M / terrain.cell_m)
        assert reachable(blocked, cell(terrain, terrain.start), cell(terrain, terrain.goal))


def test_a_map_that_cannot_be_crossed_is_drawn_again():
    # So many overlapping ditches that about half of all draws have no way through; the
    # first draw of this generator has none.
    crowded = RockField(rocks=0, ditches=150, roughness_m=0.05, gap_m=-1.5)
    terrain = crowded.build(np.random.default_rng(2))
    blocked = swollen(steep(terrain.heights), CORRIDOR_HALF_WIDTH_M / terrain.cell_m)
    assert reachable(blocked, cell(terrain, terrain.start), cell(terrain, terrain.goal))


@pytest.mark.parametrize(("gap_m", "passable"), [(0.0, False), (0.6, False), (1.6, True)])
def test_only_a_gap_wider_than_the_rover_joins_both_sides_of_a_wall(gap_m, passable):
    axis = (np.arange(120) - 59.5) * 0.2
    x, y = np.meshgrid(axis, axis)
    wall = 0.5 * ((np.abs(x) < 0.5) & (np.abs(y) > gap_m / 2))
    terrain = Terrain(wall, 0.2, np.array([-5.0, 0.0, 0.0]), np.array([5.0, 0.0]))
    assert joined(terrain) is passable


def test_the_search_for_a_way_finds_walls():
    blocked = np.zeros((20, 20), bool)
    assert reachable(blocked, (10, 2), (10, 17))
    blocked[:, 9] = True
    assert not reachable(blocked, (10, 2), (10, 17))


def test_harder_levels_hold_more_obstacles_and_only_unfamiliar_ones_ditches():
    steepness = [
        np.mean([steep(draw(k, index=i).heights).mean() for i in range(6)])
        for k in range(5)
    ]
    assert steepness[0] < steepness[1] < steepness[2] < steepness[4]
    lowest = [min(draw(k, index=i).heights.min() for i in range(6)) for k in range(5)]
    assert min(lowest[:2]) > -0.35
    assert max(lowest[2:]) < -0.35


def steep(heights):
    """Return which cells differ from a neighbour by more than a wheel climbs (0.2 m)."""
    found = np.zeros(heights.shape, bool)
    for axis in (0, 1):
        jump = np.abs(np.diff(heights, axis=axis)) > 0.2
        edge = [(0, 0), (0, 0)]
        for side in ((0, 1), (1, 0)):
            edge[axis] = side
            found |= np.pad(jump, edge)
    return found


def swollen(blocked, radius):
    """Return the cells within a radius [cells] of blocked ones."""
    rows, columns = np.nonzero(blocked)
    y, x = np.indices(blocked.shape)
    nearest = np.full(blocked.shape, np.inf)
    for row, column in zip(rows, columns, strict=True):
        nearest = np.minimum(nearest, (y - row) ** 2 + (x - column) ** 2)
    return nearest <= radius**2


def cell(terrain, place):
    half = (np.array(terrain.heights.shape) - 1) / 2
    return tuple(
        np.rint(np.array([place[1], place[0]]) / terrain.cell_m + half).astype(int)
    )


def reachable(blocked, start, goal):
    """Return whether steps to the four neighbours lead from start to goal."""
    seen, queue = {start}, deque([start])
    while queue:
        row, column = queue.popleft()
        if (row, column) == goal:
            return True
        for near in (
            (row + 1, column),
            (row - 1, column),
            (row, column + 1),
            (row, column - 1),
        ):
            inside = 0 <= near[0] < blocked.shape[0] and 0 <= near[1] < blocked.shape[1]
            if inside and near not in seen and not blocked[near]:
                seen.add(near)
                queue.append(near)
    return False
