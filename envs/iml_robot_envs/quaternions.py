"""Rotations of N bodies at once; quaternions are w, x, y, z."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from iml_robot_envs.terrain import Array


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


def attitude(quaternions: Array) -> Attitude:
    """Return the attitude of unit quaternions, shape (N, 4)."""
    # Rows are copied so that they lie side by side: the last bits of a vectorised arc
    # tangent may depend on how far apart numbers lie in memory.
    w, x, y, z = np.ascontiguousarray(quaternions.T)
    xx, yy, zz = x * x, y * y, z * z
    xy, xz, yz, wx, wy, wz = x * y, x * z, y * z, w * x, w * y, w * z
    matrix = np.empty((3, 3, len(w)))
    matrix[0, 0] = 0.5 - yy - zz
    matrix[0, 1] = xy - wz
    matrix[0, 2] = xz + wy
    matrix[1, 0] = xy + wz
    matrix[1, 1] = 0.5 - xx - zz
    matrix[1, 2] = yz - wx
    matrix[2, 0] = xz - wy
    matrix[2, 1] = yz + wx
    matrix[2, 2] = 0.5 - xx - yy
    matrix *= 2
    angles = np.arctan2(matrix[1:, :2, :][[1, 0], [1, 0]], matrix[[2, 0], [2, 0]])
    pitch = np.arcsin(np.clip(-matrix[2, 0], -1.0, 1.0))
    return Attitude(angles[0], pitch, angles[1], matrix)
