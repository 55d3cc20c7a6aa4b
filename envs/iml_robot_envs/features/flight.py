"""How a drone keeps its height: how far it is from a band, and how fast it changes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot_envs.compiled import compiled
from iml_robot_envs.features.family import Feature, Passage, Rows
from iml_robot_envs.grid_lookup import Frame, bilinear
from iml_robot_envs.terrain import Array


@dataclass(frozen=True)
class Flight:
    """Height and climbing.

    Attributes:
        lowest_m: Least comfortable height above the ground [m].
        highest_m: Greatest [m].
    """

    lowest_m: float
    highest_m: float

    @property
    def features(self) -> tuple[Feature, ...]:
        """The error of the height, and climbing."""
        band = f"{self.lowest_m:g} to {self.highest_m:g} m"
        return (
            Feature("height_error", f"how far its height is from {band}", "m", -0.3),
            Feature("climbing", "how fast it goes up or down", "m/s", -0.2),
        )

    def write(self, passage: Passage, rows: Rows) -> None:
        """Write both."""
        now, grounds = passage.now, passage.grounds
        band = self.lowest_m, self.highest_m
        motion = now.position, now.velocity
        _write(rows, motion, grounds.heights, grounds.frame, band)


@compiled
def _write(
    rows: Rows,
    motion: tuple[Array, Array],
    heights: npt.NDArray[np.float32],
    frame: Frame,
    band: tuple[float, float],
) -> None:
    """Write the features of the flight.

    Args:
        rows: Where, shape (2, N).
        motion: World x, y, z [m], and velocity forward, left and up [m/s], shape (N, 3)
            each.
        heights: Stacked grids, shape (N, rows, columns) [m].
        frame: As of the grounds.
        band: Least and greatest comfortable height above the ground [m].
    """
    position, velocity = motion
    for robot in range(rows.shape[-1]):
        column = frame[1] + frame[0] * position[robot, 0]
        row = frame[2] + frame[0] * position[robot, 1]
        height = position[robot, 2] - bilinear(heights[robot], column, row)
        rows[0, robot] = max(band[0] - height, height - band[1], 0.0)
        rows[1, robot] = abs(velocity[robot, 2])
