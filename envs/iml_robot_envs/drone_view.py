"""The drive map of a drone: what stands and hangs over the ground is drawn as relief."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.rendering import TopDownMap
from iml_robot_envs.terrain import Array, Terrain

CELL_M = 0.1
RISE_M = 1.0
"""How high trunks and beams are drawn above the ground."""


def drone_view(terrain: Terrain, *, goal_radius_m: float) -> TopDownMap:
    """Return what draws a map.

    Args:
        terrain: The map.
        goal_radius_m: Radius of the goal [m].
    """
    west, south = -terrain.half_extent_m
    x = np.arange(west, -west + CELL_M / 2, CELL_M)
    y = np.arange(south, -south + CELL_M / 2, CELL_M)
    goal_x, goal_y = terrain.goal.tolist()
    return TopDownMap(
        _relief(terrain, x, y),
        CELL_M,
        (float(west), float(south)),
        goal=(goal_x, goal_y),
        goal_radius_m=goal_radius_m,
    )


def _relief(terrain: Terrain, x: Array, y: Array) -> Array:
    """Return ground heights with everything that stands on it, shape (len(y), len(x))."""
    inside = x.clip(x[0], -x[0] - 1e-6), y.clip(y[0], -y[0] - 1e-6)
    heights = terrain.height_at(*np.meshgrid(*inside))
    posts = np.column_stack([terrain.posts[:, :2], terrain.posts[:, :3]])
    beams = terrain.beams[:, [0, 1, 3, 4, 6]]
    for a, b, c, d, radius in np.concatenate([posts, beams]).tolist():
        columns = _span(x, min(a, c) - radius, max(a, c) + radius)
        rows = _span(y, min(b, d) - radius, max(b, d) + radius)
        east, north = x[columns] - a, (y[rows] - b)[:, None]
        length = max((c - a) ** 2 + (d - b) ** 2, 1e-9)
        share = (((c - a) * east + (d - b) * north) / length).clip(0, 1)
        away = np.hypot(east - share * (c - a), north - share * (d - b))
        heights[rows, columns] += RISE_M * (away <= max(radius, CELL_M))
    return heights


def _span(axis: Array, low: float, high: float) -> slice:
    first, last = np.searchsorted(axis, [low - CELL_M, high + CELL_M])
    return slice(int(first), int(last))
