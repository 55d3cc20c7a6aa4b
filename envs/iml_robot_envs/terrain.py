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
        points = np.array([x, y], dtype=np.float64)
        return self.interpolate(points.reshape(2, -1)).reshape(points.shape[1:])

    def interpolate(self, points: Array, *, inside: bool = False) -> Array:
        """Return what `height_at` returns, faster, and overwrite its argument.

        Args:
            points: World x and y [m], shape (2, ...); holds other numbers afterwards.
            inside: Promise that all points lie within the outermost samples.
        """
        rows, columns = self.heights.shape
        x, y = points
        points /= self.cell_m
        x += (columns - 1) / 2
        y += (rows - 1) / 2
        cell = np.trunc(points)
        left, low = cell
        if not inside:
            np.maximum(cell, 0, out=cell)
            np.minimum(left, columns - 2, out=left)
            np.minimum(low, rows - 2, out=low)
        points -= cell
        # From here on x and y are places within the cell, in [0, 1] on the map.
        low *= columns
        left += low
        corner = left.astype(np.intp)
        # Heights at the left and the right of the lower and the upper side of the cell.
        sides = corner + np.array([0, columns]).reshape(2, *[1] * corner.ndim)
        flat = self.heights.ravel()
        heights, right = flat.take(sides), flat[1:].take(sides)
        heights *= 1 - x
        right *= x
        heights += right
        lower, upper = heights
        upper -= lower
        upper *= y
        lower += upper
        if inside:
            return np.asarray(lower)
        points -= 0.5
        np.abs(points, out=points)
        return np.where(np.maximum(x, y) <= 0.5, lower, OUTSIDE_HEIGHT_M)


class Field(Protocol):
    """How hard the maps of a level are: draws one of them."""

    def build(self, rng: np.random.Generator) -> Terrain:
        """Return a new map that depends on nothing but the generator."""
