"""Ground as high as a drone, as a thing to be near to: the walls of a canyon."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from iml_robot_envs.compiled import compiled
from iml_robot_envs.features.closeness import Hull, closeness_of
from iml_robot_envs.features.family import Passage, Rows
from iml_robot_envs.features.window import window
from iml_robot_envs.grid_lookup import Frame
from iml_robot_envs.terrain import Array


def near_walls(passage: Passage, row: Rows, hull: Hull) -> None:
    """Raise the closeness where ground as high as the drone's lower side is nearer."""
    position, grounds = passage.now.position, passage.grounds
    if not grounds.flat:
        _raise(row, position, grounds.heights, grounds.frame, hull)


@compiled
def _raise(
    row: Rows,
    position: Array,
    heights: npt.NDArray[np.float32],
    frame: Frame,
    hull: Hull,
) -> None:
    """Raise the closeness where a wall is nearer.

    Args:
        row: Where, shape (N,).
        position: World x, y, z [m], shape (N, 3).
        heights: Stacked grids, shape (N, rows, columns) [m].
        frame: As of the grounds.
        hull: Of the drones.
    """
    reach = (hull[0] + hull[1]) * frame[0]
    for robot in range(len(row)):
        grid, nearest = heights[robot], reach * reach
        low = position[robot, 2] - hull[0]
        along = frame[1] + frame[0] * position[robot, 0]
        up = frame[2] + frame[0] * position[robot, 1]
        west, east = window(along, reach, grid.shape[1])
        south, north = window(up, reach, grid.shape[0])
        for place in range(south, north):
            for cell in range(west, east):
                if grid[place, cell] > low:
                    square = (cell - along) ** 2 + (place - up) ** 2
                    nearest = min(nearest, square)
        room = math.sqrt(nearest) / frame[0]
        row[robot] = max(row[robot], closeness_of(room, hull))
