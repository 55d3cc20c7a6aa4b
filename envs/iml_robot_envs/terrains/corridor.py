"""Whether a map can be crossed: the planner's test of new maps."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from iml_robot_envs.terrain import Array, Bools, Terrain


def is_joined(
    terrain: Terrain, blocked: Bools, *, inflation_m: float, stride: int = 1
) -> bool:
    """Return whether free ground joins start and goal when all that blocks has grown.

    Args:
        terrain: The map.
        blocked: Samples that cannot be passed, shape (rows, columns).
        inflation_m: By how much they grow [m]: half the robot's width and a margin.
        stride: `blocked` holds every so many-th row and column; a quarter of the samples
            takes a quarter of the time.
    """
    width = 2 * round(inflation_m / (stride * terrain.cell_m)) + 1
    grown = ndimage.maximum_filter(blocked.astype(np.uint8), width)
    regions, _ = ndimage.label(grown == 0)
    ends = [sample_at(terrain, point) for point in (terrain.start, terrain.goal)]
    start, goal = (regions[row // stride, column // stride] for row, column in ends)
    return bool(start != 0 and start == goal)


def near_posts(terrain: Terrain, room_m: float) -> Bools:
    """Return which samples lie nearer than this to the side of a post, (rows, columns)."""
    rows, columns = terrain.heights.shape
    near: Bools = np.zeros((rows, columns), np.bool_)
    west, south = -terrain.half_extent_m
    for x, y, radius, _ in terrain.posts.tolist():
        row, column = sample_at(terrain, np.array([x, y]))
        reach = int(np.ceil((radius + room_m) / terrain.cell_m)) + 1
        up = np.arange(max(row - reach, 0), min(row + reach + 1, rows))
        along = np.arange(max(column - reach, 0), min(column + reach + 1, columns))
        away_x = west + terrain.cell_m * along - x
        away_y = south + terrain.cell_m * up - y
        near[np.ix_(up, along)] |= np.hypot(away_x, away_y[:, None]) < radius + room_m
    return near


def sample_at(terrain: Terrain, point: Array) -> tuple[int, int]:
    """Return row and column of the sample nearest to a world point x, y [m]."""
    rows, columns = terrain.heights.shape
    column = round(float(point[0]) / terrain.cell_m + (columns - 1) / 2)
    row = round(float(point[1]) / terrain.cell_m + (rows - 1) / 2)
    return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)
