"""Posts and ice: the maps, what ice does to the rover, its driver, its picture."""

import gymnasium as gym
import numpy as np
import pytest

import iml_robot_envs  # noqa: F401
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.pilots.ice_pilot import IcePilot
from iml_robot_envs.pilots.way_out import WayOut
from iml_robot_envs.soils import COLOURS, COLOURS_RGB, DIRT, ICE, SOILS
from iml_robot_envs.tasks.rover_ice import (
    CELL_M,
    CLEAR_RADIUS_M,
    FIELDS,
    LAYOUT,
    PATCHES,
    ROVER_RADIUS_M,
    SCAN,
    TASK,
)
from iml_robot_envs.terrain import Terrain, usual_grip
from iml_robot_envs.weather import still_air

pytestmark = pytest.mark.slow

GRAVITY = 9.81
SIZE = 120
SCAN_CELLS = 24 * 31


def make_env(**options):
    return gym.make("iml/RoverIce-v0", disable_env_checker=True, **options)


def build(level, seed):
    return FIELDS[level].build(np.random.default_rng(seed))


def terrain_of(env):
    return env.get_wrapper_attr("simulation").grounds.terrains[0]


def around(terrain):
    """Return x and y of all samples of a map."""
    rows, columns = terrain.heights.shape
    x = (np.arange(columns) - (columns - 1) / 2) * terrain.cell_m
    y = (np.arange(rows) - (rows - 1) / 2) * terrain.cell_m
    return np.meshgrid(x, y)


# Physics


def braking_distance(soil, friction):
    """Return how far a rover gets from full speed on level ground, and that speed."""
    grip = usual_grip()
    grip[soil] = friction
    soils = np.full((SIZE, SIZE), soil, np.uint8)
    start = np.array([-8.0, 0.0, 0.0])
    ground = Terrain(
        np.zeros((SIZE, SIZE)), CELL_M, start, np.array([9.0, 0.0]), soils=soils, grip=grip
    )
    grounds = Grounds(1, margin_m=1.0)
    grounds.put(0, ground, still_air())
    rovers = TASK.make_robots(1, 1)
    rovers.place(np.array([0]), grounds)
    for _ in range(100):
        rovers.drive(np.array([[1.0, 0.0]]), grounds, None)
    speed, place = rovers.motion.speed[0], rovers.motion.position[0, 0]
    for _ in range(60):
        rovers.drive(np.zeros((1, 2)), grounds, None)
    assert abs(rovers.motion.speed[0]) < 0.01
    return rovers.motion.position[0, 0] - place, speed


@pytest.mark.parametrize("friction", [0.08, 0.12])
def test_on_ice_it_brakes_by_the_friction_of_the_map(friction):
    distance, speed = braking_distance(ICE, friction)
    assert speed == pytest.approx(1.0, abs=0.03)
    # Rolling resistance helps as long as the wheels turn; the motors lag by 80 ms.
    slowest = speed**2 / (2 * friction * GRAVITY) + speed * 0.08
    fastest = speed**2 / (2 * (friction + SOILS[ICE].rolling) * GRAVITY)
    assert 0.97 * fastest < distance < slowest


def test_on_dirt_it_brakes_at_once():
    distance, speed = braking_distance(DIRT, SOILS[DIRT].friction)
    least = speed**2 / (2 * SOILS[DIRT].friction * GRAVITY)
    assert least < distance < least + speed * 0.08
    assert distance < braking_distance(ICE, 0.12)[0] / 3


# Maps


@pytest.mark.parametrize("level", range(5))
def test_a_map_depends_on_nothing_but_the_generator(level):
    one, same, other = build(level, 5), build(level, 5), build(level, 6)
    for name in ("heights", "soils", "grip", "posts", "start", "goal"):
        np.testing.assert_array_equal(getattr(one, name), getattr(same, name))
    assert (one.heights != other.heights).any()


def test_the_noise_draw_leaves_the_map_alone():
    env = make_env()
    maps, seen = [], []
    for noise in (0, 1):
        options = {"level": 2, "split": "val", "index": 3, "noise": noise}
        seen.append(env.reset(options=options)[0])
        maps.append(terrain_of(env))
    np.testing.assert_array_equal(maps[0].soils, maps[1].soils)
    np.testing.assert_array_equal(seen[0][: 3 * SCAN_CELLS], seen[1][: 3 * SCAN_CELLS])
    assert (seen[0][3 * SCAN_CELLS :] != seen[1][3 * SCAN_CELLS :]).any()


def test_familiar_maps_are_dirt_and_unfamiliar_ones_have_more_and_more_ice():
    shares = []
    for level in range(5):
        maps = [build(level, seed) for seed in range(12)]
        assert {int(s) for m in maps for s in np.unique(m.soils)} <= {DIRT, ICE}
        shares.append(np.mean([(m.soils == ICE).mean() for m in maps]))
    assert shares[:2] == [0, 0]
    assert 0.2 < shares[2] < shares[3] < shares[4] < 0.4


def test_ice_is_as_slippery_as_the_map_says_and_start_and_goal_are_dry():
    grips = []
    for seed in range(8):
        terrain = build(3, seed)
        grips.append(terrain.grip[ICE])
        x, y = around(terrain)
        for point in (terrain.start, terrain.goal):
            near = np.hypot(x - point[0], y - point[1]) < CLEAR_RADIUS_M
            assert (terrain.soils[near] == DIRT).all()
            far = np.hypot(*(terrain.posts[:, :2] - point[:2]).T)
            assert (far - terrain.posts[:, 2] >= CLEAR_RADIUS_M).all()
    assert PATCHES.grip[0] <= min(grips) < max(grips) <= PATCHES.grip[1]
    assert len(set(grips)) == 8


def test_every_post_is_a_bump_of_its_size():
    terrain = build(2, 1)
    assert len(terrain.posts) > 30
    x, y = around(terrain)
    risen = np.zeros(x.shape, bool)
    for post_x, post_y, radius, top in terrain.posts:
        away = np.hypot(x - post_x, y - post_y)
        # Samples lie at most 0.14 m off the axis, on a side that rises within 0.2 m.
        assert top - 0.25 < terrain.heights[away < radius].max() <= top + 1e-9
        risen |= away < radius + CELL_M
    # Between the posts the ground is no steeper than its camber.
    rises = np.abs(np.diff(terrain.heights, axis=0)) / CELL_M
    free = ~(risen[1:] | risen[:-1])
    assert np.degrees(np.arctan(rises[free].max())) < 8


# Episodes


def test_touching_a_post_ends_the_episode():
    env = make_env()
    _, info = env.reset(options={"level": 0, "split": "val", "index": 0})
    posts = terrain_of(env).posts
    post = posts[np.argmin(np.hypot(*(posts[:, :2] - info["position"]).T))]
    for _ in range(400):
        way = post[:2] - info["position"]
        off = np.arctan2(way[1], way[0]) - info["heading"]
        turn = np.arctan2(np.sin(off), np.cos(off))
        action = np.array([np.cos(turn), 2 * turn]).clip(-1, 1).astype(np.float32)
        _, reward, terminated, _, info = env.step(action)
        if terminated:
            break
    assert info["outcome"] == "collision"
    assert reward < -9
    left = np.hypot(*(post[:2] - info["position"])) - post[2]
    assert ROVER_RADIUS_M - 1.2 * TASK.control_dt < left <= ROVER_RADIUS_M


def outcomes_of(pilot, level, indices):
    env = make_env()
    outcomes = []
    for index in indices:
        options = {"level": level, "split": "val", "index": index, "noise": 0}
        observation, info = env.reset(options=options)
        pilot.reset(seed=0)
        ended = False
        while not ended:
            observation, _, terminated, truncated, info = env.step(pilot.act(observation))
            ended = terminated or truncated
        outcomes.append(info["outcome"] or "time_limit")
    return outcomes


@pytest.mark.slow
def test_the_pilot_crosses_9_of_10_icy_maps():
    outcomes = outcomes_of(IcePilot(SCAN, LAYOUT), 2, range(10))
    assert outcomes.count("success") >= 9, outcomes


# Maps on which the ice lies in the way, seen once.
HARD_FOR_THE_NAIVE = (8, 16, 17)


def test_a_driver_who_does_not_know_ice_fails_on_it_and_not_on_dirt():
    naive = IcePilot(SCAN, LAYOUT, sees_ice=False)
    assert outcomes_of(naive, 1, range(2)) == ["success"] * 2
    outcomes = outcomes_of(naive, 2, HARD_FOR_THE_NAIVE)
    assert outcomes.count("success") <= 1, outcomes


# The driver


def observation(*, post=None, ice=None, speed=0.8):
    """Return what is seen of level ground: a post, ice in a box of cells, a goal ahead."""
    heights, white = np.zeros((24, 31)), np.zeros((24, 31))
    if post is not None:
        heights[post[0] - 1 : post[0] + 1, post[1]] = 0.8
    if ice is not None:
        white[ice] = 1.0
    state = np.zeros(12)
    # Goal 10 m ahead; wheels roll.
    state[[0, 2, 3]] = 1.0, 0.5, speed
    state[8:] = speed
    parts = [heights.ravel(), 1 - white.ravel(), white.ravel(), state]
    return np.concatenate(parts).astype(np.float32)


AHEAD = np.float32([0.8, 0.0])
MIDDLE = 15
"""Column of the scan straight ahead; row 3 is abreast of the rover."""


def test_the_pilot_sees_risk_in_a_post_ahead_and_none_beside_it():
    pilot = IcePilot(SCAN, LAYOUT)
    assert pilot.risk(observation(), AHEAD) == 0
    assert pilot.risk(observation(post=(7, MIDDLE)), AHEAD) == 1
    assert pilot.risk(observation(post=(7, MIDDLE + 5)), AHEAD) == 0
    assert pilot.risk(observation(post=(7, MIDDLE)), np.float32([-0.5, 0.0])) == 0


def test_the_pilot_sees_risk_in_ice_that_can_be_avoided():
    pilot = IcePilot(SCAN, LAYOUT)
    puddle = observation(ice=np.s_[5:12, MIDDLE - 3 : MIDDLE + 4])
    assert pilot.risk(puddle, AHEAD) > 0.5
    turn = pilot.act(puddle)
    assert abs(turn[1]) > 0.2
    assert pilot.risk(puddle, turn) < 0.5
    blind = IcePilot(SCAN, LAYOUT, sees_ice=False)
    assert blind.risk(puddle, AHEAD) == 0


def test_on_ice_the_pilot_sees_risk_in_sharp_fast_turns_and_spinning_wheels():
    pilot = IcePilot(SCAN, LAYOUT)
    everywhere = observation(ice=np.s_[:, :])
    assert pilot.risk(everywhere, AHEAD) < 0.5
    assert pilot.risk(everywhere, np.float32([0.9, 0.6])) > 0.5
    assert pilot.risk(everywhere, np.float32([0.4, 0.3])) < 0.5
    spinning = everywhere.copy()
    spinning[3 * SCAN_CELLS + 3] = 0.0
    assert pilot.risk(spinning, AHEAD) == 1


def test_the_pilot_takes_ice_slowly_and_backs_out_where_it_does_not_carry():
    pilot = IcePilot(SCAN, LAYOUT)
    everywhere = observation(ice=np.s_[:, :])
    assert pilot.act(observation())[0] == 1
    assert pilot.act(everywhere)[0] < 0.8
    everywhere[3 * SCAN_CELLS + 3] = 0.0
    assert pilot.act(everywhere)[0] < 0


def test_the_way_out_costs_what_the_shortest_path_does():
    way_out = WayOut(SCAN)
    x = np.zeros(SCAN.shape)
    goal = np.array([4.5, 0.0])
    price = np.ones(x.shape)
    found = way_out.costs(price.ravel(), goal).reshape(x.shape)
    assert found[3, MIDDLE] == pytest.approx(4.5)
    assert found[18, MIDDLE + 5] == pytest.approx(1.5)
    # A wall 2.4 m ahead that is open beyond 3 m to the left: diagonals there and back.
    price[11, : MIDDLE + 10] = 1e3
    found = way_out.costs(price.ravel(), goal).reshape(x.shape)
    straight, diagonal = 0.3, 0.3 * np.sqrt(2)
    assert found[3, MIDDLE] == pytest.approx(18 * diagonal + 2 * straight, rel=0.05)
    # A goal beyond the scan is as far as the crow flies from its rim, and a bit.
    far = way_out.costs(np.ones(x.size), np.array([16.0, 0.0])).reshape(x.shape)
    assert far[3, MIDDLE] == pytest.approx(6.0 + 1.3 * 10.0)


# The picture


def test_the_map_shows_ice_in_another_colour_than_dirt():
    env = make_env(render_mode="rgb_array")
    env.reset(options={"level": 3, "split": "val", "index": 1})
    picture = env.render()
    terrain = terrain_of(env)
    x, y = around(terrain)
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    pixel = np.rint(env.get_wrapper_attr("project")(points)).astype(int)
    # Away from the marks at the rim, the rover in the lower middle, posts and grid lines.
    shown = (np.abs(pixel - 360) < 250).all(axis=1)
    shown &= np.hypot(*(points - terrain.start[:2]).T) > 1
    for post in terrain.posts:
        shown &= np.hypot(*(points - post[:2]).T) > 1.5
    seen = {}
    for soil, colour in ((DIRT, "brown"), (ICE, "white")):
        which = shown & (terrain.soils.ravel() == soil)
        assert which.sum() > 20
        seen[soil] = np.median(picture[pixel[which, 1], pixel[which, 0]], axis=0)
        expected = np.array(COLOURS_RGB[COLOURS.index(colour)])
        assert np.abs(seen[soil] - expected).max() < 45, (seen, expected)
    assert seen[ICE].min() > seen[DIRT].max()
