"""`iml/DroneForest-v0`: its maps, what is seen of them, and who gets through."""

import gymnasium as gym
import numpy as np
import pytest
from drone_pilots import (
    RECKLESS,
    differences_from_flying_alone,
    flights,
    futures_of_a_snapshot,
    map_of,
    part,
)

import iml_robot_envs  # noqa: F401
from iml_robot_envs.pilots.drone_pilot import DronePilot
from iml_robot_envs.tasks.drone_forest import (
    CLEAR_RADIUS_M,
    CORRIDOR_M,
    DRONE_RADIUS_M,
    FIELDS,
    HIGHEST_M,
    LAYOUT,
    LOWEST_M,
    OBSERVATION_SIZE,
    TASK,
    is_solvable,
)
from iml_robot_envs.terrain import Terrain

pytestmark = pytest.mark.slow

LAYERS, SECTORS = LAYOUT["rays"]["shape"]
LEVEL_RAY = SECTORS * (LAYERS // 2)


# Maps


@pytest.mark.parametrize(("level", "trunks"), [(0, 16), (1, 32)])
def test_familiar_forests_are_as_dense_as_they_say(level, trunks):
    # 0.02 and 0.04 trunks per square metre on 800 m^2, less 2.5 m around start and goal.
    counts = [len(map_of(TASK, level, index).posts) for index in range(40)]
    clear = 2 * np.pi * (CLEAR_RADIUS_M + 0.275) ** 2 / 800
    # Half of the discs may lie outside, and touching trunks are dropped.
    assert trunks * (1 - clear) * 0.9 < np.mean(counts) < trunks * 1.1


@pytest.mark.parametrize("level", range(5))
def test_nothing_stands_where_a_flight_starts_and_ends(level):
    for index in range(6):
        terrain = map_of(TASK, level, index)
        for point in (terrain.start[:2], terrain.goal):
            away = np.hypot(*(terrain.posts[:, :2] - point).T) - terrain.posts[:, 2]
            assert away.min() > 1.0
        assert terrain.goal[0] - terrain.start[0] == 36.0


@pytest.mark.parametrize("level", [2, 4])
def test_a_way_as_wide_as_promised_leads_to_the_goal(level):
    for index in range(3):
        terrain = map_of(TASK, level, index)
        # A flood over points 0.1 m apart, with distances to all posts.
        x, y = np.meshgrid(np.arange(-19.5, 19.6, 0.1), np.arange(-9.5, 9.6, 0.1))
        gap = np.full(x.shape, np.inf)
        for a, b, radius, _ in terrain.posts:
            gap = np.minimum(gap, np.hypot(x - a, y - b) - radius)
        # The planner's samples are 0.25 m apart: a corner may be cut by half of that.
        free = gap > CORRIDOR_M - 0.18
        reached = np.hypot(x - terrain.start[0], y - terrain.start[1]) < 0.5
        before = 0
        while before != reached.sum():
            before = reached.sum()
            for _ in range(20):
                grown = reached.copy()
                grown[1:] |= reached[:-1]
                grown[:-1] |= reached[1:]
                grown[:, 1:] |= reached[:, :-1]
                grown[:, :-1] |= reached[:, 1:]
                reached = grown & free
        at_goal = np.hypot(x - terrain.goal[0], y - terrain.goal[1]) < 0.5
        assert (reached & at_goal).any()


def test_a_wall_across_the_map_is_no_way():
    y = np.arange(-10, 10, 0.5)
    wall = np.column_stack([0 * y, y, 0 * y + 0.2, 0 * y + 9])
    start, goal = np.array([-18.0, 0, 0]), np.array([18.0, 0])
    heights = np.zeros((80, 160))
    assert not is_solvable(Terrain(heights, 0.25, start, goal, posts=wall))
    gap = wall[np.abs(y - 3) > 1.3]
    assert is_solvable(Terrain(heights, 0.25, start, goal, posts=gap))


def test_only_unfamiliar_forests_have_wind_worth_the_name():
    winds = [map_of(TASK, level, 0).wind for level in range(5)]
    means = [float(np.hypot(*wind.mean)) for wind in winds]
    assert means[0] == 0
    assert means[1] <= 1
    assert min(means[2:]) > 2
    gusts = [wind.gust_m_s for wind in winds]
    assert gusts == sorted(gusts)


def test_a_map_depends_on_its_choice_alone():
    one, other = map_of(TASK, 4, 7), map_of(TASK, 4, 7)
    np.testing.assert_array_equal(one.posts, other.posts)
    np.testing.assert_array_equal(one.beams, other.beams)
    assert len(one.beams) > 0
    assert not np.array_equal(one.posts, map_of(TASK, 4, 8).posts)


# What is seen


def started(level=1, index=0):
    env = gym.make("iml/DroneForest-v0", disable_env_checker=True)
    options = {"level": level, "split": "val", "index": index, "noise": 0}
    observation, info = env.reset(options=options)
    return env, observation, info


def test_the_first_observation_says_where_the_goal_is_and_how_high_the_drone():
    for index in range(5):
        env, observation, info = started(index=index)
        terrain = env.unwrapped.simulation.grounds.terrains[0]
        way = terrain.goal - terrain.start[:2]
        off = np.arctan2(way[1], way[0]) - terrain.start[2]
        assert observation.shape == (OBSERVATION_SIZE,)
        assert part(TASK, observation, "goal_forward") == pytest.approx(
            np.cos(off), abs=1e-5
        )
        assert part(TASK, observation, "goal_left") == pytest.approx(np.sin(off), abs=1e-5)
        distance = 20 * part(TASK, observation, "goal_distance")
        assert distance == pytest.approx(np.hypot(*way), abs=1e-4)
        # Noise of 0.01 of 5 m.
        assert 5 * part(TASK, observation, "height") == pytest.approx(1.5, abs=0.25)
        assert info["altitude"] == pytest.approx(1.5)


def test_the_nearest_trunk_is_where_the_nearest_ray_points():
    found = 0
    for index in range(8):
        env, observation, _ = started(level=2, index=index)
        terrain = env.unwrapped.simulation.grounds.terrains[0]
        off = terrain.posts[:, :2] - terrain.start[:2]
        away = np.hypot(*off.T) - terrain.posts[:, 2]
        nearest = int(np.argmin(away))
        bearing = np.arctan2(*off[nearest][::-1]) - terrain.start[2]
        ray = round(bearing / np.radians(10)) % SECTORS
        seen = 10 * observation[LEVEL_RAY + ray]
        if seen < 10:  # One in a hundred is lost.
            assert seen == pytest.approx(away[nearest], abs=0.1)
            found += 1
    assert found >= 6


def test_a_mirrored_world_is_seen_with_the_rays_in_the_opposite_order():
    env, _, _ = started(level=2, index=3)
    simulation = env.unwrapped.simulation
    terrain, motion = simulation.grounds.terrains[0], simulation.robots.motion
    lidar = TASK.senses._lidar
    mirror = Terrain(
        terrain.heights,
        terrain.cell_m,
        terrain.start * [1, -1, -1],
        terrain.goal * [1, -1],
        posts=terrain.posts * [1, -1, 1, 1],
    )
    here = lidar.measure(simulation.grounds, motion.position, motion.heading)[0]
    simulation.grounds.put(0, mirror, simulation.grounds.weather[0])
    there = lidar.measure(
        simulation.grounds, motion.position * [1, -1, 1], -motion.heading
    )[0]
    opposite = (SECTORS - np.arange(SECTORS)) % SECTORS
    np.testing.assert_allclose(there, here[:, opposite], atol=2e-5)


# Episodes


def last(env, action, steps=900):
    for _ in range(steps):
        *_, terminated, truncated, info = env.step(np.float32(action))
        if terminated or truncated:
            break
    return info


def test_flying_into_the_trees_ends_in_a_collision_at_a_trunk():
    env, _, _ = started(level=4, index=1)
    info = last(env, [1, 0, 0, 0])
    terrain = env.unwrapped.simulation.grounds.terrains[0]
    assert info["outcome"] == "collision"
    away = np.hypot(*(terrain.posts[:, :2] - info["position"]).T) - terrain.posts[:, 2]
    # One step at 3 m/s is 0.15 m.
    assert DRONE_RADIUS_M - 0.16 < away.min() < DRONE_RADIUS_M


def test_there_is_a_floor_and_a_ceiling():
    env, _, _ = started(level=0)
    info = last(env, [0, 0, -1, 0])
    assert info["outcome"] == "too_low"
    assert LOWEST_M - 0.1 < info["altitude"] < LOWEST_M
    env, _, _ = started(level=0)
    info = last(env, [0, 0, 1, 0])
    assert info["outcome"] == "too_high"
    assert HIGHEST_M < info["altitude"] < HIGHEST_M + 0.1


def test_many_drones_fly_as_each_alone_bit_for_bit():
    assert differences_from_flying_alone(TASK, steps=60) == []


def test_a_snapshot_has_the_same_future_bit_for_bit():
    original, copy = futures_of_a_snapshot(TASK)
    assert original == copy


@pytest.mark.slow
def test_the_careful_driver_gets_through_forests_of_every_calibrated_level():
    for level in range(4):
        ends = flights(TASK, level, range(4), lambda: DronePilot(LAYOUT))
        assert ends.count("success") >= 4 - (level == 3), (level, ends)


def test_the_reckless_driver_gets_through_familiar_forests_only():
    def reckless():
        return DronePilot(LAYOUT, RECKLESS)

    assert flights(TASK, 0, range(6), reckless).count("success") >= 5
    assert flights(TASK, 2, range(12), reckless).count("success") <= 9


def test_the_driver_sees_the_risk_in_front_of_a_trunk_only():
    driver = DronePilot(LAYOUT)
    free = np.ones(OBSERVATION_SIZE, np.float32)
    free[LAYERS * SECTORS :] = 0
    start = LAYOUT["state"]["start"]
    names = LAYOUT["state"]["names"]
    for name, value in {
        "goal_forward": 1.0, "goal_distance": 1.0, "speed_forward": 2 / 3, "height": 0.4,
    }.items():  # fmt: skip
        free[start + names.index(name)] = value
    ahead, stop = np.float32([2 / 3, 0, 0, 0]), np.float32([-1, 0, 0, 0])
    assert driver.risk(free, ahead) == 0
    trunk = free.copy()
    trunk[[0, SECTORS, 2 * SECTORS]] = 0.2
    # At 2 m/s the drone touches what is 2 m ahead in less than a second.
    assert driver.risk(trunk, ahead) > 0.5
    assert driver.risk(trunk, stop) < 0.5
    beside = free.copy()
    beside[[9, SECTORS + 9, 2 * SECTORS + 9]] = 0.1
    assert driver.risk(beside, ahead) == 0
    free[start + names.index("height")] = 0.24
    assert driver.risk(free, np.float32([0, 0, -1, 0])) > 0.5


@pytest.mark.parametrize("level", range(5))
def test_maps_are_drawn_quickly_enough(level):
    draws = [
        FIELDS[level].build_counted(np.random.default_rng(index))[1] for index in range(10)
    ]
    assert np.mean(draws) < 3
