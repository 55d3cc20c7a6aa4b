"""What robots see of the ground around them: heights and colours on a turning grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.terrain import OUTSIDE_HEIGHT_M, Array

Floats = npt.NDArray[np.float32]
_ALMOST = np.float32(0.999)


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

    def places(self, grounds: Grounds, position: Array, heading: Array) -> Floats:
        """Return the grid's points in the coordinates of the maps' samples.

        Args:
            grounds: The maps.
            position: World x, y (z is ignored) [m], shape (N, 2 or 3).
            heading: Headings [rad], shape (N,).

        Returns:
            Column and row on the map, shape (2, N, nx, ny).
        """
        rows, columns = grounds.heights.shape[1:]
        cell = grounds.cell_m
        cos, sin = np.cos(heading)[:, None] / cell, np.sin(heading)[:, None] / cell
        # Rows and columns are turned apart and then added: two short products for a
        # grid instead of a long one.
        along_x = position[:, :1] / cell + cos * self.x_m + (columns - 1) / 2
        along_y = position[:, 1:2] / cell + sin * self.x_m + (rows - 1) / 2
        across_x, across_y = sin * self.y_m, cos * self.y_m
        places = np.empty((2, len(heading), *self.shape), np.float32)
        np.subtract(
            along_x.astype(np.float32)[:, :, None],
            across_x.astype(np.float32)[:, None],
            out=places[0],
        )
        np.add(
            along_y.astype(np.float32)[:, :, None],
            across_y.astype(np.float32)[:, None],
            out=places[1],
        )
        return places

    def heights(self, grounds: Grounds, places: Floats, base_m: Array) -> Floats:
        """Return heights above a base, clipped; a wall outside the map.

        Args:
            grounds: The maps.
            places: Of `places`, shape (2, N, nx, ny).
            base_m: Height that counts as zero [m], shape (N,).

        Returns:
            Shape (N, nx, ny).
        """
        rows, columns = grounds.heights.shape[1:]
        inside = self._is_inside(places, rows, columns)
        if inside:
            u, v = places.copy()
        else:
            u = np.clip(places[0], 0, columns - 2 + _ALMOST)
            v = np.clip(places[1], 0, rows - 2 + _ALMOST)
        first, row = u.astype(np.int32), v.astype(np.int32)
        u -= first
        v -= row
        row *= columns
        first += row
        first += np.arange(0, len(first) * rows * columns, rows * columns)[
            :, None, None
        ].astype(np.int32)
        heights = _bilinear(grounds.heights.ravel(), first, u, v, columns)
        heights -= base_m.astype(np.float32)[:, None, None]
        if not inside:
            outside = (places[0] < 0) | (places[0] > columns - 1)
            outside |= (places[1] < 0) | (places[1] > rows - 1)
            heights[outside] = OUTSIDE_HEIGHT_M
        np.maximum(heights, np.float32(-self.limit_m), out=heights)
        np.minimum(heights, np.float32(self.limit_m), out=heights)
        return heights

    def _is_inside(self, places: Floats, rows: int, columns: int) -> bool:
        """Return True if the corners, and so all grids, lie on the maps."""
        nx, ny = self.shape
        corners = places[:, :, :: max(nx - 1, 1), :: max(ny - 1, 1)]
        lowest, highest = corners.min(), corners.max()
        return bool(lowest >= 0 and highest <= min(rows, columns) - 2 + _ALMOST)


def _bilinear(
    flat: Floats, first: npt.NDArray[np.int32], u: Floats, v: Floats, columns: int
) -> Floats:
    """Return values between four samples; overwrites `first` and `u`."""
    low, right = flat.take(first), flat[1:].take(first)
    right -= low
    right *= u
    low += right
    first += columns
    high, right = flat.take(first), flat[1:].take(first)
    right -= high
    right *= u
    high += right
    high -= low
    high *= v
    low += high
    return low
