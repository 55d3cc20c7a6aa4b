"""Looking up a map's grid at places given as column and row, which need not be whole."""

from __future__ import annotations

import math
from typing import Any

import numpy.typing as npt

from iml_robot_envs.compiled import compiled

Frame = tuple[float, float, float]
"""Samples in a metre, then column and row of the map's middle."""
Pose = tuple[float, float, float, float]
"""x and y [m], then cosine and sine of the heading."""


@compiled
def pose(x: float, y: float, heading: float) -> Pose:
    """Return a pose for `place_of`, from x, y [m] and heading [rad]."""
    return x, y, math.cos(heading), math.sin(heading)


@compiled
def place_of(frame: Frame, robot: Pose, ahead: float, left: float) -> tuple[float, float]:
    """Return column and row of a point ahead and to the left of a robot [m]."""
    x, y, cosine, sine = robot
    samples_per_m, middle_column, middle_row = frame
    return (
        middle_column + samples_per_m * (x + cosine * ahead - sine * left),
        middle_row + samples_per_m * (y + sine * ahead + cosine * left),
    )


@compiled
def nearest_sample(shape: tuple[int, int], column: float, row: float) -> tuple[int, int]:
    """Return row and column of the sample nearest to a place; the rim's beyond the edge.

    Args:
        shape: Rows and columns of the grid.
        column: Along x, from 0 at the first sample.
        row: Along y, from 0 at the first sample.
    """
    return (
        min(max(int(row + 0.5), 0), shape[0] - 1),
        min(max(int(column + 0.5), 0), shape[1] - 1),
    )


@compiled
def bilinear(grid: npt.NDArray[Any], column: float, row: float) -> float:
    """Return the value of a grid between its samples; the rim's beyond the edge.

    Args:
        grid: Values, shape (rows, columns), at least 2 x 2.
        column: Along x, from 0 at the first sample.
        row: Along y, from 0 at the first sample.
    """
    column = min(max(column, 0.0), grid.shape[1] - 1.0)
    row = min(max(row, 0.0), grid.shape[0] - 1.0)
    left, lower = min(int(column), grid.shape[1] - 2), min(int(row), grid.shape[0] - 2)
    u, v = column - left, row - lower
    south = grid[lower, left] + u * (grid[lower, left + 1] - grid[lower, left])
    north = grid[lower + 1, left] + u * (grid[lower + 1, left + 1] - grid[lower + 1, left])
    return float(south + v * (north - south))
