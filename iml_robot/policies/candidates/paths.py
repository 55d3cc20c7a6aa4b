"""Paths over a height scan: which cells lie under them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

SECOND_POINTS = 10
"""Points on the second arc of a path."""
LEVEL_M, NEAR_CELLS = 0.1, 4
"""Ground that is so much higher or lower than the robot's stands out [m], and cells within
so many of it are near it."""
FIRST_GROUPS, SECOND_GROUPS = 2, 3
"""Points on each arc are weighed in so many groups."""


def widened(heights: Tensor) -> Tensor:
    """Return the largest of each cell and its eight neighbours, (..., rows, columns).

    Two passes of comparisons are several times faster than a pooling layer.
    """
    along = heights.clone()
    along[..., 1:] = torch.maximum(along[..., 1:], heights[..., :-1])
    along[..., :-1] = torch.maximum(along[..., :-1], heights[..., 1:])
    both = along.clone()
    both[..., 1:, :] = torch.maximum(both[..., 1:, :], along[..., :-1, :])
    both[..., :-1, :] = torch.maximum(both[..., :-1, :], along[..., 1:, :])
    return both


def nearness(heights: Tensor) -> Tensor:
    """Return how near cells are to ground that stands out: 1 on it, falling to 0.

    Args:
        heights: Above the ground that the robot stands on [m], shape (1, B, rows, columns).

    Returns:
        Shape (1, B, rows x columns).
    """
    near = ((heights.abs() - LEVEL_M) / LEVEL_M).clamp(0, 1)
    for _ in range(NEAR_CELLS):
        near = torch.maximum(near, widened(near) - 1 / (NEAR_CELLS + 1))
    return near.flatten(2)


def path_groups(first_points: int) -> npt.NDArray[np.int64]:
    """Return where the groups of a path's points begin, and the end of the last."""
    first = np.linspace(0, first_points, FIRST_GROUPS + 1).astype(np.int64)
    second = np.linspace(0, SECOND_POINTS, SECOND_GROUPS + 1).astype(np.int64)
    return np.concatenate([first, first_points + second[1:]])


def cells_under_paths(
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
    scan: Mapping[str, Any],
    *,
    groups: npt.NDArray[np.int64],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return which scan cells lie under paths, with bilinear weights.

    Args:
        x: Forward coordinates of the path points [m], shape (paths, points).
        y: Left coordinates [m], same shape.
        scan: The "scan" entry of an observation layout.
        groups: Where the groups of points begin, and the end of the last.

    Returns:
        Flat indices of the used cells, shape (U,), and their weights under each
        group of points, shape (groups, U, paths).
    """
    rows, columns = scan["shape"]
    cell = (scan["x_m"][1] - scan["x_m"][0]) / (rows - 1)
    row = np.clip((x - scan["x_m"][0]) / cell, 0, rows - 1.001)
    column = np.clip((y - scan["y_m"][0]) / cell, 0, columns - 1.001)
    low, left = row.astype(np.int64), column.astype(np.int64)
    dense = np.zeros((len(groups) - 1, rows * columns, len(x)), dtype=np.float32)
    group = np.searchsorted(groups, np.arange(x.shape[1]), side="right") - 1
    path = np.broadcast_to(np.arange(len(x))[:, None], x.shape)
    for up, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
        weight = np.abs(1 - up - (row - low)) * np.abs(1 - right - (column - left))
        index = (low + up) * columns + left + right
        np.add.at(dense, (np.broadcast_to(group, x.shape), index, path), weight)
    used = np.flatnonzero(dense.any(axis=(0, 2)))
    return used, dense[:, used]
