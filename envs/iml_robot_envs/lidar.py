"""A scanning lidar that keeps level: ranges all round in a few layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.lidar_beams import BeamRanges
from iml_robot_envs.lidar_ground import GroundRanges
from iml_robot_envs.lidar_posts import SECTORS, PostRanges
from iml_robot_envs.terrain import Array

Floats = npt.NDArray[np.float32]

NOISE_M = np.float32(0.02)
DROPOUT_DEVIATIONS = np.float32(2.5758293)
"""A normal number is farther out once in a hundred times."""


class Lidar:
    """Measures how far posts, beams and the ground are, in heading-aligned layers.

    Posts count wherever they stand in a ray's sector of 10 degrees; beams and ground on
    the ray itself.

    Args:
        elevations_rad: Of each layer, from low to high [rad].
        range_m: What a ray that meets nothing reads [m].
        step_m: Step of the march over uneven ground [m].

    Attributes:
        elevations_rad: As given.
        range_m: As given.
        shape: Layers and rays of a layer.
    """

    def __init__(
        self, elevations_rad: Sequence[float], range_m: float = 10.0, step_m: float = 0.5
    ) -> None:
        self.elevations_rad = tuple(elevations_rad)
        self.range_m = range_m
        self.shape = (len(self.elevations_rad), SECTORS)
        azimuths = np.arange(SECTORS) * (2 * np.pi / SECTORS)
        cos, sin = np.cos(azimuths), np.sin(azimuths)
        elevations = np.array(self.elevations_rad)
        slopes = np.tan(elevations).astype(np.float32)
        level = np.cos(elevations)[:, None]
        rays = [level * cos, level * sin, np.sin(elevations)[:, None] + 0 * cos]
        unit = np.stack(rays, axis=2).reshape(-1, 3).astype(np.float32)
        self._lengthen = (1 / level).astype(np.float32)
        self._range = np.float32(range_m)
        self._posts = PostRanges(range_m, slopes)
        self._beams = BeamRanges(unit, range_m)
        self._ground = GroundRanges(slopes, range_m=range_m, step_m=step_m)
        self._tilted = bool(slopes.any())

    def measure(self, grounds: Grounds, position: Array, heading: Array) -> Floats:
        """Return ranges without noise, at most `range_m`.

        Args:
            grounds: The maps.
            position: World x, y, z [m], shape (N, 3).
            heading: Headings [rad], shape (N,).

        Returns:
            Shape (N, layers, 36) [m].
        """
        place = position.astype(np.float32)
        turn = np.empty((2, len(heading)), np.float32)
        turn[0], turn[1] = np.cos(heading), np.sin(heading)
        measure_ground = self._ground.measure_flat if grounds.flat else self._ground.measure
        ranges = measure_ground(grounds, place, turn)
        if grounds.posts.shape[1]:
            self._posts.shorten(ranges, grounds, place, heading.astype(np.float32))
        if self._tilted:
            ranges *= self._lengthen
            np.minimum(ranges, self._range, out=ranges)
        if grounds.beams.shape[1]:
            flat = ranges.reshape(len(heading), -1)
            self._beams.shorten(flat, grounds, place, turn)
        return ranges

    def add_noise(self, ranges: Floats, normal: Floats) -> None:
        """Blur ranges in place by 2 cm; one in a hundred reads the full range.

        Args:
            ranges: Of `measure`, any shape [m].
            normal: Standard normal numbers, same shape.
        """
        ranges += NOISE_M * normal
        np.copyto(ranges, self._range, where=np.abs(normal) > DROPOUT_DEVIATIONS)
        np.maximum(ranges, np.float32(0), out=ranges)
        np.minimum(ranges, self._range, out=ranges)
