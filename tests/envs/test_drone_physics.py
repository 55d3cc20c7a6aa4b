"""The drone's body against textbook mechanics, and the drones' contract as simulations."""

import mujoco
import numpy as np
import pytest
from flying_range import CONTROL_DT, GRAVITY, Flight, random_actions

from iml_robot_envs.drone_model import drone_model
from iml_robot_envs.terrain import Wind

MASS, DRAG, LAG, ARM, TORQUE = 1.0, 0.25, 0.05, 0.17, 0.02
INERTIA = np.array([0.025, 0.025, 0.030])
SUBSTEP = 0.005
GUSTY = Wind((3.0, -2.0), 1.5, 0.5)


def body(*, thrusts=(0, 0, 0, 0), drag=True):
    """Return model and data of a body whose rotors already give what is asked."""
    model = drone_model()
    if not drag:
        model.dof_damping[:] = 0
    data = mujoco.MjData(model)
    data.ctrl[:] = data.act[:] = thrusts
    return model, data


def steps_of(seconds):
    return round(seconds / SUBSTEP)


@pytest.mark.parametrize("seconds", [0.5, 2.0, 10.0])
def test_it_falls_as_linear_drag_says(seconds):
    model, data = body()
    mujoco.mj_step(model, data, nstep=steps_of(seconds))
    speed = MASS * GRAVITY / DRAG * (1 - np.exp(-DRAG * seconds / MASS))
    fallen = MASS / DRAG * (GRAVITY * seconds - speed)
    # The integrator's error is of the order of half a substep.
    assert -data.qvel[2] == pytest.approx(speed, rel=2e-3)
    assert -data.qpos[2] == pytest.approx(fallen, rel=SUBSTEP / seconds + 2e-3)


def test_its_terminal_speed_is_weight_over_drag():
    model, data = body()
    mujoco.mj_step(model, data, nstep=steps_of(60))
    assert -data.qvel[2] == pytest.approx(MASS * GRAVITY / DRAG, rel=1e-5)


def test_without_drag_energy_is_kept_to_the_order_of_the_integrator():
    model, data = body(drag=False)
    data.qvel[:3] = 2.0, -1.0, 3.0
    start = 0.5 * MASS * 14.0
    for seconds in (1.0, 2.0):
        while data.time < seconds - 1e-9:
            mujoco.mj_step(model, data)
        energy = 0.5 * MASS * np.sum(data.qvel[:3] ** 2) + MASS * GRAVITY * data.qpos[2]
        # Symplectic Euler loses m g^2 h t / 2 of height in a fall, no more.
        lost = MASS * GRAVITY**2 * SUBSTEP * seconds / 2
        assert start - energy == pytest.approx(lost, rel=1e-6)


def test_without_drag_it_keeps_its_spin():
    model, data = body(drag=False)
    data.qvel[3:] = 0.5, -0.3, 2.0

    def momentum():
        turned = np.zeros(9)
        mujoco.mju_quat2Mat(turned, data.qpos[3:7])
        return turned.reshape(3, 3) @ (INERTIA * data.qvel[3:])

    before = momentum()
    mujoco.mj_step(model, data, nstep=steps_of(2))
    np.testing.assert_allclose(momentum(), before, atol=0.01 * np.linalg.norm(before))


@pytest.mark.parametrize(
    ("thrusts", "axis", "torque"),
    [
        ([1, 1, 0, 0], 0, 2 * ARM),  # both left rotors: the left side rises
        ([0, 1, 1, 0], 1, 2 * ARM),  # both rear rotors: the nose goes down
        ([0, 1, 0, 1], 2, 2 * TORQUE),  # rotors of one sense
        ([1, 0, 1, 0], 2, -2 * TORQUE),  # rotors of the other sense
    ],
)
def test_rotors_turn_it_as_their_arms_say(thrusts, axis, torque):
    model, data = body(thrusts=thrusts)
    mujoco.mj_forward(model, data)
    expected = np.zeros(3)
    expected[axis] = torque / INERTIA[axis]
    np.testing.assert_allclose(data.qacc[3:], expected, atol=1e-9)
    assert data.qacc[2] == pytest.approx(2 / MASS - GRAVITY)


def test_rotors_follow_with_the_lag_of_the_motors():
    model, data = body()
    data.ctrl[:] = 4.0
    mujoco.mj_step(model, data, nstep=steps_of(LAG))
    np.testing.assert_allclose(data.act, 4.0 * (1 - np.exp(-1)), rtol=1e-9)


def test_rotors_give_no_more_than_they_can_and_never_pull():
    model, data = body()
    data.ctrl[:] = 99, -99, 99, -99
    mujoco.mj_step(model, data, nstep=steps_of(20 * LAG))
    np.testing.assert_allclose(data.act, [5, 0, 5, 0], atol=1e-6)


def test_it_starts_hovering_over_the_start_of_its_map():
    flight = Flight(heading=0.7)
    motion = flight.motion
    np.testing.assert_allclose(motion.position, [2.0, -1.0, 0.4 + 1.5])
    assert motion.heading == pytest.approx(0.7)
    assert (motion.roll, motion.pitch, motion.speed) == pytest.approx((0, 0, 0))
    assert motion.upright == pytest.approx(1)
    np.testing.assert_allclose(flight.thrusts, MASS * GRAVITY / 4)


def test_at_hover_each_rotor_carries_a_quarter_of_the_weight():
    flight = Flight()
    start = flight.motion.position
    end = flight.fly((0, 0, 0, 0), 10)
    np.testing.assert_allclose(flight.thrusts, MASS * GRAVITY / 4, rtol=1e-6)
    np.testing.assert_allclose(end.position, np.tile(start, (200, 1)), atol=1e-6)


def test_its_motion_is_told_in_the_frame_that_heads():
    flight = Flight(heading=np.pi / 2)
    flight.qvel[0, :3] = 0.4, 0.9, -0.2
    motion = flight.fly((0.3, -0.133, -0.133, 0), CONTROL_DT)
    # Facing along y: what moves along y goes forward, what moves along x to the right.
    world = flight.qvel[0, :3]
    np.testing.assert_allclose(
        motion.velocity[0], [world[1], -world[0], world[2]], atol=1e-3
    )
    assert motion.speed[0] == pytest.approx(np.linalg.norm(world))
    assert motion.wheel_speeds.shape == (1, 0)


def test_a_tilted_drone_still_tells_its_velocity_level():
    flight = Flight()
    motion = flight.fly((1, 0, 0, 0), 0.5)
    assert motion.pitch[-1] > np.radians(15)
    np.testing.assert_allclose(motion.velocity[-1], flight.qvel[0, :3], atol=1e-12)
    assert motion.upright[-1] == pytest.approx(np.cos(motion.pitch[-1]), abs=1e-6)


@pytest.mark.parametrize("others", [0, 4])
def test_one_drone_is_bit_for_bit_one_of_many(others):
    actions = random_actions(120, 5)
    many = Flight(5, wind=GUSTY)
    single = Flight(1, wind=GUSTY)
    single.grounds.put(0, many.grounds.terrains[others], many.grounds.weather[others])
    single.drones.place(np.array([0]), single.grounds)
    for now in actions:
        many.drones.drive(now, many.grounds, None)
        single.drones.drive(now[others : others + 1], single.grounds, None)
        assert (single.qpos[0] == many.qpos[others]).all()
        assert (single.qvel[0] == many.qvel[others]).all()
        for one, all_of_them in zip(single.drones.motion, many.drones.motion, strict=True):
            assert (one[0] == all_of_them[others]).all()


def test_threads_change_nothing():
    flights = [Flight(6, wind=GUSTY, threads=threads) for threads in (1, 2)]
    for now in random_actions(60, 6):
        for flight in flights:
            flight.drones.drive(now, flight.grounds, None)
    assert (flights[0].qpos == flights[1].qpos).all()
    assert (flights[0].qvel == flights[1].qvel).all()


def test_a_restored_drone_has_the_same_future():
    actions = random_actions(160, 1)
    flight, other = Flight(wind=GUSTY), Flight(wind=GUSTY)
    for now in actions[:80]:
        flight.drones.drive(now, flight.grounds, None)
    for now in actions[50:57]:
        other.drones.drive(now, other.grounds, None)
    snapshot = flight.drones.get_state(0)
    other.drones.set_state(0, snapshot, other.grounds)
    np.testing.assert_array_equal(other.drones.get_state(0), snapshot)
    for now in actions[80:]:
        flight.drones.drive(now, flight.grounds, None)
        other.drones.drive(now, other.grounds, None)
        assert (other.qpos == flight.qpos).all()
        assert (other.qvel == flight.qvel).all()


@pytest.mark.parametrize("state", [np.zeros(20), np.full(21, np.nan)])
def test_what_is_no_state_of_a_drone_is_refused(state):
    flight = Flight()
    with pytest.raises(ValueError, match="21 finite numbers"):
        flight.drones.set_state(0, state, flight.grounds)


def test_drones_that_do_not_move_keep_everything():
    flight = Flight(3, wind=GUSTY)
    actions = random_actions(30, 3)
    for now in actions[:20]:
        flight.drones.drive(now, flight.grounds, None)
    before = [flight.drones.get_state(robot) for robot in range(3)]
    for now in actions[20:]:
        flight.drones.drive(now, flight.grounds, np.array([1]))
    assert (flight.drones.get_state(0) == before[0]).all()
    assert (flight.drones.get_state(2) == before[2]).all()
    assert np.linalg.norm(flight.drones.get_state(1) - before[1]) > 0.1


def test_drones_put_down_anew_leave_the_others_alone():
    flight = Flight(2, wind=GUSTY)
    for now in random_actions(20, 2):
        flight.drones.drive(now, flight.grounds, None)
    before = flight.drones.get_state(0)
    flight.drones.place(np.array([1]), flight.grounds)
    assert (flight.drones.get_state(0) == before).all()
    fresh = Flight(2, wind=GUSTY)
    assert (flight.drones.get_state(1) == fresh.drones.get_state(1)).all()


@pytest.mark.parametrize("speed", [1e3, 1e300, np.nan])
def test_a_diverged_drone_is_put_back_and_told(speed):
    flight = Flight(2)
    hovering = flight.drones.motion.position.copy()
    flight.qvel[1, 0] = speed
    flight.drones.drive(np.zeros((2, 4)), flight.grounds, None)
    assert flight.drones.stable.tolist() == [True, False]
    np.testing.assert_allclose(flight.drones.motion.position, hovering, atol=1e-6)
    assert all(np.isfinite(part).all() for part in flight.drones.motion)
    flight.fly((0, 0, 0, 0), 2)
    assert flight.drones.stable.all()
    np.testing.assert_allclose(flight.drones.motion.position, hovering, atol=1e-6)
