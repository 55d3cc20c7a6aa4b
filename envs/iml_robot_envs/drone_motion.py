"""How drones fly, read from the rows of their simulations."""

from __future__ import annotations

import math

import numpy as np

from iml_robot_envs.compiled import compiled
from iml_robot_envs.drone_model import POSITION, QUATERNION, SPIN, THRUSTS, VELOCITY
from iml_robot_envs.quaternions import angles, rotation
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Array, Bools

MOST_SPEED = 100.0
"""Speed [m/s, rad/s] that no drone reaches unless the simulation diverges."""


def measure(states: Array) -> Motion:
    """Return new arrays of the motion that rows of `Batch.state` hold, shape (N, size)."""
    count = len(states)
    position, velocity = np.empty((count, 3)), np.empty((count, 3))
    # Rows of their own, so that every array of the motion is contiguous.
    numbers = np.empty((6, count))
    _measure(states, position, velocity, numbers)
    roll, pitch, heading, speed, yaw_rate, upright = numbers
    wheel_speeds = np.empty((count, 0))
    return Motion(
        position, roll, pitch, heading, speed, velocity, yaw_rate, wheel_speeds, upright
    )


@compiled
def direction_ahead(east: float, north: float) -> tuple[float, float]:
    """Return cosine and sine of the heading of a nose that points there."""
    # A drone that points straight up heads nowhere; the limit is for the division.
    length = math.sqrt(max(east * east + north * north, 1e-12))
    return east / length, north / length


@compiled
def find_sound(states: Array, least_time_s: float, sound: Bools) -> bool:
    """Find out which simulations have not diverged.

    Args:
        states: Rows of the simulations.
        least_time_s: MuJoCo starts a diverged simulation anew by itself; only its clock
            tells, which is earlier then.
        sound: Filled with which are sound, shape (N,).

    Returns:
        Whether all are.
    """
    all_sound = True
    for robot in range(len(states)):
        state = states[robot]
        sound[robot] = state[0] >= least_time_s
        for number in state[POSITION:VELOCITY]:
            sound[robot] &= math.isfinite(number)
        for number in state[VELOCITY:THRUSTS]:
            # A comparison with what is not finite is false.
            sound[robot] &= abs(number) < MOST_SPEED
        all_sound &= sound[robot]
    return all_sound


@compiled
def _measure(states: Array, position: Array, velocity: Array, numbers: Array) -> None:
    """Write each drone's motion.

    Args:
        states: Rows of the simulations.
        position: World x, y, z [m], shape (N, 3).
        velocity: In the frame that heads [m/s], shape (N, 3).
        numbers: Roll, pitch, heading [rad], speed [m/s], yaw rate [rad/s] and cosine of
            the tilt, shape (6, N).
    """
    for robot in range(len(states)):
        state = states[robot]
        q = state[QUATERNION:VELOCITY]
        matrix = rotation(q[0], q[1], q[2], q[3])
        cosine, sine = direction_ahead(matrix[0][0], matrix[1][0])
        east, north, up = state[VELOCITY], state[VELOCITY + 1], state[VELOCITY + 2]
        for axis in range(3):
            position[robot, axis] = state[POSITION + axis]
        velocity[robot, 0] = cosine * east + sine * north
        velocity[robot, 1] = cosine * north - sine * east
        velocity[robot, 2] = up
        numbers[0, robot], numbers[1, robot], numbers[2, robot] = angles(matrix)
        numbers[3, robot] = math.sqrt(east * east + north * north + up * up)
        numbers[4, robot] = state[SPIN + 2]
        numbers[5, robot] = matrix[2][2]
