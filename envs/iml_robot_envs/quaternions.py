"""Rotations of bodies, for compiled loops; quaternions are w, x, y, z."""

from __future__ import annotations

import math

from iml_robot_envs.compiled import compiled

Row = tuple[float, float, float]


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
