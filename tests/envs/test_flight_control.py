"""The controllers: do drones fly as they are told to?"""

import numpy as np
import pytest
from flying_range import CALM, CONTROL_DT, GRAVITY, Flight, random_actions
from scipy.spatial.transform import Rotation

from iml_robot_envs.flight_control import FlightControl
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Wind

MOST_TILT = np.radians(35)
FULL = np.array([3.0, 3.0, 1.5])
POSITION_GAIN, RATE_GAINS = 6.5, np.array([15.0, 15.0, 5.0])
INERTIA = np.array([0.025, 0.025, 0.030])
ARM, TORQUE = 0.17, 0.02


@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize("command", [-1.0, -0.4, 0.4, 1.0])
def test_a_step_of_the_velocity_is_followed(axis, command):
    flight = Flight(heading=0.9)
    action = np.zeros(4)
    action[axis] = command
    wanted = command * FULL[axis]
    motion = flight.fly(action, 6)
    share = motion.velocity[:, axis] / wanted
    risen = CONTROL_DT * (1 + np.argmax(share >= 0.9))
    assert 0.2 < risen < 1.6
    assert share.max() < 1.15
    np.testing.assert_allclose(share[60:], 1, atol=0.03)
    others = np.delete(motion.velocity, axis, axis=1)
    assert np.abs(others).max() < 0.05


def test_a_reversal_overshoots_little_and_keeps_the_height():
    flight = Flight()
    height = flight.motion.position[2]
    flight.fly((1, 0, 0, 0), 4)
    motion = flight.fly((-1, 0, 0, 0), 6)
    assert motion.velocity[:, 0].min() > -1.15 * FULL[0]
    assert motion.velocity[-1, 0] == pytest.approx(-FULL[0], rel=0.03)
    np.testing.assert_allclose(motion.position[:, 2], height, atol=0.05)


@pytest.mark.parametrize("wind", [CALM, Wind((6.0, 0.0), 2.0, 1.0)], ids=["calm", "storm"])
def test_the_tilt_stays_within_its_limit(wind):
    flight = Flight(8, wind=wind)
    rng = np.random.default_rng(3)
    tilts = []
    for step in range(300):
        if step % 12 == 0:
            actions = rng.choice([-1.0, 0.0, 1.0], (8, 4))
        flight.drones.drive(actions, flight.grounds, None)
        tilts.append(np.arccos(flight.drones.motion.upright))
    assert flight.drones.stable.all()
    assert np.max(tilts) < MOST_TILT + np.radians(3)
    assert np.max(tilts) > np.radians(20)


def test_nothing_that_is_asked_makes_it_tilt_more_than_allowed():
    control = FlightControl(1, CONTROL_DT)
    control.integral += [4.0, -4.0, -2.0]
    level = np.array([1.0, 0, 0, 0])
    for _ in range(40):
        aim(control, level, wanted=[3, -3, -1.5, 0], moving=[-9, 9, 9, 0])
    wanted = control.targets[0, :4]
    assert np.linalg.norm(wanted) == pytest.approx(1)
    up = Rotation.from_quat(wanted, scalar_first=True).as_matrix()[2, 2]
    assert np.arccos(up) == pytest.approx(MOST_TILT, abs=1e-6)


@pytest.mark.parametrize("command", [-1.0, -0.5, 0.5, 1.0])
@pytest.mark.parametrize("forward", [0.0, 0.6])
def test_the_yaw_rate_is_followed(command, forward):
    flight = Flight()
    motion = flight.fly((forward, 0, 0, command), 5)
    share = motion.yaw_rate / (command * np.pi / 2)
    assert share.max() < 1.1
    np.testing.assert_allclose(share[20:], 1, atol=0.05)
    turned = np.unwrap(motion.heading)[-1] - np.unwrap(motion.heading)[-41]
    assert turned == pytest.approx(2 * command * np.pi / 2, rel=0.05)


def test_a_turn_in_flight_is_a_circle_without_slipping_sideways():
    flight = Flight()
    motion = flight.fly((0.5, 0, 0, 0.5), 12)
    speed, rate = motion.velocity[-1, 0], motion.yaw_rate[-1]
    assert speed == pytest.approx(1.5, rel=0.05)
    assert np.abs(motion.velocity[40:, 1]).max() < 0.15
    lap = motion.position[-round(2 * np.pi / rate / CONTROL_DT) :, :2]
    radius = np.linalg.norm(lap - lap.mean(axis=0), axis=1)
    np.testing.assert_allclose(radius, speed / rate, rtol=0.05)


def test_forward_is_where_it_heads():
    flight = Flight(heading=np.pi / 2)
    start = flight.motion.position
    moved = flight.fly((1, 0, 0, 0), 4).position[-1] - start
    assert moved[1] > 9
    assert abs(moved[0]) < 0.05


def test_left_and_right_are_mirror_images():
    actions = random_actions(200, 1)
    paths = []
    for sign in (1.0, -1.0):
        flight = Flight()
        for now in actions:
            flight.drones.drive(now * (1, sign, 1, sign), flight.grounds, None)
        x, y, z = flight.motion.position - (2.0, -1.0, 1.9)
        paths.append((x, sign * y, z, sign * flight.motion.heading))
    np.testing.assert_allclose(paths[0], paths[1], atol=1e-9)


def test_it_rights_itself_when_thrown():
    flight = Flight(6)
    rng = np.random.default_rng(5)
    flight.qpos[:, 3:7] = Rotation.random(6, rng=rng).as_quat(scalar_first=True)
    flight.qvel[:, 3:] = rng.uniform(-4, 4, (6, 3))
    for _ in range(160):
        flight.drones.drive(np.zeros((6, 4)), flight.grounds, None)
    assert flight.drones.motion.upright.min() > np.cos(np.radians(2))
    assert flight.drones.motion.speed.max() < 0.2


def test_the_preview_is_the_circle_of_speed_and_yaw_rate():
    flight = Flight()
    path = flight.drones.preview(0, np.array([0.8, 0.0, 0.3, 0.5]), 2.0)
    radius = 0.8 * 3.0 / (0.5 * np.pi / 2)
    x, y, _ = flight.motion.position
    np.testing.assert_allclose(
        np.linalg.norm(path - (x, y + radius), axis=1), radius, atol=0.15
    )
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert len(path) == 20
    np.testing.assert_allclose(steps, 0.1 * 0.8 * 3.0)


def test_the_preview_of_flying_left_goes_left():
    path = Flight().drones.preview(0, np.array([0.0, 1.0, 0.0, 0.0]), 1.0)
    np.testing.assert_allclose(path[-1], [2.0, -1.0 + 3.0])


def mix(thrusts):
    """Return total thrust and torques about x, y, z of rotors at the ends of arms."""
    forward = np.array([ARM, -ARM, -ARM, ARM])
    left = np.array([ARM, ARM, -ARM, -ARM])
    sense = np.array([-TORQUE, TORQUE, -TORQUE, TORQUE])
    rows = np.stack([np.ones(4), left, -forward, sense])
    return rows @ thrusts


def row(quaternion, *, rates=(0, 0, 0), thrusts=(0, 0, 0, 0)):
    """Return a simulation's row."""
    state = np.zeros(46)
    state[4:8], state[11:14], state[14:18] = quaternion, rates, thrusts
    return state


def aim(control, quaternion, *, wanted=(0, 0, 0, 0), moving=(0, 0, 0, 0)):
    """Tell the control of one drone what is wanted, and how it moves."""
    still = dict.fromkeys(Motion._fields, np.zeros(1))
    moving = np.array([moving], float)
    motion = still | {"velocity": moving[:, :3].copy(), "yaw_rate": moving[:, 3].copy()}
    control.aim(
        np.array([wanted], float),
        row(quaternion)[None],
        motion=Motion(**motion),
        active=np.ones(1, bool),
    )


@pytest.mark.parametrize("seed", range(5))
def test_what_is_asked_of_the_rotors_is_the_cascade_worked_out_with_rotations(seed):
    rng = np.random.default_rng(seed)
    control = FlightControl(1, CONTROL_DT)
    start = Rotation.from_euler("zyx", rng.uniform(-0.4, 0.4, 3))
    aim(control, start.as_quat(scalar_first=True), wanted=[1, -0.5, 0.4, 0.2])

    # The wanted acceleration, in the frame that heads and in the world, ...
    error = np.array([1.8 * 1, 1.8 * -0.5, 4.0 * 0.4])
    heading = Rotation.from_euler("z", start.as_euler("ZYX")[0])
    acceleration = heading.apply(error)
    integral = acceleration * [0.4 / 1.8, 0.4 / 1.8, 0.5] * CONTROL_DT
    force = acceleration + integral + [0, 0, GRAVITY]
    # ... the attitude that points along it, ...
    up = start.as_matrix()[:, 2]
    along = force / np.linalg.norm(force)
    axis = np.cross(up, along)
    turn = np.arctan2(np.linalg.norm(axis), up @ along)
    target = Rotation.from_rotvec(axis / np.linalg.norm(axis) * turn) * start
    # ... and some attitude, rates and thrusts in which it may be a little later.
    later = start * Rotation.from_rotvec(rng.uniform(-0.1, 0.1, 3))
    rates, acts = rng.uniform(-2, 2, 3), rng.uniform(1, 4, 4)
    wrong = (target.inv() * later).as_quat()
    wanted_rates = -2 * POSITION_GAIN * wrong[:3] * np.sign(wrong[3])
    wanted_rates[2] = 0.2
    torques = INERTIA * RATE_GAINS * (wanted_rates - rates)

    state = row(later.as_quat(scalar_first=True), rates=rates, thrusts=acts)
    control.steer(state[None])
    # A lead of 2 asks for as much beyond what is wanted as is still missing.
    given = mix((state[24:28] + acts) / 2)
    np.testing.assert_allclose(given[1:], torques, atol=1e-12)
    assert given[0] == pytest.approx(force[2] / up[2])
