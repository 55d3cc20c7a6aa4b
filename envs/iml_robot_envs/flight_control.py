"""From wanted velocities of N quadrotors to the thrusts of their rotors.

The cascade of PX4: velocity to acceleration, acceleration to attitude and thrust, attitude
to rates, rates to torques, torques to rotors. The first half runs once a control step.
Its result, the wanted attitude, holds until the next, and then the other half is linear
in what it reads (the error of an attitude is linear in its quaternion), so that it is one
small matrix for each drone, and quick enough to run many times a control step.
"""

from __future__ import annotations

import numpy as np

from iml_robot_envs.drone_model import (
    ARM_M,
    DRAG_N_S_M,
    GRAVITY_M_S2,
    INERTIA_KG_M2,
    MASS_KG,
    MAX_ROTOR_N,
    ROTORS,
    TORQUE_PER_THRUST_M,
)
from iml_robot_envs.terrain import Array, Bools

VELOCITY_GAINS = np.array([[1.8], [1.8], [4.0]])
"""Acceleration per error of the velocity, x, y, z [1/s]. Source: PX4, MPC_*_VEL_P_ACC."""
INTEGRAL_GAINS = np.array([[0.4], [0.4], [2.0]])
"""Its growth per error of the velocity [1/s^2]. Source: PX4, MPC_*_VEL_I_ACC."""
WEIGHT = np.array([[0.0], [0.0], [GRAVITY_M_S2]])
"""Where the integral begins: per mass, the force that carries a drone [m/s^2]."""
MOST_INTEGRAL_M_S2 = np.array([[4.0], [4.0], [2.0]])
"""What it can be beyond that."""
LEAST_INTEGRAL, GREATEST_INTEGRAL = WEIGHT - MOST_INTEGRAL_M_S2, WEIGHT + MOST_INTEGRAL_M_S2
MOST_ACCELERATION_M_S2 = (4.0, 3.0)
"""What an error of the velocity can ask for, horizontally and vertically. Source of the
second: PX4, MPC_ACC_DOWN_MAX; going down faster leaves the rotors too little to steer."""
MOST_YAW_ERROR_RAD_S = 0.45
"""A greater error of the yaw rate counts as this one: rotors yaw a drone weakly, and what
they spend on it is missing for roll and pitch."""
MOST_TILT_RAD = np.radians(35.0)
STEEPEST = float(np.tan(MOST_TILT_RAD))
ATTITUDE_GAIN = 6.5
"""Wanted rate per error of the attitude [1/s]. Source: PX4, MC_ROLL_P."""
RATE_GAINS = np.array([15.0, 15.0, 5.0])
"""Angular acceleration per error of the rate, roll, pitch, yaw [1/s]: tuned to the lag of
the motors, well damped at 40 Hz and more."""
LEAD = 2.0
"""How many times faster than they are the motors are made by asking for more than is
wanted. Does what the differential part of PX4's rate controller does."""
MOST_THRUST_N = 0.8 * 4 * MAX_ROTOR_N
"""Keeps the rotors something to steer with."""
LEAST_UPRIGHT = 0.5
"""Cosine of the tilt beyond which thrust makes no more up for it."""
ERROR_GAINS = np.concatenate([VELOCITY_GAINS, [[1.0]]])
MOST_SQUARES = np.array([[*MOST_ACCELERATION_M_S2, MOST_YAW_ERROR_RAD_S]]).T ** 2
TURNING_SIGNS = np.array([[-1.0], [1.0]])
STATE_SIZE = 14
"""Length of a drone's state as `FlightControl.gains` are to be multiplied with."""

TORQUE_TO_ROTORS = (
    np.column_stack(
        [ROTORS[:, 1] / ARM_M, -ROTORS[:, 0] / ARM_M, ROTORS[:, 2] / TORQUE_PER_THRUST_M]
    )
    / 4
)
"""Thrust of each rotor per torque about x, y, z [1/m], shape (4, 3)."""


def _attitude_gains() -> Array:
    """Return thrust per wanted quaternion and quaternion [N], shape (4, 4 rotors * 4).

    The error is the vector part of wanted^-1 * is. About the up axis none counts: which
    way a drone heads is left to its yaw rate.
    """
    error = np.zeros((2, 4, 4))
    error[0, [0, 1, 2, 3], [1, 0, 3, 2]] = -1, 1, 1, -1
    error[1, [0, 1, 2, 3], [2, 3, 0, 1]] = -1, -1, 1, 1
    torque = -2 * ATTITUDE_GAIN * (RATE_GAINS * INERTIA_KG_M2)[:2]
    gains = np.einsum("rk,k,kiw->wri", TORQUE_TO_ROTORS[:, :2], torque, error)
    return np.asarray(LEAD * gains.reshape(4, 16))


ATTITUDE_GAINS = _attitude_gains()
RATE_TO_ROTORS = LEAD * TORQUE_TO_ROTORS * RATE_GAINS * INERTIA_KG_M2
TILTED = np.array([[2, 3, 0, 1], [1, 0, 3, 2], [0, 1, 2, 3]])
TILTED_SIGNS = np.array([[-1.0, -1, 1, 1], [1, -1, -1, 1], [1, 1, 1, 1]])[:, :, None]
"""Which parts of a quaternion, with which sign, make its products with j, -i and 1."""


class FlightControl:
    """The controllers of N drones.

    The thrust asked of rotor r is base[r] + gains[r] @ state, with the state 4 numbers of
    the quaternion (w, x, y, z), 3 of the velocity (unused), 3 of the body's rates [rad/s]
    and 4 thrusts of the rotors [N].

    Args:
        count: Number of drones.
        control_dt: Time between two calls of `aim` [s].

    Attributes:
        gains: Shape (N, 4, 14).
        base: Thrusts [N], shape (N, 4).
        integral: Acceleration that makes up for weight, wind and drag, in the world
            [m/s^2], shape (3, N).
    """

    def __init__(self, count: int, control_dt: float) -> None:
        self.gains = np.zeros((count, 4, STATE_SIZE))
        self.gains[:, :, 7:10] = -RATE_TO_ROTORS
        self.gains[:, :, 10:] = (1 - LEAD) * np.eye(4)
        self.base = np.zeros((count, 4))
        self.integral = np.tile(WEIGHT, count)
        self._growth = INTEGRAL_GAINS / VELOCITY_GAINS * control_dt

    def aim(
        self,
        wanted: Array,
        moving: Array,
        *,
        quaternions: Array,
        matrix: Array,
        heading: Array,
        active: Bools | None = None,
    ) -> None:
        """Set gains and base for the next control step.

        Args:
            wanted: Velocity forward, left and up, in the frame that heads [m/s], and yaw
                rate [rad/s], shape (4, N).
            moving: The same of the drones, shape (4, N).
            quaternions: Their attitudes, shape (4, N).
            matrix: The same as rotations from body to world, shape (3, 3, N).
            heading: Rotation from the frame that heads to the world, shape (2, 2, N).
            active: Drones whose integral may grow, shape (N,); None for all.
        """
        error = wanted - moving
        error *= ERROR_GAINS
        # A velocity that is to turn with the heading needs an acceleration for it.
        turning = wanted[1::-1] * moving[3]
        turning *= TURNING_SIGNS
        error[:2] += turning
        _shrink(error)
        force = self._wanted_force(error[:3], heading, active)
        attitudes = _wanted_attitudes(force, quaternions, matrix)
        # A product for each drone by itself, so that their number changes no bit.
        gains = np.matmul(attitudes.T[:, None], ATTITUDE_GAINS)
        self.gains[:, :, :4] = gains.reshape(-1, 4, 4)
        thrust = force[2] / np.maximum(matrix[2, 2], LEAST_UPRIGHT)
        np.minimum(thrust, MOST_THRUST_N / MASS_KG, out=thrust)
        thrust *= MASS_KG * LEAD / 4
        yaw_rate = error[3]
        yaw_rate += moving[3]
        np.multiply(yaw_rate[:, None], RATE_TO_ROTORS[:, 2], out=self.base)
        self.base += thrust[:, None]

    def _wanted_force(
        self, acceleration: Array, heading: Array, active: Bools | None
    ) -> Array:
        """Return the thrust per mass that is wanted, in the world [m/s^2], shape (3, N).

        Args:
            acceleration: In the frame that heads [m/s^2], shape (3, N).
            heading: Rotation from there to the world, shape (2, 2, N).
            active: Drones whose integral may grow, shape (N,); None for all.
        """
        force = np.empty_like(acceleration)
        np.add.reduce(heading * acceleration[:2], axis=1, out=force[:2])
        force[2] = acceleration[2]
        growth = force * self._growth
        if active is not None:
            growth *= active
        self.integral += growth
        np.maximum(self.integral, LEAST_INTEGRAL, out=self.integral)
        np.minimum(self.integral, GREATEST_INTEGRAL, out=self.integral)
        force += self.integral
        return _within_tilt(force)


def _shrink(error: Array) -> None:
    """Shrink forward with left, up, and yaw to what they may be; shape (4, N)."""
    squares = error * error
    squares[1] += squares[0]
    size = np.maximum(squares[1:], MOST_SQUARES)
    np.divide(MOST_SQUARES, size, out=size)
    np.sqrt(size, out=size)
    error[1:] *= size
    error[0] *= size[0]


def _within_tilt(force: Array) -> Array:
    """Return forces whose horizontal part asks for no more than the greatest tilt."""
    squares = force * force
    flat = squares[0]
    flat += squares[1]
    most = squares[2]
    most *= STEEPEST**2
    np.maximum(flat, most, out=flat)
    most /= flat
    np.sqrt(most, out=most)
    force[:2] *= most
    return force


def _wanted_attitudes(force: Array, quaternions: Array, matrix: Array) -> Array:
    """Return the nearest attitudes whose up axes point along forces, shape (4, N)."""
    # Seen from the drone: the shortest turn is about an axis without an upward part.
    turns = np.add.reduce(matrix * force[:, None], axis=0)
    length = np.sqrt(np.add.reduce(force * force, axis=0))
    z = turns[2]
    z += length
    # No drone hangs upside down for long; the limit is there for the division.
    np.maximum(z, 1e-6, out=z)
    length *= z
    length *= 2.0
    turns /= np.sqrt(length, out=length)
    parts = quaternions.take(TILTED, axis=0)
    parts *= TILTED_SIGNS
    parts *= turns[:, None]
    return np.asarray(np.add.reduce(parts, axis=0))


def hover_thrust() -> float:
    """Return the thrust of each rotor that carries a drone at rest [N]."""
    return MASS_KG * GRAVITY_M_S2 / 4


def drag_force(air: Array) -> Array:
    """Return the force of moving air beyond that of still air [N], any shape."""
    return air * DRAG_N_S_M
