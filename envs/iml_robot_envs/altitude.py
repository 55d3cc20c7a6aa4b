"""How high robots are above the ground under them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from iml_robot_envs.compiled import compiled
from iml_robot_envs.grid_lookup import Frame, bilinear
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.terrain import Array


def ground_under(grounds: Grounds, position: Array) -> Array:
    """Return the height of the ground under each robot [m], shape (N,).

    Args:
        grounds: The maps.
        position: World x, y, z [m], shape (N, 3).
    """
    ground = np.zeros(len(position))
    if not grounds.flat:
        _look_up(grounds.heights, position, grounds.frame, ground)
    return ground


@compiled
def _look_up(
    heights: npt.NDArray[np.float32], position: Array, frame: Frame, ground: Array
) -> None:
    """Write the height of the ground under each robot, shape (N,) [m].

    Args:
        heights: Stacked grids, shape (N, rows, columns) [m].
        position: World x, y, z, shape (N, 3) [m].
        frame: As of the grounds.
        ground: Where the heights are written.
    """
    samples_per_m, middle_column, middle_row = frame
    for robot in range(len(position)):
        column = middle_column + samples_per_m * position[robot, 0]
        row = middle_row + samples_per_m * position[robot, 1]
        ground[robot] = bilinear(heights[robot], column, row)
