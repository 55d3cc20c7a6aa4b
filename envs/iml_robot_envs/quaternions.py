"""Rotations of N bodies at once; quaternions are w, x, y, z."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from iml_robot_envs.compiled import compiled
from iml_robot_envs.terrain import Array

Row = tuple[float, float, float]

# The matrix of a unit quaternion, row by row, is a constant plus two products of its
# components: entry = constant + first * second + third * fourth, with s = sqrt(2) q and
# -s beside it as components 4 to 7.
_FIRST = np.array([6, 1, 1, 1, 5, 2, 1, 2, 5])
_SECOND = np.array([2, 2, 3, 2, 1, 3, 3, 3, 1])
_THIRD = np.array([7, 4, 0, 0, 7, 4, 4, 0, 6])
_FOURTH = np.array([3, 3, 2, 3, 3, 1, 2, 1, 2])
_CONSTANT = np.eye(3).reshape(9, 1)
_OPPOSITE, _ADJACENT = np.array([7, 3]), np.array([8, 0])
_ROOT = np.sqrt(2.0)


class Attitude(NamedTuple):
    """Intrinsic z-y-x angles [rad] and the rotation's matrix, body to world.

    Attributes:
        roll: Shape (N,).
        pitch: Nose down positive, shape (N,).
        heading: Shape (N,).
        matrix: Shape (3, 3, N): row, column, robot.
    """

    roll: Array
    pitch: Array
    heading: Array
    matrix: Array

    def to_body(self, vectors: Array) -> Array:
        """Return world vectors in the bodies' frames, (N, 3) -> (N, 3)."""
        turned = (self.matrix * vectors.T[:, None]).sum(0)
        return np.ascontiguousarray(turned.T)


def attitude(quaternions: Array) -> Attitude:
    """Return the attitude of unit quaternions, shape (N, 4)."""
    scaled = _ROOT * quaternions.T
    signed = np.concatenate([scaled, -scaled])
    matrix = signed.take(_FIRST, 0)
    matrix *= signed.take(_SECOND, 0)
    other = signed.take(_THIRD, 0)
    other *= signed.take(_FOURTH, 0)
    matrix += other
    matrix += _CONSTANT
    # Copies, so that numbers lie side by side: the last bits of a vectorised arc tangent
    # may depend on how far apart they lie in memory.
    angles = np.arctan2(matrix.take(_OPPOSITE, 0), matrix.take(_ADJACENT, 0))
    sine = np.minimum(np.maximum(-matrix[6], -1.0), 1.0)
    roll, heading = angles
    return Attitude(roll, np.arcsin(sine), heading, matrix.reshape(3, 3, -1))


@compiled
def rotation(w: float, x: float, y: float, z: float) -> tuple[Row, Row, Row]:
    """Return the matrix of a unit quaternion, body to world, row by row."""
    return (
        (1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)),
        (2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)),
        (2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)),
    )


@compiled
def angles(matrix: tuple[Row, Row, Row]) -> Row:
    """Return roll, pitch and heading [rad] of a rotation, intrinsic z-y-x."""
    roll = math.atan2(matrix[2][1], matrix[2][2])
    pitch = math.asin(min(max(-matrix[2][0], -1.0), 1.0))
    return roll, pitch, math.atan2(matrix[1][0], matrix[0][0])
