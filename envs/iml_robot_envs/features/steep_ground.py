"""Ground that is too steep for wheels, as a thing to be near to: rocks, ditches, slopes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot_envs.compiled import compiled
from iml_robot_envs.features.closeness import Hull, closeness_of
from iml_robot_envs.features.family import Passage, Rows
from iml_robot_envs.features.window import window
from iml_robot_envs.grid_lookup import Frame
from iml_robot_envs.terrain import Array


@dataclass(frozen=True)
class SteepGround:
    """Finds where the ground rises or falls too fast between neighbouring samples.

    Attributes:
        slope: Tangent of the least angle that counts.
    """

    slope: float

    def __call__(self, passage: Passage, row: Rows, hull: Hull) -> None:
        """Raise the closeness where steep ground is nearer."""
        position, grounds = passage.now.position, passage.grounds
        _raise(row, position, grounds.heights, grounds.frame, (*hull, self.slope))


@compiled
def _raise(
    row: Rows,
    position: Array,
    heights: npt.NDArray[np.float32],
    frame: Frame,
    limits: tuple[float, float, float],
) -> None:
    """Raise the closeness where steep ground is nearer.

    Args:
        row: Where, shape (N,).
        position: World x, y, z [m], shape (N, 3).
        heights: Stacked grids, shape (N, rows, columns) [m].
        frame: As of the grounds.
        limits: Hull of the robots, then the slope that counts.
    """
    hull, step_m = limits[:2], limits[2] / frame[0]
    reach = (hull[0] + hull[1]) * frame[0]
    for robot in range(len(row)):
        grid, nearest = heights[robot], reach * reach
        along = frame[1] + frame[0] * position[robot, 0]
        up = frame[2] + frame[0] * position[robot, 1]
        # Each sample is compared with the next ones, which the last ones do not have.
        west, east = window(along, reach, grid.shape[1] - 1)
        south, north = window(up, reach, grid.shape[0] - 1)
        for place in range(south, north):
            for cell in range(west, east):
                # A step lies half-way between its two samples.
                if abs(grid[place, cell + 1] - grid[place, cell]) > step_m:
                    square = (cell + 0.5 - along) ** 2 + (place - up) ** 2
                    nearest = min(nearest, square)
                if abs(grid[place + 1, cell] - grid[place, cell]) > step_m:
                    square = (cell - along) ** 2 + (place + 0.5 - up) ** 2
                    nearest = min(nearest, square)
        room = math.sqrt(nearest) / frame[0]
        row[robot] = max(row[robot], closeness_of(room, hull))
