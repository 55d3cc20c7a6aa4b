"""`iml/DroneCanyon-v0`: its maps, what is seen of them, and who gets through."""

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
from iml_robot_envs.maps import MapChoice
from iml_robot_envs.pilots.drone_pilot import DronePilot
from iml_robot_envs.simulation import Simulation
from iml_robot_envs.tasks.drone_canyon import (
    ARCHES,
    CANYONS,
    CEILING_M,
    LAYOUT,
    OBSERVATION_SIZE,
    TASK,
)

pytestmark = pytest.mark.slow

LAYERS, SECTORS = LAYOUT["rays"]["shape"]
LEVEL = slice(SECTORS * (LAYERS // 2), SECTORS * (LAYERS // 2 + 1))


def axes(terrain):
    """Return the x and y of a map's samples."""
    rows, columns = terrain.heights.shape
    west, south = -terrain.half_extent_m
    cell = terrain.cell_m
    return west + cell * np.arange(columns), south + cell * np.arange(rows)


def widths(terrain, height_m):
    """Return the width of the canyon at a height, along y, for each x of the way [m]."""
    x, _ = axes(terrain)
    free = (terrain.heights < height_m).sum(axis=0) * terrain.cell_m
    return free[(x > terrain.start[0]) & (x < terrain.goal[0])]


# Maps


@pytest.mark.parametrize("level", range(5))
def test_the_goal_is_60_m_from_the_start_and_both_are_on_the_floor(level):
    for index in range(5):
        terrain = map_of(TASK, level, index)
        assert terrain.goal[0] - terrain.start[0] == pytest.approx(60.0)
        for point in (terrain.start[:2], terrain.goal):
            assert abs(terrain.height_at(*point)) < 0.5


@pytest.mark.parametrize(("level", "canyon"), [(0, 0), (1, 0), (2, 1), (4, 1)])
def test_floors_are_as_wide_as_their_canyon_says(level, canyon):
    difficulty = {0: 0.0, 1: 1.0, 2: 0.0, 4: 1.0}[level]
    least = CANYONS[canyon].width_m.at(difficulty)
    most = least + CANYONS[canyon].wider_m
    steepest = np.radians(CANYONS[canyon].turn_deg.at(difficulty))
    for index in range(4):
        # A leg that turns off by an angle is wider along y by 1/cos.
        across = widths(map_of(TASK, level, index), 0.4)
        assert across.min() > least - 0.6
        # At a bend two legs overlap.
        assert np.median(across) < most / np.cos(steepest) + 1.0


def test_walls_are_higher_than_the_ceiling_all_along_the_way():
    for level in range(5):
        terrain = map_of(TASK, level, 1)
        assert np.quantile(terrain.heights, 0.6) > CEILING_M
        assert widths(terrain, CEILING_M).max() < 25


def test_unfamiliar_canyons_bend_more():
    def swing(level):
        turns = []
        for index in range(10):
            terrain = map_of(TASK, level, index)
            x, y = axes(terrain)
            floor = terrain.heights < 1.0
            middle = (floor * y[:, None]).sum(axis=0) / np.maximum(floor.sum(axis=0), 1)
            middle = middle[(x > -28) & (x < 28)]
            turns.append(np.abs(np.diff(middle[::8])).mean())
        return np.mean(turns)

    assert swing(0) < swing(1) < swing(2) < swing(4)


def test_arches_span_the_canyon_over_or_under_flying_height():
    number = 0
    for index in range(40):
        terrain = map_of(TASK, 4, index)
        number += len(terrain.beams)
        for x0, y0, z0, x1, y1, z1, radius in terrain.beams:
            assert z0 == z1
            for low, high in (ARCHES.low_m, ARCHES.high_m):
                if low <= z0 <= high:
                    break
            else:
                pytest.fail(f"an arch at {z0} m")
            assert ARCHES.radius_m[0] <= radius <= ARCHES.radius_m[1]
            # Its ends are in the rock.
            assert min(terrain.height_at(x, y) for x, y in ((x0, y0), (x1, y1))) > 5
    # Poisson with mean 2.2, less those dropped for being too near another.
    assert 1.0 < number / 40 < 2.4
    assert (
        sum(len(map_of(TASK, level, k).beams) for level in (0, 1) for k in range(10)) == 0
    )


def test_the_wind_sets_in_after_a_calm_beginning_on_unfamiliar_levels():
    assert map_of(TASK, 1, 0).exposure is None
    for level in (2, 3, 4):
        terrain = map_of(TASK, level, 0)
        x, _ = axes(terrain)
        exposure = terrain.exposure
        assert exposure.min() == 0
        assert exposure.max() == 1
        assert (exposure == exposure[:1]).all()
        assert (exposure[0, np.abs(x - terrain.start[0]) < 3] == 0).all()
        # It changes over 2 m.
        assert np.abs(np.diff(exposure[0])).max() <= terrain.cell_m / 2.0 + 1e-9
        assert 2 < np.hypot(*terrain.wind.mean) <= 5


# What is seen


def test_the_lidar_sees_the_walls_as_far_as_they_are():
    simulation = Simulation(TASK, 1)
    for index in range(4):
        simulation.start(np.array([0]), [MapChoice(1, "val", index)])
        terrain = simulation.grounds.terrains[0]
        observation = simulation.observe()[0]
        ranges = 10 * observation[LEVEL]
        place, heading = terrain.start[:2], terrain.start[2]
        for ray in (3, 9, 27, 33):
            angle = heading + np.radians(10 * ray)
            ways = np.arange(0, 10, 0.02)
            points = place + ways[:, None] * [np.cos(angle), np.sin(angle)]
            ground = terrain.height_at(points[:, 0], points[:, 1])
            under = np.flatnonzero(ground > 1.5)
            expected = ways[under[0]] if under.size else 10.0
            if ranges[ray] < 10 and expected < 9.5:
                assert ranges[ray] == pytest.approx(expected, abs=0.35)


def test_a_low_arch_is_seen_level_and_from_below_and_not_above():
    simulation = Simulation(TASK, 1)
    simulation.start(np.array([0]), [MapChoice(0, "val", 0)])
    grounds = simulation.grounds
    terrain = grounds.terrains[0]
    x, y = terrain.start[:2] + 4.0 * np.array(
        [np.cos(terrain.start[2]), np.sin(terrain.start[2])]
    )
    side = np.array([-np.sin(terrain.start[2]), np.cos(terrain.start[2])])
    ends = [[x, y] + 15 * side, [x, y] - 15 * side]
    grounds.beams = np.array([[[*ends[0], 1.5, *ends[1], 1.5, 0.4]]], np.float32)
    ranges = simulation.observe()[0, : LAYERS * SECTORS].reshape(LAYERS, SECTORS) * 10
    # From 1.5 m, 4 m away; the upper layer passes 2.3 m above it.
    assert ranges[LAYERS // 2, 0] == pytest.approx(3.6, abs=0.1)
    assert ranges[LAYERS - 1, 0] > 5


# Episodes


def started(level=0, index=0):
    env = gym.make("iml/DroneCanyon-v0", disable_env_checker=True)
    options = {"level": level, "split": "val", "index": index, "noise": 0}
    observation, _ = env.reset(options=options)
    return env, observation


def last(env, action):
    for _ in range(1200):
        *_, terminated, truncated, info = env.step(np.float32(action))
        if terminated or truncated:
            break
    return info


def test_a_wall_is_hit_from_the_side():
    env, observation = started()
    assert observation.shape == (OBSERVATION_SIZE,)
    info = last(env, [0, 1, 0, 0])
    assert info["outcome"] == "hit_ground"
    terrain = env.unwrapped.simulation.grounds.terrains[0]
    around = [
        terrain.height_at(*np.add(info["position"], off))
        for off in ([0.3, 0], [-0.3, 0], [0, 0.3], [0, -0.3], [0, 0])
    ]
    assert max(around) > info["altitude"] - 0.31


def test_there_is_no_way_over_the_top():
    env, _ = started()
    info = last(env, [0.0, 0, 1, 0])
    assert info["outcome"] == "too_high"
    assert CEILING_M < info["altitude"] < CEILING_M + 0.1
    env, _ = started()
    assert last(env, [0.0, 0.25, 1, 0])["outcome"] in ("too_high", "hit_ground")


def test_height_is_told_above_the_ground_below():
    _, observation = started(index=2)
    assert 5 * part(TASK, observation, "height") == pytest.approx(1.5, abs=0.25)


def test_many_drones_fly_as_each_alone_bit_for_bit():
    assert differences_from_flying_alone(TASK, steps=60) == []


def test_a_snapshot_has_the_same_future_bit_for_bit():
    original, copy = futures_of_a_snapshot(TASK)
    assert original == copy


@pytest.mark.slow
def test_the_careful_driver_gets_through_canyons_of_every_calibrated_level():
    for level in range(4):
        ends = flights(TASK, level, range(4), TASK.make_pilot, steps=1200)
        assert ends.count("success") >= 4 - (level == 3), (level, ends)


def test_who_keeps_one_height_and_remembers_nothing_fails_where_arches_are():
    def reckless():
        return DronePilot(LAYOUT, RECKLESS)

    assert flights(TASK, 0, range(3), reckless, steps=1200).count("success") == 3
    arches = [k for k in range(40) if len(map_of(TASK, 2, k).beams)][:6]
    ends = flights(TASK, 2, arches, reckless, steps=600)
    assert ends.count("success") <= 3, ends
