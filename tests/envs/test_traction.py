"""Wheels on soils against textbook mechanics and against what sand is known to do."""

import numpy as np
import pytest
from driving_range import AXIS, CELL, CONTROL_DT, GRAVITY, SIZE, WHEEL_DOFS, X, Y

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.rover import Rovers
from iml_robot_envs.soils import DIRT, DRY_GRASS, GRAVEL, ICE, SAND, SLAB, SOILS, WET_GRASS
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.weather import still_air

WEIGHT = (16.52 + 4 * 0.477) * GRAVITY
AHEAD, STILL, BACK = (1.0, 0.0), (0.0, 0.0), (-1.0, 0.0)


class SoilRange:
    """Rovers on maps, which all have soils or none."""

    def __init__(self, *maps):
        self.count = len(maps)
        self.rovers = Rovers(
            self.count,
            rows=SIZE,
            columns=SIZE,
            cell_m=CELL,
            control_dt=CONTROL_DT,
            height_range_m=20.0,
        )
        self.grounds = Grounds(self.count, margin_m=1.0)
        self.traction = self.rovers._traction
        self.put(*maps)

    def put(self, *maps):
        for robot, terrain in enumerate(maps):
            self.grounds.put(robot, terrain, still_air())
        self.rovers.place(np.arange(self.count), self.grounds)

    def drive(self, steps, *actions, which=None):
        """Drive all rovers, each by its action or all by the only one."""
        rows = np.array(actions if len(actions) == self.count else actions * self.count)
        for _ in range(steps):
            self.rovers.drive(rows.astype(float), self.grounds, which)
        return self.rovers.motion

    def lock_wheels(self):
        for robot, model in enumerate(self.rovers.models):
            model.dof_armature[WHEEL_DOFS] = 1e4
            self.rovers.batch.bind("qvel")[robot, WHEEL_DOFS] = 0
        self.rovers.batch.set_models(self.rovers.models)


def ground(soil=DIRT, *, heights=None, grip=None, heading=0.0, start=(0.0, 0.0)):
    """Return a map of one soil, or of the soils given for each sample."""
    soils = np.full((SIZE, SIZE), soil, np.uint8) if np.isscalar(soil) else soil
    terrain = Terrain(
        np.zeros((SIZE, SIZE)) if heights is None else heights,
        CELL,
        np.array([*start, heading]),
        np.array([9.0, 0.0]),
        soils=soils,
    )
    if grip is not None:
        terrain.grip[:] = grip
    return terrain


def uphill(degrees):
    """Return ground that rises to the east from the middle of the map."""
    return np.tan(np.radians(degrees)) * X


def test_locked_wheels_on_ice_need_the_braking_distance_of_the_textbook():
    friction = SOILS[ICE].friction
    east = np.full((SIZE, SIZE), DIRT, np.uint8)
    east[:, AXIS > 3.0] = ICE
    # A seam of the height field may catch a wheel: seven rovers on lines of their own.
    run = SoilRange(*(ground(east, start=(0.03 * k, 0.37 * k - 1.1)) for k in range(7)))
    while run.rovers.motion.position[:, 0].min() < 3.3:
        run.drive(1, AHEAD)
    speed = run.rovers.motion.speed
    start = np.array(run.rovers.motion.position[:, 0])
    run.lock_wheels()
    end = run.drive(50, STILL)
    assert end.speed == pytest.approx(0, abs=0.01)
    ratio = (end.position[:, 0] - start) / (speed**2 / (2 * friction * GRAVITY))
    assert np.median(ratio) == pytest.approx(1, rel=0.06)


@pytest.mark.parametrize("soil", [WET_GRASS, ICE])
@pytest.mark.parametrize("ground_of", [X, Y], ids=["along", "across"])
@pytest.mark.parametrize("share", [0.85, 1.25])
def test_a_parked_rover_slides_above_the_angle_of_friction(soil, ground_of, share):
    slope = np.arctan(SOILS[soil].friction) * share
    heights = np.tan(slope) * ground_of
    run = SoilRange(ground(soil, heights=heights))
    run.lock_wheels()
    start = np.array(run.rovers.motion.position[0])
    end = run.drive(30, STILL).position[0]
    slid = np.linalg.norm(end - start)
    free = 0.5 * GRAVITY * (np.sin(slope) - SOILS[soil].friction * np.cos(slope)) * 1.5**2
    if share < 1:
        assert slid < 0.03
    else:
        assert slid == pytest.approx(free, rel=0.15)


@pytest.mark.parametrize("soil", [DIRT, DRY_GRASS, GRAVEL])
def test_it_climbs_what_grip_less_resistance_allows_and_no_more(soil):
    limit = np.degrees(np.arctan(SOILS[soil].friction - SOILS[soil].rolling))
    for degrees, climbs in ((limit - 7, True), (limit + 2, False)):
        run = SoilRange(ground(soil, heights=uphill(degrees)))
        way = run.drive(80, AHEAD).position[0, 0]
        assert (way > 1.5) == climbs, degrees


def test_resistance_is_its_share_of_the_weight():
    """A rover that coasts, its motors off, slows down by g times the coefficient."""
    run = SoilRange(ground(GRAVEL))
    run.drive(40, AHEAD)
    for model in run.rovers.models:
        model.actuator_gainprm[:] = 0
        model.actuator_biasprm[:] = 0
        model.dof_damping[WHEEL_DOFS] = 0
    run.rovers.batch.set_models(run.rovers.models)
    run.rovers.batch.bind("act")[:] = 0
    before = run.rovers.motion.speed[0]
    after = run.drive(20, STILL).speed[0]
    # The wheels' own inertia counts as if it were mass.
    wheels = 4 * (0.4 * 0.477 + 0.005 / 0.098**2)
    share = WEIGHT / (WEIGHT + GRAVITY * wheels)
    lost = SOILS[GRAVEL].rolling * GRAVITY * share * 20 * CONTROL_DT
    assert before - after == pytest.approx(lost, rel=0.12)


def test_a_map_may_give_a_soil_another_grip():
    slippery, rough = 0.1, 0.5
    run = SoilRange(ground(ICE, grip=slippery), ground(ICE, grip=rough))
    run.drive(1, AHEAD)
    for model, grip in zip(run.rovers.models, (slippery, rough), strict=True):
        np.testing.assert_array_equal(model.geom_friction[2:, 0], grip)


def test_each_wheel_feels_the_soil_under_it():
    north = np.full((SIZE, SIZE), DIRT, np.uint8)
    north[AXIS > 0] = ICE
    run = SoilRange(ground(north))
    run.drive(1, STILL)
    left, right = SOILS[ICE].friction, SOILS[DIRT].friction
    np.testing.assert_array_equal(
        run.rovers.models[0].geom_friction[2:, 0], [left, right, left, right]
    )
    run = SoilRange(ground(north, heading=np.pi / 2))
    run.drive(1, STILL)
    np.testing.assert_array_equal(
        run.rovers.models[0].geom_friction[2:, 0], [left, left, right, right]
    )


def test_spinning_wheels_dig_in_and_driving_on_brings_them_out():
    run = SoilRange(ground(SAND, heights=uphill(12)))
    stuck = run.drive(80, AHEAD)
    assert stuck.wheel_speeds[0].mean() > 0.8
    assert abs(stuck.speed[0]) < 0.1
    assert run.traction.sinkage[0].min() > 0.9
    dug_in = SOILS[SAND].rolling + SOILS[SAND].sinking
    assert run.traction.resistance[0] == pytest.approx(dug_in, rel=0.1)

    free = run.drive(60, BACK)
    assert free.position[0, 0] < stuck.position[0, 0] - 1.0
    assert run.traction.sinkage[0].max() < 0.3


def test_straight_over_flat_sand_wheels_hardly_sink():
    run = SoilRange(ground(SAND))
    moving = run.drive(100, AHEAD)
    assert moving.speed[0] > 0.9
    assert run.traction.sinkage[0].max() < 0.1


def test_swing_carries_a_rover_up_sand_that_it_cannot_start_on():
    hill = np.where(X > 2.0, np.tan(np.radians(9)) * (X - 2.0), 0.0)
    east = np.full((SIZE, SIZE), DIRT, np.uint8)
    east[:, AXIS > 2.0] = SAND
    run = SoilRange(ground(east, heights=hill))
    reached = run.drive(160, AHEAD).position[0, 0]
    run = SoilRange(ground(SAND, heights=uphill(9)))
    started = run.drive(160, AHEAD).position[0, 0]
    assert reached - 2.0 > started + 0.25


def test_firm_ground_leaves_no_trace_of_the_sand():
    east = np.full((SIZE, SIZE), DIRT, np.uint8)
    east[:, np.abs(AXIS) < 0.6] = SAND
    run = SoilRange(ground(east))
    run.drive(60, (0.0, 1.0))
    assert run.traction.sinkage[0].max() > 0.2
    run.drive(40, AHEAD)
    np.testing.assert_array_equal(run.traction.sinkage, 0.0)
    assert run.traction.resistance[0] == pytest.approx(SOILS[DIRT].rolling)


def test_a_map_without_soils_has_the_usual_grip_again():
    sandy = ground(SAND, heights=uphill(12))
    bare = Terrain(np.zeros((SIZE, SIZE)), CELL, np.zeros(3), np.array([9.0, 0.0]))
    run = SoilRange(sandy)
    run.drive(60, AHEAD)
    run.put(bare)
    after = run.drive(40, (0.6, 0.2))
    never = SoilRange(bare)
    np.testing.assert_array_equal(after.position, never.drive(40, (0.6, 0.2)).position)
    model = run.rovers.models[0]
    np.testing.assert_array_equal(model.geom_friction[2:, 0], SOILS[SLAB].friction)
    np.testing.assert_array_equal(model.dof_damping[:6], 0.0)


def test_a_snapshot_remembers_how_deep_the_wheels_are():
    sandy = ground(SAND, heights=uphill(9))
    run = SoilRange(sandy)
    run.drive(50, AHEAD)
    assert run.traction.sinkage[0].max() > 0.1
    state = run.rovers.get_state(0)
    future = run.drive(40, (0.7, 0.3))
    fresh = SoilRange(sandy)
    fresh.rovers.set_state(0, state, fresh.grounds)
    again = fresh.drive(40, (0.7, 0.3))
    for one, other in zip(future, again, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(run.traction.sinkage, fresh.traction.sinkage)


def test_three_rovers_do_what_each_would_do_alone():
    maps = [
        ground(SAND, heights=uphill(9)),
        ground(ICE, heights=uphill(3), grip=0.1),
        ground(DIRT, heights=uphill(15), heading=0.4),
    ]
    actions = [(1.0, 0.1), (0.8, -0.6), (0.5, 0.5)]
    together = SoilRange(*maps)
    all_three = together.drive(60, *actions)
    for robot in range(3):
        alone = SoilRange(maps[robot]).drive(60, actions[robot])
        for one, many in zip(alone, all_three, strict=True):
            np.testing.assert_array_equal(one[0], many[robot])


def test_a_rover_that_rests_does_not_dig_while_others_drive():
    sandy = ground(SAND, heights=uphill(12))
    run = SoilRange(sandy, sandy)
    run.drive(40, AHEAD)
    before = run.rovers.get_state(0)
    run.drive(40, AHEAD, which=np.array([1]))
    np.testing.assert_array_equal(run.rovers.get_state(0), before)
    assert run.traction.sinkage[1].min() >= run.traction.sinkage[0].min()
