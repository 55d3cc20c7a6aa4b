"""What robots see of the ground around them: heights and colours on a turning grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.terrain import Array, Indices

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.complex64]


@dataclass(frozen=True)
class HeightScan:
    """A grid that turns with the robot.

    Attributes:
        x_m: Forward coordinates of the rows [m], shape (nx,).
        y_m: Left coordinates of the columns [m], shape (ny,), symmetric about 0.
        limit_m: Heights relative to the robot are clipped to this [m].
    """

    x_m: Array
    y_m: Array
    limit_m: float = 1.0

    @property
    def shape(self) -> tuple[int, int]:
        """Rows (forward) and columns (left) of the grid."""
        return len(self.x_m), len(self.y_m)

    def nearest_cells(self, points: Array) -> Indices:
        """Return flat indices of the cells nearest to points of the robot's frame.

        Args:
            points: Forward and left [m], shape (..., 2); the edge's cells stand for what
                lies beyond.
        """
        spacing = self.x_m[1] - self.x_m[0]
        rows, columns = self.shape
        row = np.rint((points[..., 0] - self.x_m[0]) / spacing)
        column = np.rint((points[..., 1] - self.y_m[0]) / spacing)
        row = np.clip(row, 0, rows - 1).astype(np.int64)
        column = np.clip(column, 0, columns - 1).astype(np.int64)
        return np.asarray(row * columns + column)

    @property
    def reach_m(self) -> float:
        """Distance of the farthest corner from the robot [m]."""
        return float(np.hypot(np.abs(self.x_m).max(), np.abs(self.y_m).max()))

    @cached_property
    def _grid(self) -> npt.NDArray[np.complex64]:
        """The grid's points x + iy [m], shape (nx * ny,)."""
        return (self.x_m[:, None] + 1j * self.y_m).ravel().astype(np.complex64)

    def places(self, grounds: Grounds, position: Array, heading: Array) -> Places:
        """Return the grid's points in the coordinates of the maps' samples.

        Args:
            grounds: The maps.
            position: World x, y (z is ignored) [m], shape (N, 2 or 3).
            heading: Headings [rad], shape (N,).

        Returns:
            Column + i row on the map, complex, shape (N, nx * ny).
        """
        # Complex numbers turn and move a point in two operations instead of six.
        origin = position[:, :2] / grounds.cell_m + grounds.middle
        turn = np.exp(1j * heading) / grounds.cell_m
        places: Places = turn.astype(np.complex64)[:, None] * self._grid
        places += origin.view(np.complex128).astype(np.complex64)
        return places

    def heights(self, grounds: Grounds, places: Places, base_m: Array) -> Floats:
        """Return heights above a base, clipped; the limit outside the map.

        Args:
            grounds: The maps.
            places: Of `places`, shape (N, nx * ny).
            base_m: Height that counts as zero [m], shape (N,).

        Returns:
            Shape (N, nx * ny).
        """
        rows, columns = grounds.heights.shape[1:]
        x, y = places.real, places.imag
        left, lower = np.trunc(x), np.trunc(y)
        u, v = x - left, y - lower
        lower *= columns
        lower += left
        corner = lower.astype(np.intp)
        if len(corner) > 1:
            corner += np.arange(len(corner))[:, None] * (rows * columns)
        # The left ends of the lower and of the upper side of each cell.
        sides = corner + np.array([0, columns])[:, None, None]
        flat = grounds.heights.ravel()
        heights, right = flat.take(sides, mode="clip"), flat[1:].take(sides, mode="clip")
        right -= heights
        right *= u
        heights += right
        low, high = heights
        high -= low
        high *= v
        low += high
        low -= base_m.astype(np.float32)[:, None]
        np.maximum(low, -self.limit_m, out=low)
        np.minimum(low, self.limit_m, out=low)
        return np.asarray(low)
