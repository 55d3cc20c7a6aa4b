"""How far a lidar's rays get until they meet the ground or the wall around the map."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from iml_robot_envs.compiled import compiled
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.terrain import Array

Floats = npt.NDArray[np.float32]

SECTORS = 36
"""Rays of a layer; ray j points j x 10 degrees to the left of ahead."""
SECTOR_RAD = 2 * math.pi / SECTORS
TINY = 1e-6
GROWTH = 0.1
"""Steps of the march grow by this share of the way."""


class GroundRanges:
    """Distances along rays to the ground.

    Over uneven ground rays march over the nearest samples of the height grid in growing
    steps; where one has gone under, the place of entry is interpolated.

    Args:
        layers: Of each layer the tangent of its elevation and its way per horizontal way,
            from low to high, shape (layers, 2).
        range_m: Distance beyond which nothing is seen [m].
        step_m: Length of the first steps [m].
    """

    def __init__(self, layers: Array, *, range_m: float, step_m: float) -> None:
        azimuths = np.arange(SECTORS) * SECTOR_RAD
        self._rays = np.column_stack([np.cos(azimuths), np.sin(azimuths)])
        self._layers, self._range_m = layers, range_m
        ways = [step_m]
        while ways[-1] < range_m:
            ways.append(ways[-1] + max(step_m, GROWTH * ways[-1]))
        self._ways = np.array([*ways[:-1], range_m])

    def fill(
        self, ranges: Floats, grounds: Grounds, *, position: Array, heading: Array
    ) -> None:
        """Write ranges, at most the greatest.

        Args:
            ranges: Filled, shape (N, layers, 36) [m].
            grounds: The maps.
            position: World x, y, z [m], shape (N, 3).
            heading: Headings [rad], shape (N,).
        """
        half = grounds.half_extent_m
        if grounds.flat:
            _cross_level_ground(
                ranges,
                position,
                heading=heading,
                half=half,
                rays=self._rays,
                layers=self._layers,
                range_m=self._range_m,
            )
            return
        # The margin is as wide as the range, for robots that are on their maps.
        places = np.minimum(np.maximum(position[:, :2], -half), half)
        starts = np.empty_like(position)
        starts[:, :2] = places / grounds.cell_m + (grounds.middle + 0.5)
        starts[:, 2] = position[:, 2]
        _march_all(
            ranges,
            grounds.heights,
            starts=starts,
            heading=heading,
            rays=self._rays / grounds.cell_m,
            ways=self._ways,
            layers=self._layers,
        )


@compiled
def _cross_level_ground(
    ranges: Floats,
    position: Array,
    *,
    heading: Array,
    half: Array,
    rays: Array,
    layers: Array,
    range_m: float,
) -> None:
    """Write ranges over level ground with a wall along the edge of the map.

    Args:
        ranges: Filled, shape (N, layers, 36) [m].
        position: World x, y, z [m], shape (N, 3).
        heading: Headings [rad], shape (N,).
        half: From the middle of a map to its edges, shape (N, 2) [m].
        rays: Unit vectors ahead and left, shape (36, 2).
        layers: As of `GroundRanges`.
        range_m: As of `GroundRanges`.
    """
    for robot in range(len(ranges)):
        cosine, sine = math.cos(heading[robot]), math.sin(heading[robot])
        x, y, height = position[robot, 0], position[robot, 1], max(position[robot, 2], 0.0)
        for ray in range(SECTORS):
            east = cosine * rays[ray, 0] - sine * rays[ray, 1]
            north = sine * rays[ray, 0] + cosine * rays[ray, 1]
            wall = min(
                _to_wall(x, east, half[robot, 0]), _to_wall(y, north, half[robot, 1])
            )
            for layer in range(len(layers)):
                floor = height / max(-layers[layer, 0], TINY)
                way = layers[layer, 1] * min(wall, floor)
                ranges[robot, layer, ray] = min(way, range_m)


@compiled
def _to_wall(place: float, direction: float, half: float) -> float:
    """Return the way along a ray to a wall at `half` or at -`half`, at least 0."""
    gap = half - place if direction > 0 else half + place
    return max(gap, 0.0) / max(abs(direction), TINY)


@compiled
def _march_all(
    ranges: Floats,
    heights: Floats,
    *,
    starts: Array,
    heading: Array,
    rays: Array,
    ways: Array,
    layers: Array,
) -> None:
    """Write ranges over uneven ground.

    Args:
        ranges: Filled, shape (N, layers, 36) [m]; the last of the ways, made longer, where
            nothing is met.
        heights: Ground heights [m], shape (N, rows, columns).
        starts: Column, row and height [m] of each robot, shape (N, 3).
        heading: Headings [rad], shape (N,).
        rays: Columns and rows per metre ahead and left, shape (36, 2).
        ways: Where samples are looked at [m], shape (steps,).
        layers: As of `GroundRanges`.
    """
    for robot in range(len(ranges)):
        cosine, sine = math.cos(heading[robot]), math.sin(heading[robot])
        for sector in range(SECTORS):
            ray = (
                starts[robot, 0],
                starts[robot, 1],
                starts[robot, 2],
                cosine * rays[sector, 0] - sine * rays[sector, 1],
                sine * rays[sector, 0] + cosine * rays[sector, 1],
            )
            _march(ranges[robot, :, sector], heights[robot], ray, ways, layers)


@compiled
def _march(
    ranges: Floats,
    grid: Floats,
    ray: tuple[float, float, float, float, float],
    ways: Array,
    layers: Array,
) -> None:
    """Write the ranges of the rays of all layers above one another.

    Args:
        ranges: Filled, shape (layers,) [m].
        grid: Ground heights [m], shape (rows, columns).
        ray: Column, row and height [m] of the robot, columns and rows per metre.
        ways: As of `_march_all`.
        layers: As of `GroundRanges`.
    """
    column, row, height, along_columns, along_rows = ray
    range_m = ways[-1]
    # The first sample has none before it: a ray under the ground there reads its way.
    near, ground_near = ways[0], 0.0
    # A higher ray never goes under before a lower one.
    layer = 0
    for way in ways:
        ground = grid[int(row + way * along_rows), int(column + way * along_columns)]
        while layer < len(layers) and height + way * layers[layer, 0] <= ground:
            entry = way
            if way > near:
                above = height + near * layers[layer, 0] - ground_near
                under = ground - height - way * layers[layer, 0]
                entry = near + (way - near) * above / max(above + under, TINY)
            ranges[layer] = min(layers[layer, 1] * entry, range_m)
            layer += 1
        if layer == len(layers):
            return
        near, ground_near = way, ground
    for unmet in range(layer, len(layers)):
        ranges[unmet] = range_m
