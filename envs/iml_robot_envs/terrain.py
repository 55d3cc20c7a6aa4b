"""The ground: a height grid with bilinear look-up, and what lies on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

OUTSIDE_HEIGHT_M = 1.0
"""Height reported beyond the edge of a map: a wall, so that the edge can be seen."""


@dataclass(frozen=True)
class Terrain:
    """A map and where to drive on it.

    Attributes:
        heights: Ground height [m], shape (rows, columns), at least 2 x 2; rows run along y.
        cell_m: Distance of neighbouring samples [m].
        start: Start pose x, y [m], heading [rad], shape (3,).
        goal: Goal position x, y [m], shape (2,).
        wind: Steady push of the air along x and y [m/s^2], shape (2,).
    """

    heights: Array
    cell_m: float
    start: Array
    goal: Array
    wind: Array = field(default_factory=lambda: np.zeros(2))

    @cached_property
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
        return self.interpolate(np.array([x, y], dtype=np.float64))

    def interpolate(self, points: Array) -> Array:
        """Return what `height_at` returns, faster, and overwrite its argument.

        Args:
            points: World x and y [m], shape (2, ...); holds other numbers afterwards.
        """
        rows, columns = self.heights.shape
        points /= self.cell_m
        points[0] += (columns - 1) / 2
        points[1] += (rows - 1) / 2
        cell = np.trunc(points)
        np.maximum(cell, 0, out=cell)
        np.minimum(cell[0], columns - 2, out=cell[0])
        np.minimum(cell[1], rows - 2, out=cell[1])
        points -= cell
        # From here on `points` holds the place within the cell, in [0, 1] on the map.
        u, v = points
        cell[1] *= columns
        corner = (cell[0] + cell[1]).astype(np.intp)
        # The lower and the upper side of every cell at once, (2, ...).
        sides = np.array([corner, corner + columns])
        flat = self.heights.ravel()
        heights, right = flat[sides], flat[1:][sides]
        heights *= 1 - u
        right *= u
        heights += right
        lower, upper = heights
        upper -= lower
        upper *= v
        lower += upper
        points -= 0.5
        np.abs(points, out=points)
        inside = np.maximum(points[0], points[1]) <= 0.5
        return np.where(inside, lower, OUTSIDE_HEIGHT_M)


class Field(Protocol):
    """How hard the maps of a level are: draws one of them."""

    def build(self, rng: np.random.Generator) -> Terrain:
        """Return a new map that depends on nothing but the generator."""
