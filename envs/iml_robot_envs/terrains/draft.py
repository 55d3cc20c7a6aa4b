"""A map under construction: sub-terrains add to it one after the other."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from iml_robot_envs.soils import SLAB
from iml_robot_envs.terrain import Array, Bools, Terrain, Wind, usual_grip


class Draft:
    """What a map will be; anything may still be changed.

    Args:
        width_m: Length of the map along x [m].
        depth_m: Length along y [m].
        cell_m: Distance of neighbouring samples [m].

    Attributes:
        cell_m: Distance of neighbouring samples [m].
        x: World x of each sample [m], shape (rows, columns).
        y: World y of each sample [m], shape (rows, columns).
        heights: Ground heights [m], shape (rows, columns); flat at first.
        soils: Index into `SOILS` of each sample, shape (rows, columns); None until the
            first `paint`.
        grip: Coefficient of friction of each soil on this map, shape (len(SOILS),).
        posts: Rows x, y, radius, top [m].
        beams: Rows x, y, z, x, y, z, radius [m].
        wind: The air.
        exposure: Share of the wind at each sample, shape (rows, columns), or None.
        start: Pose x, y [m], heading [rad], shape (3,).
        goal: Position x, y [m], shape (2,).
        clear: Discs x, y, radius [m] where nothing may stand in the way.
    """

    def __init__(self, *, width_m: float, depth_m: float, cell_m: float) -> None:
        self.cell_m = cell_m
        columns, rows = round(width_m / cell_m), round(depth_m / cell_m)
        self.x, self.y = np.meshgrid(_axis(columns, cell_m), _axis(rows, cell_m))
        self.heights: Array = np.zeros((rows, columns))
        self.soils: npt.NDArray[np.uint8] | None = None
        self.grip = usual_grip()
        self.posts: list[tuple[float, ...]] = []
        self.beams: list[tuple[float, ...]] = []
        self.wind = Wind()
        self.exposure: Array | None = None
        self.start: Array = np.zeros(3)
        self.goal: Array = np.zeros(2)
        self.clear: list[tuple[float, float, float]] = []

    def paint(self, where: Bools, soil: int) -> None:
        """Make some samples, (rows, columns), a soil; the others stay what they are."""
        if self.soils is None:
            self.soils = np.full(self.heights.shape, SLAB, np.uint8)
        self.soils[where] = soil

    def place(self, start: Array, goal: Array, *, clear_m: float) -> None:
        """Say where to start and to go, and keep discs around both clear.

        Args:
            start: Pose x, y [m], heading [rad], shape (3,).
            goal: Position x, y [m], shape (2,).
            clear_m: Radius of the discs [m].
        """
        self.start, self.goal = np.asarray(start, float), np.asarray(goal, float)
        for point in (self.start, self.goal):
            self.clear.append((float(point[0]), float(point[1]), clear_m))

    def is_clear_of(self, x: float, y: float, radius_m: float) -> bool:
        """Return whether a disc [m] touches none of the discs that must stay clear."""
        return all(
            np.hypot(x - a, y - b) >= radius_m + radius for a, b, radius in self.clear
        )

    def keep_clear(self) -> Bools:
        """Return the samples in the discs that must stay clear, shape (rows, columns)."""
        inside = np.zeros(self.heights.shape, np.bool_)
        for x, y, radius in self.clear:
            inside |= (self.x - x) ** 2 + (self.y - y) ** 2 < radius**2
        return inside

    def finish(self) -> Terrain:
        """Return the map."""
        return Terrain(
            heights=self.heights,
            cell_m=self.cell_m,
            start=self.start,
            goal=self.goal,
            soils=self.soils,
            grip=self.grip,
            posts=np.array(self.posts, float).reshape(-1, 4),
            beams=np.array(self.beams, float).reshape(-1, 7),
            wind=self.wind,
            exposure=self.exposure,
        )


class SubTerrain(Protocol):
    """One idea of what may be on a map."""

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Add it to a map.

        Args:
            draft: The map; start, goal and clear discs are set already.
            difficulty: From 0 (easy) to 1 (hard).
            rng: All chance comes from it.
        """


def _axis(count: int, cell_m: float) -> Array:
    return np.asarray((np.arange(count) - (count - 1) / 2) * cell_m)
