"""The ground: a height grid with bilinear look-up, and what lies on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

OUTSIDE_HEIGHT_M = 1.0
"""Height reported beyond the edge of a map: a wall, so that the edge can be seen."""


@dataclass(frozen=True)
class Terrain:
    """A map and where to drive on it.

    Attributes:
        heights: Ground height [m], shape (rows, columns); rows run along y.
        cell_m: Distance of neighbouring samples [m].
        start: Start pose x, y [m], heading [rad], shape (3,).
        goal: Goal position x, y [m], shape (2,).
    """

    heights: Array
    cell_m: float
    start: Array
    goal: Array

    @property
    def half_extent_m(self) -> Array:
        """Distance from the centre to the outermost samples along x and y, shape (2,)."""
        rows, columns = self.heights.shape
        return np.array([columns - 1, rows - 1]) * self.cell_m / 2

    def height_at(self, x: Array, y: Array) -> Array:
        """Return the bilinear ground height at world points; a wall outside.

        Args:
            x: World x [m], any shape.
            y: World y [m], same shape.
        """
        rows, columns = self.heights.shape
        column = x / self.cell_m + (columns - 1) / 2
        row = y / self.cell_m + (rows - 1) / 2
        left = np.clip(column.astype(np.int64), 0, columns - 2)
        low = np.clip(row.astype(np.int64), 0, rows - 2)
        u = column - left
        v = row - low
        flat = self.heights.ravel()
        corner = low * columns + left
        lower = flat[corner] * (1 - u) + flat[corner + 1] * u
        corner += columns
        upper = flat[corner] * (1 - u) + flat[corner + 1] * u
        inside = (np.abs(u - 0.5) <= 0.5) & (np.abs(v - 0.5) <= 0.5)
        return np.where(inside, lower + (upper - lower) * v, OUTSIDE_HEIGHT_M)
