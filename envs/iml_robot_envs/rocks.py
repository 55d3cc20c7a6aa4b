"""Maps of rocks and ditches that can always be crossed somewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from iml_robot_envs.terrain import Array, Terrain

SIDE_M = 24.0
CELL_M = 0.2
CLEAR_RADIUS_M = 2.0
INFLATION_M = 0.45
MOST_DRAWS = 50
ALONG = 7
"""Points along a rock or ditch that stand for it when gaps are measured."""


@dataclass(frozen=True)
class RockField:
    """How hard a map of rocks is.

    Attributes:
        rocks: Number of rocks tried.
        ditches: Number of ditches tried; rays cannot see them, a height scan can.
        roughness_m: Standard deviation of the rolling ground [m].
        gap_m: Least free width between two obstacles [m].
    """

    rocks: int
    ditches: int
    roughness_m: float
    gap_m: float = 1.3

    def build(self, rng: np.random.Generator) -> Terrain:
        """Return a new map whose start and goal are joined by a free corridor."""
        return self.build_counted(rng)[0]

    def build_counted(self, rng: np.random.Generator) -> tuple[Terrain, int]:
        """Return a new map, and how many draws it took."""
        for draws in range(1, MOST_DRAWS + 1):
            terrain = self._draw(rng)
            if joined(terrain):
                return terrain, draws
        raise RuntimeError(f"no crossable map in {MOST_DRAWS} draws of {self}")

    def _draw(self, rng: np.random.Generator) -> Terrain:
        axis = (np.arange(round(SIDE_M / CELL_M)) + 0.5) * CELL_M - SIDE_M / 2
        x, y = np.meshgrid(axis, axis)
        start = np.array(
            [rng.uniform(-9.0, -7.5), rng.uniform(-3, 3), rng.uniform(-0.5, 0.5)]
        )
        goal = np.array([rng.uniform(8.0, 9.5), rng.uniform(-4, 4)])
        heights = rolling_ground(rng, x.shape, self.roughness_m)
        placed = Placed()
        placed.add((start[:2], start[:2], CLEAR_RADIUS_M))
        placed.add((goal, goal, CLEAR_RADIUS_M))
        for kind in rng.permutation([1] * self.ditches + [0] * self.rocks):
            obstacle = _ditch(rng) if kind else _rock(rng)
            if placed.least_gap_m(obstacle) > self.gap_m:
                placed.add(obstacle)
                rise = -rng.uniform(0.4, 0.55) if kind else rng.uniform(0.3, 0.6)
                near = _window(axis, obstacle)
                heights[near] += rise * _profile(x[near], y[near], obstacle)
        return Terrain(heights, CELL_M, start, goal)


Capsule = tuple[Array, Array, float]


def _rock(rng: np.random.Generator) -> Capsule:
    """Return a rock as a short thick capsule (end, end, radius [m])."""
    centre = rng.uniform([-7.0, -9.0], [8.0, 9.0])
    angle = rng.uniform(0, np.pi)
    reach = rng.uniform(0.0, 0.5) * np.array([np.cos(angle), np.sin(angle)])
    return centre - reach, centre + reach, float(rng.uniform(0.3, 0.6))


def _ditch(rng: np.random.Generator) -> Capsule:
    """Return a ditch, mostly across the way, as a long thin capsule."""
    centre = rng.uniform([-6.0, -8.0], [7.0, 8.0])
    angle = np.pi / 2 + rng.uniform(-0.7, 0.7)
    reach = rng.uniform(0.9, 1.9) * np.array([np.cos(angle), np.sin(angle)])
    return centre - reach, centre + reach, float(rng.uniform(0.4, 0.5))


def _profile(x: Array, y: Array, capsule: Capsule) -> Array:
    """Return 1 inside the capsule and 0 one cell outside it, with a steep side."""
    first, second, radius = capsule
    along = second - first
    length = float(along @ along) or 1.0
    t = np.clip(((x - first[0]) * along[0] + (y - first[1]) * along[1]) / length, 0, 1)
    distance = np.hypot(x - first[0] - t * along[0], y - first[1] - t * along[1])
    return np.asarray(np.clip((radius - distance) / CELL_M + 0.5, 0, 1))


def _window(axis: npt.NDArray[np.floating], capsule: Capsule) -> tuple[slice, slice]:
    """Return rows and columns of the samples that a capsule's profile can reach."""
    first, second, radius = capsule
    reach = radius + CELL_M
    low = np.searchsorted(axis, np.minimum(first, second) - reach)
    high = np.searchsorted(axis, np.maximum(first, second) + reach, side="right")
    return slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))


class Placed:
    """Capsules that are on a map already."""

    def __init__(self) -> None:
        self._points: list[Array] = []
        self._radii: list[float] = []

    def add(self, capsule: Capsule) -> None:
        """Add one."""
        self._points.append(_along(capsule))
        self._radii.append(capsule[2])

    def least_gap_m(self, capsule: Capsule) -> float:
        """Return the free width to the nearest one [m], from points along them."""
        ways = _along(capsule)[:, None] - np.concatenate(self._points)
        ways *= ways
        squares = ways[..., 0] + ways[..., 1]
        nearest = np.sqrt(squares.min(axis=0).reshape(-1, ALONG).min(axis=1))
        return float((nearest - capsule[2] - np.array(self._radii)).min())


def _along(capsule: Capsule) -> Array:
    """Return points along the middle of a capsule, shape (ALONG, 2)."""
    first, second, _ = capsule
    return first + np.linspace(0, 1, ALONG)[:, None] * (second - first)


def rolling_ground(
    rng: np.random.Generator, shape: tuple[int, ...], deviation_m: float
) -> Array:
    """Return smooth ground with this standard deviation [m]."""
    smooth = ndimage.gaussian_filter(
        rng.standard_normal(shape), 1.6 / CELL_M, mode="wrap", truncate=3.0
    )
    return np.asarray(smooth * (deviation_m / smooth.std()))


def joined(terrain: Terrain) -> bool:
    """Return True if a corridor as wide as the rover joins start and goal."""
    heights = terrain.heights
    low = ndimage.minimum_filter(heights, 3)
    high = ndimage.maximum_filter(heights, 3)
    width = 2 * round(INFLATION_M / terrain.cell_m) + 1
    blocked = ndimage.maximum_filter(high - low > 0.25, width)
    regions, _ = ndimage.label(~blocked)
    rows, columns = heights.shape

    def region(point: Array) -> int:
        column = round(point[0] / terrain.cell_m + (columns - 1) / 2)
        row = round(point[1] / terrain.cell_m + (rows - 1) / 2)
        return int(regions[row, column])

    return region(terrain.start) == region(terrain.goal) != 0
