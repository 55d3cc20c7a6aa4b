"""The rover against textbook mechanics."""

import numpy as np
import pytest
from driving_range import (
    CONTROL_DT,
    GRAVITY,
    WHEEL_DOFS,
    X,
    Y,
    free_wheels,
    lock_wheels,
    rover_on,
    set_grip,
)

from iml_robot_envs.rover import MAX_SPEED_M_S, MAX_YAW_RATE_RAD_S, WHEEL_RADIUS_M


def drive(rover, steps, speed=0.0, turn=0.0):
    """Return the motions of a number of control steps."""
    motions = []
    for _ in range(steps):
        rover.drive((speed, turn))
        motions.append(rover.motion)
    return motions


@pytest.mark.parametrize("speed", [-1.0, -0.5, 0.3, 0.6, 1.0])
def test_on_flat_ground_the_speed_is_the_command(speed):
    rover = rover_on()
    drive(rover, 40, speed)
    start = rover.motion.position[0]
    motions = drive(rover, 40, speed)
    assert rover.motion.speed == pytest.approx(speed * MAX_SPEED_M_S, rel=0.05)
    covered = rover.motion.position[0] - start
    assert covered == pytest.approx(speed * MAX_SPEED_M_S * 40 * CONTROL_DT, rel=0.05)
    assert np.ptp([m.speed for m in motions]) < 0.02


@pytest.mark.parametrize("speed", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("turn", [-1.0, 1.0])
def test_on_flat_ground_a_full_turn_is_the_yaw_rate_commanded(speed, turn):
    rover = rover_on()
    drive(rover, 60, speed, turn)
    before = rover.motion.heading
    motions = drive(rover, 60, speed, turn)
    headings = np.unwrap([before, *(m.heading for m in motions)])
    rate = (headings[-1] - headings[0]) / (60 * CONTROL_DT)
    # Wheels that skid sideways turn it 7 to 15 % less than asked.
    assert rate == pytest.approx(turn * MAX_YAW_RATE_RAD_S, rel=0.16)
    assert np.mean([m.yaw_rate for m in motions]) == pytest.approx(rate, rel=0.02)


def test_a_larger_turn_command_turns_faster():
    rates = []
    for turn in (0.2, 0.4, 0.6, 0.8, 1.0):
        rover = rover_on()
        drive(rover, 40, 0.5, turn)
        rates.append(np.mean([m.yaw_rate for m in drive(rover, 40, 0.5, turn)]))
    assert (np.diff(rates) > 0.1).all()


def test_turning_left_and_right_are_mirror_images():
    paths = []
    for turn in (0.6, -0.6):
        rover = rover_on()
        paths.append([m.position[:2] for m in drive(rover, 40, 0.7, turn)])
    np.testing.assert_allclose(np.array(paths[0]) * (1, -1), paths[1], atol=0.08)


def test_in_the_air_it_falls_by_half_g_t_squared():
    rover = rover_on()
    rover.qpos[2] = height = 1.5
    rover.qvel[:] = 0
    motions = drive(rover, 8)
    fallen = height - np.array([m.position[2] for m in motions])
    t = CONTROL_DT * np.arange(1, 9)
    # The integrator's steps of h = 5 ms add g t h / 2.
    np.testing.assert_allclose(fallen, GRAVITY * t**2 / 2, atol=GRAVITY * 0.4 * 0.005 / 2)


def test_in_the_air_it_flies_a_parabola():
    rover = rover_on()
    rover.qpos[2] = 1.4
    rover.qvel[:3] = 0.8, 0.3, 0.5
    x, y, z = drive(rover, 8)[-1].position
    assert (x, y) == pytest.approx((0.8 * 0.4, 0.3 * 0.4), abs=1e-6)
    assert z == pytest.approx(1.4 + 0.5 * 0.4 - GRAVITY * 0.4**2 / 2, abs=0.01)


def test_at_rest_it_does_not_drift():
    rover = rover_on()
    start = rover.motion
    drive(rover, 200)
    np.testing.assert_allclose(rover.motion.position, start.position, atol=1e-5)
    assert rover.motion.heading == pytest.approx(start.heading, abs=1e-3)


def test_it_stands_a_wheel_radius_above_the_ground():
    rover = rover_on()
    # Axles are 0.03 m below the origin; wheels sink in by less than 2 mm.
    assert rover.motion.position[2] == pytest.approx(WHEEL_RADIUS_M + 0.03, abs=0.002)


@pytest.mark.parametrize("ground", [X, Y], ids=["nose down", "sideways"])
@pytest.mark.parametrize("grip", [0.2, 0.3])
def test_on_a_slope_just_below_the_angle_of_friction_it_holds(ground, grip):
    rover = locked_on(-0.85 * grip * ground, grip)
    start = np.array(rover.motion.position)
    drive(rover, 20)
    assert np.linalg.norm(rover.motion.position - start) < 0.02


@pytest.mark.parametrize("ground", [X, Y], ids=["nose down", "sideways"])
@pytest.mark.parametrize("excess", [1.2, 1.5])
def test_on_a_slope_above_the_angle_of_friction_it_slides_as_coulomb_says(ground, excess):
    grip = 0.2
    angle = np.arctan(grip) * excess
    rover = locked_on(-np.tan(angle) * ground, grip)
    before = np.linalg.norm(rover.qvel[:3])
    drive(rover, 20)
    gained = np.linalg.norm(rover.qvel[:3]) - before
    acceleration = GRAVITY * (np.sin(angle) - grip * np.cos(angle))
    assert gained / (20 * CONTROL_DT) == pytest.approx(acceleration, rel=0.12)


def locked_on(heights, grip):
    """Return a rover with locked wheels of a grip."""
    rover = rover_on(heights, grip=grip)
    lock_wheels(rover)
    return rover


@pytest.mark.parametrize("grip", [0.1, 0.2, 0.4])
def test_locked_wheels_need_the_braking_distance_of_the_textbook(grip):
    rover = rover_on()
    drive(rover, 60, 1.0)
    speed, start = rover.motion.speed, rover.motion.position[0]
    set_grip(rover, grip)
    lock_wheels(rover)
    drive(rover, 60)
    assert rover.motion.speed == pytest.approx(0, abs=0.01)
    distance = rover.motion.position[0] - start
    assert distance == pytest.approx(speed**2 / (2 * grip * GRAVITY), rel=0.06)


def test_coasting_over_hills_never_gains_energy():
    rover = rover_on(0.1 * np.sin(X))
    free_wheels(rover)
    rover.qvel[0] = 1.0
    rover.qvel[WHEEL_DOFS] = 1.0 / WHEEL_RADIUS_M
    energies = []
    for motion in drive(rover, 100):
        energies.append(energy(rover, motion))
    # Tilting of the body (under 0.05 J) is not counted.
    assert (np.array(energies) - np.minimum.accumulate(energies)).max() < 0.05
    assert energies[-1] < energies[0] - 5


def energy(rover, motion):
    """Return height energy plus motion energy of body and wheels [J]."""
    mass = 16.52 + 4 * 0.477
    wheel_inertia = 0.4 * 0.477 * WHEEL_RADIUS_M**2 + 0.005
    moving = 0.5 * mass * np.sum(np.square(motion.velocity))
    turning = 0.5 * wheel_inertia * np.sum(rover.qvel[WHEEL_DOFS] ** 2)
    return mass * GRAVITY * motion.position[2] + moving + turning


def test_attitude_is_what_the_slope_says():
    rover = rover_on(0.2 * X)
    assert rover.motion.pitch == pytest.approx(-np.arctan(0.2), abs=0.02)
    assert rover.motion.roll == pytest.approx(0, abs=0.01)
    rover = rover_on(0.2 * Y)
    # Higher on the left: it leans to the right, which is a positive roll.
    assert rover.motion.roll == pytest.approx(np.arctan(0.2), abs=0.02)
    assert rover.motion.pitch == pytest.approx(0, abs=0.01)


def test_velocity_is_told_in_the_robots_own_frame():
    rover = rover_on()
    quarter = np.pi / 4
    rover.qpos[2] = 1.0
    rover.qpos[3:7] = np.cos(quarter), 0, 0, np.sin(quarter)
    rover.qvel[:] = 0
    rover.qvel[:3] = 0.4, 0.9, 0.0
    drive(rover, 1)
    forward, left, _ = rover.motion.velocity
    assert rover.motion.heading == pytest.approx(np.pi / 2, abs=1e-3)
    assert (forward, left) == pytest.approx((0.9, -0.4), abs=1e-3)


def test_the_preview_is_the_circle_of_speed_and_yaw_rate():
    rover = rover_on()
    path = rover.preview((0.8, 0.5), 2.0)
    radius = 0.8 * MAX_SPEED_M_S / (0.5 * MAX_YAW_RATE_RAD_S)
    x, y, _ = rover.motion.position
    centre = np.array([x, y + radius])
    np.testing.assert_allclose(np.linalg.norm(path - centre, axis=1), radius, atol=0.05)
    assert len(path) == 20
    steps = np.linalg.norm(np.diff(path, axis=0), axis=1)
    np.testing.assert_allclose(steps, 0.8 * MAX_SPEED_M_S * 0.1)
