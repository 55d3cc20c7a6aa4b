"""How rovers stand and move, read from the rows of their simulations."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.compiled import compiled
from iml_robot_envs.quaternions import angles, rotation
from iml_robot_envs.robot import Motion
from iml_robot_envs.rover_model import (
    POSITION,
    QUATERNION,
    SPIN,
    VELOCITY,
    WHEEL_RADIUS_M,
    WHEEL_RATES,
    WHEELS,
)
from iml_robot_envs.terrain import Array


def measure(states: Array) -> Motion:
    """Return new arrays of the motion that rows of `Batch.state` hold, shape (N, size)."""
    count = len(states)
    position, velocity = np.empty((count, 3)), np.empty((count, 3))
    wheel_speeds = np.empty((count, len(WHEELS)))
    # Rows of their own, so that every array of the motion is contiguous.
    numbers = np.empty((6, count))
    _measure(states, position, velocity, wheel_speeds, numbers)
    roll, pitch, heading, speed, yaw_rate, upright = numbers
    return Motion(
        position, roll, pitch, heading, speed, velocity, yaw_rate, wheel_speeds, upright
    )


@compiled
def _measure(
    states: Array, position: Array, velocity: Array, wheel_speeds: Array, numbers: Array
) -> None:
    """Write each rover's motion.

    Args:
        states: Rows of the simulations.
        position: World x, y, z [m], shape (N, 3).
        velocity: In the rover's frame [m/s], shape (N, 3).
        wheel_speeds: Speeds of the rims [m/s], shape (N, 4).
        numbers: Roll, pitch, heading [rad], speed [m/s], yaw rate [rad/s] and cosine of
            the tilt, shape (6, N).
    """
    for robot in range(len(states)):
        state = states[robot]
        q = state[QUATERNION : QUATERNION + 4]
        matrix = rotation(q[0], q[1], q[2], q[3])
        for axis in range(3):
            position[robot, axis] = state[POSITION + axis]
            velocity[robot, axis] = (
                matrix[0][axis] * state[VELOCITY]
                + matrix[1][axis] * state[VELOCITY + 1]
                + matrix[2][axis] * state[VELOCITY + 2]
            )
        for wheel in range(wheel_speeds.shape[1]):
            wheel_speeds[robot, wheel] = WHEEL_RADIUS_M * state[WHEEL_RATES + wheel]
        numbers[0, robot], numbers[1, robot], numbers[2, robot] = angles(matrix)
        numbers[3, robot] = velocity[robot, 0]
        numbers[4, robot] = state[SPIN + 2]
        numbers[5, robot] = matrix[2][2]
