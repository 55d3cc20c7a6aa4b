"""A map: the ground with its soils, what stands on it, the wind over it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from iml_robot_envs.soils import SOILS

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]

OUTSIDE_HEIGHT_M = 1.0
"""Height reported beyond the edge of a map: a wall, so that the edge can be seen."""


@dataclass(frozen=True)
class Wind:
    """The air over a map.

    Attributes:
        mean: Mean velocity along x and y, away from shelter [m/s].
        gust_m_s: Standard deviation of the gusts along each horizontal axis [m/s].
        downdraft_m_s: Downward velocity where the wind is not sheltered [m/s].
    """

    mean: tuple[float, float] = (0.0, 0.0)
    gust_m_s: float = 0.0
    downdraft_m_s: float = 0.0


def usual_grip() -> Array:
    """Return the coefficient of friction of every soil as the table has it."""
    return np.array([soil.friction for soil in SOILS])


@dataclass(frozen=True)
class Terrain:
    """A map and where to go on it; x and y are 0 in its middle.

    Attributes:
        heights: Ground height [m], shape (rows, columns), at least 2 x 2; rows run along y.
        cell_m: Distance of neighbouring samples [m].
        start: Start pose x, y [m], heading [rad], shape (3,).
        goal: Goal position x, y [m], shape (2,).
        soils: Index into `SOILS` at each sample, shape (rows, columns); None where all
            ground is of the first soil, and nothing about it needs to be simulated.
        grip: Coefficient of friction of each soil on this map, shape (len(SOILS),): the
            same look can mean another grip on another map.
        posts: Upright cylinders from the ground: x, y, radius and height of the top in
            the world [m], shape (n, 4).
        beams: Cylinders between two points: x, y, z, x, y, z, radius [m], shape (n, 7).
        wind: The air.
        exposure: Share of the wind that blows at each sample, shape (rows, columns); None
            where there is no shelter.
    """

    heights: Array
    cell_m: float
    start: Array
    goal: Array
    soils: npt.NDArray[np.uint8] | None = None
    grip: Array = field(default_factory=usual_grip)
    posts: Array = field(default_factory=lambda: np.zeros((0, 4)))
    beams: Array = field(default_factory=lambda: np.zeros((0, 7)))
    wind: Wind = Wind()
    exposure: Array | None = None

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
        rows, columns = self.heights.shape
        u = np.asarray(x) / self.cell_m + (columns - 1) / 2
        v = np.asarray(y) / self.cell_m + (rows - 1) / 2
        left = np.clip(u, 0, columns - 2).astype(np.intp)
        low = np.clip(v, 0, rows - 2).astype(np.intp)
        u, v = u - left, v - low
        lower = self.heights[low, left] * (1 - u) + self.heights[low, left + 1] * u
        upper = self.heights[low + 1, left] * (1 - u) + self.heights[low + 1, left + 1] * u
        inside = (u >= 0) & (u <= 1) & (v >= 0) & (v <= 1)
        return np.where(inside, lower * (1 - v) + upper * v, OUTSIDE_HEIGHT_M)


class Field(Protocol):
    """How hard the maps of a level are: draws one of them."""

    def build(self, rng: np.random.Generator) -> Terrain:
        """Return a new map that depends on nothing but the generator."""
