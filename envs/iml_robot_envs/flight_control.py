"""From wanted velocities of N quadrotors to the thrusts of their rotors.

The cascade of PX4: velocity to acceleration, acceleration to attitude and thrust, attitude
to rates, rates to torques, torques to rotors. The first half runs once a control step; its
result, the wanted attitude, holds until the next. The other half follows it, and is quick
enough to run several times a control step.
"""

from __future__ import annotations

import math

import numpy as np

from iml_robot_envs.compiled import compiled
from iml_robot_envs.drone_model import (
    ARM_M,
    CONTROLS,
    DRAG_N_S_M,
    GRAVITY_M_S2,
    INERTIA_KG_M2,
    MASS_KG,
    MAX_ROTOR_N,
    QUATERNION,
    ROTORS,
    SPIN,
    THRUSTS,
    TORQUE_PER_THRUST_M,
    VELOCITY,
)
from iml_robot_envs.drone_motion import direction_ahead
from iml_robot_envs.quaternions import Row, rotation
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Array, Bools

VELOCITY_GAINS = (1.8, 1.8, 4.0)
"""Acceleration per error of the velocity, x, y, z [1/s]. Source: PX4, MPC_*_VEL_P_ACC."""
INTEGRAL_SHARES = (0.4 / 1.8, 0.4 / 1.8, 2.0 / 4.0)
"""Growth of the integral per wanted acceleration [1/s]. Source: PX4, MPC_*_VEL_I_ACC over
the gains above."""
WEIGHT = np.array([0.0, 0.0, GRAVITY_M_S2])
"""Where the integral begins: per mass, the force that carries a drone [m/s^2]."""
MOST_INTEGRAL_M_S2 = (4.0, 4.0, 2.0)
"""What it can be beyond that."""
MOST_ACCELERATION_M_S2 = 4.0
"""What an error of the velocity can ask for horizontally."""
MOST_CLIMB_M_S2 = 3.0
"""The same vertically. Source: PX4, MPC_ACC_DOWN_MAX; going down faster leaves the rotors
too little to steer."""
MOST_YAW_ERROR_RAD_S = 0.45
"""A greater error of the yaw rate counts as this one: rotors yaw a drone weakly, and what
they spend on it is missing for roll and pitch."""
MOST_TILT_RAD = math.radians(35.0)
STEEPEST = math.tan(MOST_TILT_RAD)
ATTITUDE_GAIN = 6.5
"""Wanted rate per error of the attitude [1/s]. Source: PX4, MC_ROLL_P."""
RATE_GAINS = (15.0, 15.0, 5.0)
"""Angular acceleration per error of the rate, roll, pitch, yaw [1/s]: tuned to the lag of
the motors, well damped at 40 Hz and more."""
TORQUES = np.array(RATE_GAINS) * INERTIA_KG_M2
"""Torque per error of the rate [N m s]."""
LEAD = 2.0
"""How many times faster than they are the motors are made by asking for more than is
wanted. Does what the differential part of PX4's rate controller does."""
MOST_THRUST_N = 0.8 * 4 * MAX_ROTOR_N
"""Keeps the rotors something to steer with."""
LEAST_UPRIGHT = 0.5
"""Cosine of the tilt beyond which thrust makes no more up for it."""

MIXER = (
    np.column_stack(
        [
            np.ones(4),
            ROTORS[:, 1] / ARM_M,
            -ROTORS[:, 0] / ARM_M,
            ROTORS[:, 2] / TORQUE_PER_THRUST_M,
        ]
    )
    / 4
)
"""Share of each rotor in the thrust, and in torques about x, y, z [1/m], shape (4, 4)."""


class FlightControl:
    """The controllers of N drones.

    Args:
        count: Number of drones.
        control_dt: Time between two calls of `aim` [s].

    Attributes:
        integral: Acceleration that makes up for weight, wind and drag, in the world
            [m/s^2], shape (N, 3).
        targets: What holds for a control step: the wanted attitude as a quaternion, the
            thrust [N] and the yaw rate [rad/s], shape (N, 6).
    """

    def __init__(self, count: int, control_dt: float) -> None:
        self.integral = np.tile(WEIGHT, (count, 1))
        self.targets = np.zeros((count, 6))
        self._control_dt = control_dt

    def aim(self, wanted: Array, states: Array, *, motion: Motion, active: Bools) -> None:
        """Choose the targets of the next control step.

        Args:
            wanted: Velocity forward, left and up, in the frame that heads [m/s], and yaw
                rate [rad/s], shape (N, 4).
            states: Rows of the simulations, of which the attitudes count.
            motion: The drones' motion, of which velocity and yaw rate count.
            active: Drones whose integral may grow, shape (N,).
        """
        _aim(
            wanted,
            states,
            velocity=motion.velocity,
            yaw_rate=motion.yaw_rate,
            growing_s=np.asarray(self._control_dt * active, np.float64),
            integral=self.integral,
            targets=self.targets,
        )

    def steer(self, states: Array) -> None:
        """Work out what to ask of the rotors on the way to the targets.

        Args:
            states: Rows of the simulations, of which attitudes, spins and thrusts count;
                the controls are written.
        """
        _steer(self.targets, states)


@compiled
def _aim(
    wanted: Array,
    states: Array,
    *,
    velocity: Array,
    yaw_rate: Array,
    growing_s: Array,
    integral: Array,
    targets: Array,
) -> None:
    """Do what `FlightControl.aim` says.

    Args:
        wanted: As there.
        states: As there.
        velocity: The drones' own forward, left and up [m/s], shape (N, 3).
        yaw_rate: Their own [rad/s], shape (N,).
        growing_s: For how long the integral grows, shape (N,).
        integral: As the attribute.
        targets: As the attribute.
    """
    for robot in range(len(wanted)):
        q = states[robot, QUATERNION:VELOCITY]
        matrix = rotation(q[0], q[1], q[2], q[3])
        acceleration = _wanted_acceleration(
            wanted[robot], velocity[robot], yaw_rate[robot], matrix
        )
        force = _wanted_force(acceleration, integral[robot], growing_s[robot])
        _point_up_along(force, q, matrix, targets[robot])
        thrust = MASS_KG * force[2] / max(matrix[2][2], LEAST_UPRIGHT)
        targets[robot, 4] = min(thrust, MOST_THRUST_N)
        error = wanted[robot, 3] - yaw_rate[robot]
        error = min(max(error, -MOST_YAW_ERROR_RAD_S), MOST_YAW_ERROR_RAD_S)
        targets[robot, 5] = yaw_rate[robot] + error


@compiled
def _wanted_acceleration(
    wanted: Array, velocity: Array, yaw_rate: float, matrix: tuple[Row, Row, Row]
) -> Row:
    """Return the acceleration that one drone wants, in the world [m/s^2].

    Args:
        wanted: Velocity forward, left, up [m/s] and yaw rate [rad/s], shape (4,).
        velocity: Its own, shape (3,).
        yaw_rate: Its own.
        matrix: Its attitude.
    """
    # A velocity that is to turn with the heading needs an acceleration for it.
    forward = VELOCITY_GAINS[0] * (wanted[0] - velocity[0]) - wanted[1] * yaw_rate
    left = VELOCITY_GAINS[1] * (wanted[1] - velocity[1]) + wanted[0] * yaw_rate
    up = VELOCITY_GAINS[2] * (wanted[2] - velocity[2])
    size = math.sqrt(forward * forward + left * left)
    shrunk = MOST_ACCELERATION_M_S2 / max(size, MOST_ACCELERATION_M_S2)
    cosine, sine = direction_ahead(matrix[0][0], matrix[1][0])
    return (
        shrunk * (cosine * forward - sine * left),
        shrunk * (sine * forward + cosine * left),
        min(max(up, -MOST_CLIMB_M_S2), MOST_CLIMB_M_S2),
    )


@compiled
def _wanted_force(acceleration: Row, integral: Array, growing_s: float) -> Row:
    """Return the thrust per mass that one drone wants, in the world [m/s^2].

    Args:
        acceleration: What it wants beyond its integral.
        integral: Its integral, which grows, shape (3,).
        growing_s: For how long it grows.
    """
    for axis in range(3):
        growth = INTEGRAL_SHARES[axis] * growing_s * acceleration[axis]
        beyond = integral[axis] + growth - WEIGHT[axis]
        most = MOST_INTEGRAL_M_S2[axis]
        integral[axis] = WEIGHT[axis] + min(max(beyond, -most), most)
    east, north = acceleration[0] + integral[0], acceleration[1] + integral[1]
    up = acceleration[2] + integral[2]
    # No more tilt is asked for than the greatest.
    flat = STEEPEST * abs(up)
    shrunk = flat / max(math.sqrt(east * east + north * north), flat)
    return shrunk * east, shrunk * north, up


@compiled
def _point_up_along(
    force: Row, quaternion: Array, matrix: tuple[Row, Row, Row], target: Array
) -> None:
    """Find the nearest attitude whose up axis points along a force.

    Args:
        force: In the world, not 0.
        quaternion: The drone's attitude, shape (4,).
        matrix: The same.
        target: Where the wanted quaternion is written first.
    """
    # Seen from the drone: the shortest turn is about an axis without an upward part.
    ahead = matrix[0][0] * force[0] + matrix[1][0] * force[1] + matrix[2][0] * force[2]
    left = matrix[0][1] * force[0] + matrix[1][1] * force[1] + matrix[2][1] * force[2]
    above = matrix[0][2] * force[0] + matrix[1][2] * force[1] + matrix[2][2] * force[2]
    length = math.sqrt(force[0] ** 2 + force[1] ** 2 + force[2] ** 2)
    # No drone hangs upside down for long; the limit is there for the division.
    middle = max(above + length, 1e-6)
    unit = math.sqrt(2 * length * middle)
    turn_w, turn_x, turn_y = middle / unit, -left / unit, ahead / unit
    w, x, y, z = quaternion[0], quaternion[1], quaternion[2], quaternion[3]
    target[0] = w * turn_w - x * turn_x - y * turn_y
    target[1] = w * turn_x + x * turn_w - z * turn_y
    target[2] = w * turn_y + y * turn_w + z * turn_x
    target[3] = z * turn_w + x * turn_y - y * turn_x


@compiled
def _steer(targets: Array, states: Array) -> None:
    """Do what `FlightControl.steer` says, for targets of shape (N, 6)."""
    for robot in range(len(targets)):
        target, state = targets[robot], states[robot]
        q = state[QUATERNION:VELOCITY]
        # The vector part of the turn from the wanted attitude to the real one. About the
        # up axis none counts: which way a drone heads is left to its yaw rate.
        roll_error = (
            target[0] * q[1] - target[1] * q[0] - target[2] * q[3] + target[3] * q[2]
        )
        pitch_error = (
            target[0] * q[2] + target[1] * q[3] - target[2] * q[0] - target[3] * q[1]
        )
        roll_torque = TORQUES[0] * (-2 * ATTITUDE_GAIN * roll_error - state[SPIN])
        pitch_torque = TORQUES[1] * (-2 * ATTITUDE_GAIN * pitch_error - state[SPIN + 1])
        yaw_torque = TORQUES[2] * (target[5] - state[SPIN + 2])
        for rotor in range(4):
            wanted = (
                MIXER[rotor, 0] * target[4]
                + MIXER[rotor, 1] * roll_torque
                + MIXER[rotor, 2] * pitch_torque
                + MIXER[rotor, 3] * yaw_torque
            )
            given = state[THRUSTS + rotor]
            state[CONTROLS + rotor] = given + LEAD * (wanted - given)


def hover_thrust() -> float:
    """Return the thrust of each rotor that carries a drone at rest [N]."""
    return MASS_KG * GRAVITY_M_S2 / 4


def drag_force(air: Array) -> Array:
    """Return the force of moving air beyond that of still air [N], any shape."""
    return air * DRAG_N_S_M
