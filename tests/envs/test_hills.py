"""`iml/RoverHills-v0`: its maps, what is seen of them, and who crosses them."""

import gymnasium as gym
import numpy as np
import pytest
from driver_trials import trial

from iml_robot_envs.maps import MapChoice
from iml_robot_envs.pilots.hills_pilot import KNOWS_NO_SAND, HillsPilot
from iml_robot_envs.soils import COLOUR_OF_SOIL, COLOURS, COLOURS_RGB, SAND, WET_GRASS
from iml_robot_envs.tasks.rover_hills import (
    CELL_M,
    FIELDS,
    GOAL_RADIUS_M,
    LAYOUT,
    SCAN,
    SIDE_M,
    TASK,
    is_solvable,
)
from iml_robot_envs.tasks.rover_hills import (
    COLOURS as SHOWN,
)
from iml_robot_envs.terrains.hills import slopes

pytestmark = pytest.mark.slow

CELLS = SCAN.shape[0] * SCAN.shape[1]


def map_of(level, index, split="val"):
    return FIELDS[level].build(MapChoice(level, split, index).generator(TASK.name))


def drive(level, indices, make_pilot, split="val", steps=2400):
    """Return how a driver's episodes on some maps end, and the simulation."""
    simulation = trial(TASK, level, indices, make_pilot, split=split, steps=steps)
    return simulation.outcomes, simulation


def part(observation, name):
    return observation[LAYOUT["state"]["start"] + LAYOUT["state"]["names"].index(name)]


# Maps


@pytest.mark.parametrize("level", range(5))
def test_a_map_can_be_crossed_and_has_its_ends_in_opposite_corners(level):
    for index in range(4):
        terrain = map_of(level, index)
        assert is_solvable(terrain)
        way = terrain.goal - terrain.start[:2]
        assert 41 <= np.hypot(*way) <= 48.1
        assert np.abs(terrain.goal).max() < SIDE_M / 2 - 2
        assert (np.sign(terrain.goal) == -np.sign(terrain.start[:2])).all()


@pytest.mark.parametrize("level", [0, 1])
def test_familiar_ground_is_firm_and_gentle(level):
    for index in range(4):
        terrain = map_of(level, index)
        assert not np.isin(terrain.soils, [SAND, WET_GRASS]).any()
        steepness = np.degrees(np.arctan(slopes(terrain.heights, CELL_M)))
        assert np.percentile(steepness, 95) < 20
        assert len(np.unique(terrain.soils)) == 3


@pytest.mark.parametrize(("level", "share"), [(2, 0.25), (3, 0.33), (4, 0.28)])
def test_unfamiliar_ground_is_partly_sand(level, share):
    shares = [(map_of(level, index).soils == SAND).mean() for index in range(6)]
    assert np.mean(shares) == pytest.approx(share, abs=0.03)


def test_only_the_hardest_level_has_wet_grass():
    assert not any((map_of(3, index).soils == WET_GRASS).any() for index in range(4))
    assert all((map_of(4, index).soils == WET_GRASS).any() for index in range(4))


def test_a_way_without_firm_ground_is_not_solvable():
    terrain = map_of(0, 0)
    band = np.abs(np.arange(terrain.heights.shape[0]) - 100) < 5
    terrain.soils[band] = SAND
    assert not is_solvable(terrain)


def test_the_same_map_is_the_same_and_another_is_another():
    one, same, other = map_of(2, 7), map_of(2, 7), map_of(2, 8)
    np.testing.assert_array_equal(one.heights, same.heights)
    np.testing.assert_array_equal(one.soils, same.soils)
    assert np.abs(one.heights - other.heights).max() > 0.3


# Senses


def test_the_scan_shows_heights_and_colours_of_the_ground_where_they_are():
    _, simulation = drive(2, [3], TASK.make_pilot, steps=150)
    terrain = simulation.grounds.terrains[0]
    observation = simulation.observe()[0]
    motion = simulation.robots.motion
    x, y, z = motion.position[0]
    cos, sin = np.cos(motion.heading[0]), np.sin(motion.heading[0])
    ahead, left = np.meshgrid(SCAN.x_m, SCAN.y_m, indexing="ij")
    east, north = x + cos * ahead - sin * left, y + sin * ahead + cos * left
    inside = np.maximum(abs(east), abs(north)) < SIDE_M / 2 - 0.2
    assert inside.mean() > 0.3

    heights = terrain.height_at(east, north) - (z - 0.128)
    seen = observation[:CELLS].reshape(SCAN.shape)
    expected = np.clip(heights, -3, 3)
    np.testing.assert_allclose(seen[inside], expected[inside], atol=2e-3)

    column, row = ((place + SIDE_M / 2) // CELL_M for place in (east, north))
    soils = terrain.soils[
        np.clip(row, 0, 199).astype(int), np.clip(column, 0, 199).astype(int)
    ]
    for number, name in enumerate(SHOWN):
        shown = observation[(1 + number) * CELLS : (2 + number) * CELLS]
        colour = np.isin(
            soils, [s for s, c in enumerate(COLOUR_OF_SOIL) if COLOURS[c] == name]
        )
        agree = shown.reshape(SCAN.shape)[inside] == colour[inside]
        # A point on the border of two samples may count for either.
        assert agree.mean() > 0.995, name


def test_every_observation_is_within_the_box():
    env = gym.make("iml/RoverHills-v0", level=3, split="val").unwrapped
    observation, _ = env.reset(seed=0)
    pilot = env.make_pilot()
    pilot.reset(seed=0)
    for _ in range(200):
        assert env.observation_space.contains(observation)
        observation, _, ended, _, _ = env.step(pilot.act(observation))
        assert not ended
    env.close()


# Drivers


@pytest.mark.slow
def test_the_pilot_crosses_familiar_and_unfamiliar_maps():
    for level, indices in ((1, [0]), (2, [0, 1, 2]), (3, [0])):
        outcomes, simulation = drive(level, indices, TASK.make_pilot)
        assert outcomes == ["success"] * len(indices), level
        assert (simulation.goal_distance_m <= GOAL_RADIUS_M).all()


def test_who_does_not_know_sand_gets_stuck_in_it():
    """The maps on which a driver failed who crosses familiar ground without fail."""
    outcomes, simulation = drive(
        2, [2, 5, 13], lambda: HillsPilot(SCAN, LAYOUT, caution=KNOWS_NO_SAND), "test"
    )
    assert outcomes == ["stuck"] * 3
    assert simulation.robots._traction.sinkage.max(axis=1).min() > 0.5


def test_backing_out_of_sand_ends_a_standstill():
    pilot = TASK.make_pilot()
    pilot.reset(seed=0)
    _, simulation = drive(0, [0], TASK.make_pilot, steps=40)
    spinning = simulation.observe()[0]
    names, start = LAYOUT["state"]["names"], LAYOUT["state"]["start"]
    for name in names[8:]:
        spinning[start + names.index(name)] = 0.9
    spinning[start + names.index("speed")] = 0.05
    actions = [pilot.act(spinning)[0] for _ in range(30)]
    assert actions[0] > 0
    assert actions[-1] < 0


# The pilot's sense of danger


def scene(heights=None, sand=None):
    """Return an observation on the flat at rest, with changes."""
    observation = np.zeros(TASK.senses.size, np.float32)
    x, y = np.meshgrid(SCAN.x_m, SCAN.y_m, indexing="ij")
    if heights is not None:
        observation[:CELLS] = np.clip(heights(x, y), -3, 3).ravel()
    tan = (1 + SHOWN.index("tan")) * CELLS
    if sand is not None:
        observation[tan : tan + CELLS] = sand(x, y).ravel()
    start = LAYOUT["state"]["start"]
    observation[start], observation[start + 2] = 1.0, 1.5
    return observation


def climb(degrees):
    return lambda x, y: np.tan(np.radians(degrees)) * x


STRAIGHT = np.array([1.0, 0.0], np.float32)


def test_flat_ground_and_flat_sand_are_no_risk():
    pilot = TASK.make_pilot()
    assert pilot.risk(scene(), STRAIGHT) < 0.1
    assert pilot.risk(scene(sand=lambda x, y: x > 0), STRAIGHT) < 0.3


def test_sand_uphill_is_a_risk_and_firm_ground_as_steep_is_none():
    pilot = TASK.make_pilot()
    assert pilot.risk(scene(climb(9)), STRAIGHT) < 0.1
    assert pilot.risk(scene(climb(9), sand=lambda x, y: x > 1), STRAIGHT) > 0.5
    assert pilot.risk(scene(climb(-9), sand=lambda x, y: x > 1), STRAIGHT) < 0.3


def test_standing_still_is_no_risk():
    pilot = TASK.make_pilot()
    steep = scene(climb(25), sand=lambda x, y: x > 0)
    assert pilot.risk(steep, STRAIGHT) == 1.0
    assert pilot.risk(steep, np.zeros(2, np.float32)) == 0.0


@pytest.mark.parametrize("side", [-1, 1])
def test_the_pilot_drives_round_sand_that_rises_ahead(side):
    pilot = TASK.make_pilot()
    pilot.reset(seed=0)
    observation = scene(climb(9), sand=lambda x, y: (x > 2) & (x < 6) & (side * y < 1))
    assert side * pilot.act(observation)[1] > 0.05


def test_the_pilot_is_the_same_in_the_mirror():
    simulation = drive(2, [0], TASK.make_pilot, steps=60)[1]
    observation = simulation.observe()[0]
    mirrored = observation.copy()
    grids = observation[: 5 * CELLS].reshape(5, *SCAN.shape)
    mirrored[: 5 * CELLS] = grids[:, :, ::-1].ravel()
    names, start = LAYOUT["state"]["names"], LAYOUT["state"]["start"]
    for name in LAYOUT["state"]["mirror_negative"]:
        mirrored[start + names.index(name)] *= -1
    turns = []
    for seen in (observation, mirrored):
        pilot = TASK.make_pilot()
        pilot.reset(seed=0)
        turns.append(pilot.act(seen))
    assert turns[0][0] == pytest.approx(turns[1][0], abs=1e-5)
    assert turns[0][1] == pytest.approx(-turns[1][1], abs=1e-5)


# Picture


def test_the_picture_shows_sand_in_its_colour():
    env = gym.make("iml/RoverHills-v0", render_mode="rgb_array", level=3).unwrapped
    env.reset(options={"level": 3, "split": "val", "index": 4})
    env.render()
    terrain = env.simulation.grounds.terrains[0]
    rows, columns = np.nonzero(terrain.soils == SAND)
    places = (np.stack([columns, rows], axis=1) - 99.5) * CELL_M
    picture = env.render()
    pixels = np.rint(env.project(places)).astype(int)
    size = np.array(picture.shape[1::-1])
    pixels = pixels[((pixels > 0) & (pixels < size)).all(axis=1)]
    assert len(pixels) > 100
    shown = np.median(picture[pixels[:, 1], pixels[:, 0]], axis=0)
    sand = np.array(COLOURS_RGB[COLOURS.index("tan")], float)
    others = [c for c in COLOURS_RGB if tuple(c) != tuple(sand)]
    nearest = min(np.linalg.norm(shown - np.array(c)) for c in others)
    assert np.linalg.norm(shown - sand) < nearest
    env.close()
