"""How high robots are above the ground under them."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.terrain import Array


def ground_at(grounds: Grounds, points: Array) -> Array:
    """Return bilinear ground heights at points on the maps or just beside them.

    Args:
        grounds: The maps.
        points: World x, y [m], shape (N, k, 2).

    Returns:
        Heights [m], shape (N, k).
    """
    rows, columns = grounds.heights.shape[1:]
    place = points / grounds.cell_m
    place += grounds.middle
    cell = place.astype(np.int64)
    place -= cell
    u, v = place[..., 0], place[..., 1]
    first = cell[..., 1] * columns
    first += cell[..., 0]
    first += np.arange(0, len(points) * rows * columns, rows * columns)[:, None]
    flat = grounds.heights.ravel()
    # Who is far outside reads something, but does not crash.
    corners = flat.take(
        first[..., None] + np.array([0, 1, columns, columns + 1]), mode="clip"
    )
    west, east = corners[..., ::2], corners[..., 1::2]
    rim = west + u[..., None] * (east - west)
    return np.asarray(rim[..., 0] + v * (rim[..., 1] - rim[..., 0]))


def ground_under(grounds: Grounds, position: Array) -> Array:
    """Return the height of the ground under each robot [m], shape (N,).

    Args:
        grounds: The maps.
        position: World x, y, z [m], shape (N, 3).
    """
    if grounds.flat:
        return np.zeros(len(position))
    return np.asarray(ground_at(grounds, position[:, None, :2])[:, 0])
