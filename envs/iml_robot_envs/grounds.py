"""The maps under N robots, stacked, so that all robots feel and see at once.

Every map has a margin of wall around it, wide enough for the robots' senses, so that
looking beyond the edge needs no special case.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot_envs.grid_lookup import Frame
from iml_robot_envs.soils import SOILS
from iml_robot_envs.terrain import Array, Indices, Terrain
from iml_robot_envs.weather import Weather, still_air

Floats = npt.NDArray[np.float32]
Soils = npt.NDArray[np.uint8]

WALL_M = 100.0
"""Height of the margin [m]."""
OUTSIDE_SOIL = len(SOILS)
"""Soil of the margin."""
NO_POST = np.array([1e4, 1e4, 0.0, 0.0], np.float32)
NO_BEAM = np.array([1e4, 1e4, 0.0, 1e4, 1e4, 0.0, 0.0], np.float32)
"""What only fills up a row: too far away to meet."""


class Grounds:
    """Maps of one size, one for each robot.

    Args:
        count: Number of robots.
        margin_m: Width of the wall around each map [m].

    Attributes:
        terrains: The map of each robot; None before `put`.
        heights: Ground heights [m], shape (N, rows, columns), with the margin.
        soils: Index into `SOILS`, same shape; None while no map has soils.
        exposure: Share of the wind, same shape; None while no map has it.
        cell_m: Distance of neighbouring samples [m].
        middle: Column and row of the maps' middle, shape (2,).
        frame: The same for compiled functions: samples in a metre, column and row.
        grip: Coefficient of friction of each soil, shape (N, soils).
        goals: Goal positions [m], shape (N, 2).
        half_extent_m: From the middle to the outermost samples, shape (N, 2).
        posts: x, y, radius and top [m], shape (N, most posts of a map, 4).
        beams: x, y, z, x, y, z and radius [m], shape (N, most beams of a map, 7).
        weather: Wind and noise of each robot's episode.
        noise: Standard normal numbers of the sensors, shape (N, steps, channels); from the
            beginning again afterwards.
        version: Of each robot, how often its map has been put, shape (N,).
        flat: Whether all maps are level ground at height 0.
    """

    def __init__(self, count: int, margin_m: float) -> None:
        self.count = count
        self.cell_m = 1.0
        self.middle = np.zeros(2)
        self.frame: Frame = (1.0, 0.0, 0.0)
        self._margin_m, self._margin = margin_m, 0
        self.terrains: list[Terrain | None] = [None] * count
        self.weather: list[Weather] = [still_air()] * count
        self.noise: Floats = np.zeros((count, 1, 0), np.float32)
        self.goals = np.zeros((count, 2))
        self.half_extent_m = np.ones((count, 2))
        self.heights: Floats = np.zeros((count, 2, 2), np.float32)
        self.soils: Soils | None = None
        self.exposure: Floats | None = None
        self.grip = np.zeros((count, 0))
        self.posts: Floats = np.zeros((count, 0, 4), np.float32)
        self.beams: Floats = np.zeros((count, 0, 7), np.float32)
        self.version: Indices = np.zeros(count, np.int64)
        self.flat = True
        self._uneven = np.zeros(count, np.bool_)

    def put(self, robot: int, terrain: Terrain, weather: Weather) -> None:
        """Give a robot a map.

        Raises:
            ValueError: If its size is not that of the other maps.
        """
        self._fit(terrain)
        self._put_grid(self.heights, robot, terrain.heights)
        if terrain.soils is not None and self.soils is None:
            self.soils = np.full(self.heights.shape, OUTSIDE_SOIL, np.uint8)
        if self.soils is not None:
            self._put_grid(self.soils, robot, terrain.soils, missing=0)
        if terrain.exposure is not None and self.exposure is None:
            self.exposure = np.ones(self.heights.shape, np.float32)
        if self.exposure is not None:
            self._put_grid(self.exposure, robot, terrain.exposure, missing=1)
        if not self.grip.size:
            self.grip = np.tile(terrain.grip, (self.count, 1))
        self.grip[robot] = terrain.grip
        self.posts = _put_row(self.posts, robot, terrain.posts, NO_POST)
        self.beams = _put_row(self.beams, robot, terrain.beams, NO_BEAM)
        self.goals[robot] = terrain.goal
        self.half_extent_m[robot] = terrain.half_extent_m
        self.terrains[robot] = terrain
        self.weather[robot] = weather
        self._put_noise(robot, weather.noise)
        self.version[robot] += 1
        self._uneven[robot] = terrain.heights.any()
        self.flat = not self._uneven.any()

    def _fit(self, terrain: Terrain) -> None:
        """Take the size of the first map; refuse another size later."""
        rows, columns = terrain.heights.shape
        margin = int(np.ceil(self._margin_m / terrain.cell_m)) + 1
        shape = (self.count, rows + 2 * margin, columns + 2 * margin)
        if self.heights.shape == shape:
            return
        if any(t is not None for t in self.terrains):
            size = (self.heights.shape[1] - 2 * margin, self.heights.shape[2] - 2 * margin)
            raise ValueError(f"all maps of a task have {size} samples, got {rows, columns}")
        self.heights = np.full(shape, WALL_M, np.float32)
        self.cell_m, self._margin = terrain.cell_m, margin
        self.middle = np.array([(columns - 1) / 2, (rows - 1) / 2]) + margin
        self.frame = (1.0 / terrain.cell_m, float(self.middle[0]), float(self.middle[1]))

    def _put_noise(self, robot: int, noise: Floats) -> None:
        """Keep a robot's table of noise beside those of others, if they have its shape."""
        if self.noise.shape[1:] != noise.shape:
            self.noise = np.zeros((self.count, *noise.shape), np.float32)
            for other, weather in enumerate(self.weather):
                if weather.noise.shape == noise.shape:
                    self.noise[other] = weather.noise
        self.noise[robot] = noise

    def _put_grid(
        self, stack: npt.NDArray[Any], robot: int, grid: Any, *, missing: int = 0
    ) -> None:
        """Write a map's grid inside the margin; a constant where it has none."""
        inside = slice(self._margin, -self._margin)
        stack[robot, inside, inside] = missing if grid is None else grid


def _put_row(stack: Floats, robot: int, things: Array, nothing: Floats) -> Floats:
    """Return a stack with one robot's things replaced, wider where it must be."""
    width = max(stack.shape[1], len(things))
    if width > stack.shape[1]:
        wider = np.tile(nothing, (len(stack), width, 1))
        wider[:, : stack.shape[1]] = stack
        stack = wider
    stack[robot] = nothing
    stack[robot, : len(things)] = things
    return stack
