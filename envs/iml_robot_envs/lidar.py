"""A scanning lidar that keeps level: ranges all round in a few layers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from iml_robot_envs.compiled import compiled
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.lidar_beams import BeamRanges
from iml_robot_envs.lidar_ground import SECTOR_RAD, SECTORS, GroundRanges
from iml_robot_envs.lidar_posts import PostRanges
from iml_robot_envs.terrain import Array

Floats = npt.NDArray[np.float32]

NOISE_M = 0.02
DROPOUT_DEVIATIONS = 2.5758293
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
        elevations = np.array(self.elevations_rad)
        layers = np.column_stack([np.tan(elevations), 1 / np.cos(elevations)])
        elevation, azimuth = np.meshgrid(
            elevations, np.arange(SECTORS) * SECTOR_RAD, indexing="ij"
        )
        rays = [
            np.cos(elevation) * np.cos(azimuth),
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
        ]
        self._posts = PostRanges(layers, range_m=range_m)
        self._beams = BeamRanges(np.stack(rays, axis=2), range_m=range_m)
        self._ground = GroundRanges(layers, range_m=range_m, step_m=step_m)

    def measure(self, grounds: Grounds, position: Array, heading: Array) -> Floats:
        """Return ranges without noise, at most `range_m`.

        Args:
            grounds: The maps.
            position: World x, y, z [m], shape (N, 3).
            heading: Headings [rad], shape (N,).

        Returns:
            Shape (N, layers, 36) [m].
        """
        ranges = np.empty((len(position), *self.shape), np.float32)
        self._ground.fill(ranges, grounds, position=position, heading=heading)
        if grounds.posts.shape[1]:
            self._posts.shorten(ranges, grounds, position=position, heading=heading)
        if grounds.beams.shape[1]:
            self._beams.shorten(ranges, grounds, position=position, heading=heading)
        return ranges


@compiled
def blurred(way: float, normal: float, range_m: float) -> float:
    """Return a range [m] with noise of 2 cm; one in a hundred reads the full range.

    Args:
        way: What is measured without noise [m].
        normal: A standard normal number.
        range_m: The full range [m].
    """
    if abs(normal) > DROPOUT_DEVIATIONS:
        return range_m
    return min(max(way + NOISE_M * normal, 0.0), range_m)
