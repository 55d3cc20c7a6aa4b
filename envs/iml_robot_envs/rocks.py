"""Maps of rocks and ditches that can always be crossed somewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from iml_robot_envs.terrain import Array, Terrain

SIDE_M = 24.0
CELL_M = 0.2
CLEAR_RADIUS_M = 2.0
INFLATION_M = 0.45


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
        for _ in range(50):
            terrain = self._draw(rng)
            if joined(terrain):
                return terrain
        raise RuntimeError(f"no crossable map in 50 draws of {self}")

    def _draw(self, rng: np.random.Generator) -> Terrain:
        axis = (np.arange(round(SIDE_M / CELL_M)) + 0.5) * CELL_M - SIDE_M / 2
        x, y = np.meshgrid(axis, axis)
        start = np.array(
            [rng.uniform(-9.0, -7.5), rng.uniform(-3, 3), rng.uniform(-0.5, 0.5)]
        )
        goal = np.array([rng.uniform(8.0, 9.5), rng.uniform(-4, 4)])
        heights = rolling_ground(rng, x.shape, self.roughness_m)
        placed = [(start[:2], start[:2], CLEAR_RADIUS_M), (goal, goal, CLEAR_RADIUS_M)]
        for kind in rng.permutation([1] * self.ditches + [0] * self.rocks):
            obstacle = _ditch(rng) if kind else _rock(rng)
            if all(_distance(obstacle, other) > self.gap_m for other in placed):
                placed.append(obstacle)
                rise = -rng.uniform(0.4, 0.55) if kind else rng.uniform(0.3, 0.6)
                heights += rise * _profile(x, y, obstacle)
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


def _distance(one: Capsule, other: Capsule) -> float:
    """Return the free width between two capsules [m], from points along them."""
    t = np.linspace(0, 1, 7)[:, None]
    a = one[0] + t * (one[1] - one[0])
    b = other[0] + t * (other[1] - other[0])
    gaps = np.linalg.norm(a[:, None] - b[None], axis=2)
    return float(gaps.min()) - one[2] - other[2]


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
