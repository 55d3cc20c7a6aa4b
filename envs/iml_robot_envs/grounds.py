"""The maps under N robots, stacked, so that all robots feel and see at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot_envs.terrain import Array, Indices, Terrain
from iml_robot_envs.weather import Weather, still_air

Floats = npt.NDArray[np.float32]

NOWHERE_M = 1e4
"""Where the posts and beams stand that only fill up a row [m]."""


class Grounds:
    """Maps of one size, one for each robot.

    Args:
        count: Number of robots.

    Attributes:
        terrains: The map of each robot; None before `put`.
        heights: Ground heights [m], shape (N, rows, columns).
        soils: Index into `SOILS`, shape (N, rows, columns); None while no map has soils.
        exposure: Share of the wind, shape (N, rows, columns); None while no map has it.
        grip: Coefficient of friction of each soil, shape (N, soils).
        goals: Goal positions [m], shape (N, 2).
        half_extent_m: From the middle to the outermost samples, shape (N, 2).
        posts: x, y, radius and top [m], shape (N, most posts of a map, 4).
        beams: x, y, z, x, y, z and radius [m], shape (N, most beams of a map, 7).
        weather: Wind and noise of each robot's episode.
        version: Of each robot, how often its map has been put, shape (N,).
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.terrains: list[Terrain | None] = [None] * count
        self.weather: list[Weather] = [still_air()] * count
        self.goals = np.zeros((count, 2))
        self.half_extent_m = np.ones((count, 2))
        self.heights: Floats = np.zeros((count, 2, 2), np.float32)
        self.soils: npt.NDArray[np.uint8] | None = None
        self.exposure: Floats | None = None
        self.grip = np.zeros((count, 0))
        self.posts: Floats = np.zeros((count, 0, 4), np.float32)
        self.beams: Floats = np.zeros((count, 0, 7), np.float32)
        self.version: Indices = np.zeros(count, np.int64)

    @property
    def cell_m(self) -> float:
        """Distance of neighbouring samples, the same on all maps [m]."""
        return next(t.cell_m for t in self.terrains if t is not None)

    def put(self, robot: int, terrain: Terrain, weather: Weather) -> None:
        """Give a robot a map.

        Raises:
            ValueError: If its size is not that of the other maps.
        """
        shape = terrain.heights.shape
        if self.heights.shape[1:] != shape:
            if any(t is not None for t in self.terrains):
                raise ValueError(
                    f"all maps of a task have {self.heights.shape[1:]} samples, "
                    f"this one has {shape}"
                )
            self.heights = np.zeros((self.count, *shape), np.float32)
        self.heights[robot] = terrain.heights
        self.soils = _put_grid(self.soils, robot, terrain.soils, self.heights.shape, 0)
        self.exposure = _put_grid(
            self.exposure, robot, terrain.exposure, self.heights.shape, 1
        )
        if not self.grip.size:
            self.grip = np.tile(terrain.grip, (self.count, 1))
        self.grip[robot] = terrain.grip
        self.posts = _put_row(self.posts, robot, terrain.posts)
        self.beams = _put_row(self.beams, robot, terrain.beams)
        self.goals[robot] = terrain.goal
        self.half_extent_m[robot] = terrain.half_extent_m
        self.terrains[robot] = terrain
        self.weather[robot] = weather
        self.version[robot] += 1

    def to_cells(self, points: Array) -> Array:
        """Return grid coordinates (column, row) of world points, (..., 2) -> (..., 2)."""
        rows, columns = self.heights.shape[1:]
        middle = np.array([(columns - 1) / 2, (rows - 1) / 2])
        return np.asarray(points / self.cell_m + middle)

    def heights_at(self, points: Array) -> Array:
        """Return bilinear ground heights, the outermost ones beyond the edge.

        Args:
            points: World x, y [m], shape (N, k, 2).

        Returns:
            Heights [m], shape (N, k).
        """
        rows, columns = self.heights.shape[1:]
        place = np.clip(self.to_cells(points), 0, [columns - 1.001, rows - 1.001])
        cell = place.astype(np.int64)
        place -= cell
        u, v = place[..., 0], place[..., 1]
        first = (np.arange(self.count)[:, None] * rows + cell[..., 1]) * columns
        first += cell[..., 0]
        flat = self.heights.ravel()
        low = flat[first] * (1 - u) + flat[first + 1] * u
        high = flat[first + columns] * (1 - u) + flat[first + columns + 1] * u
        return np.asarray(low * (1 - v) + high * v)

    def nearest(self, grid: npt.NDArray[np.generic], points: Array) -> Array:
        """Return values of a stacked grid at the samples nearest to points.

        Args:
            grid: Stacked values, shape (N, rows, columns).
            points: World x, y [m], shape (N, k, 2).

        Returns:
            The values, shape (N, k); of the edge for points beyond it.
        """
        rows, columns = self.heights.shape[1:]
        place = np.clip(np.rint(self.to_cells(points)), 0, [columns - 1, rows - 1])
        cell = place.astype(np.int64)
        return np.asarray(grid[np.arange(self.count)[:, None], cell[..., 1], cell[..., 0]])


def _put_grid(
    stack: Any, robot: int, grid: Any, shape: tuple[int, ...], missing: int
) -> Any:
    """Return a stack with one grid replaced; None as long as no map has such a grid."""
    if grid is None and stack is None:
        return None
    if stack is None:
        kind = np.uint8 if grid.dtype == np.uint8 else np.float32
        stack = np.full(shape, missing, kind)
    stack[robot] = missing if grid is None else grid
    return stack


def _put_row(stack: Floats, robot: int, row: Array) -> Floats:
    """Return a stack with one robot's things replaced, wider where it must be."""
    width = stack.shape[1]
    if len(row) > width:
        wider = np.zeros((len(stack), len(row), row.shape[1]), np.float32)
        wider[:, :, :2] = NOWHERE_M
        wider[:, :width] = stack
        stack = wider
    stack[robot] = 0.0
    stack[robot, :, :2] = NOWHERE_M
    stack[robot, : len(row)] = row
    return stack
