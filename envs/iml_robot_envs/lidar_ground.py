"""How far a lidar's rays get until they meet the ground."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.lidar_posts import SECTORS

Floats = npt.NDArray[np.float32]

ZERO = np.float32(0)
TINY = np.float32(1e-6)
GROWTH = 0.1
"""Steps of the march grow by this share of the way."""


class GroundRanges:
    """Horizontal distances at which rays enter the ground.

    Rays march over the nearest samples of the height grid in growing steps; where one has
    gone under, the place of entry is interpolated.

    Args:
        slopes: Tangent of the elevation of each layer, shape (layers,).
        range_m: Horizontal distance beyond which nothing is seen [m].
        step_m: Length of the first steps [m].
    """

    def __init__(self, slopes: Floats, *, range_m: float, step_m: float) -> None:
        azimuths = np.arange(SECTORS) * (2 * np.pi / SECTORS)
        cos, sin = np.cos(azimuths), np.sin(azimuths)
        self._unit = np.stack([cos, sin]).astype(np.float32)[:, None]
        self._turned = np.stack([-sin, cos]).astype(np.float32)[:, None]
        self._slopes = slopes
        self._falling = np.maximum(-slopes, TINY)
        self._range = np.float32(range_m)
        ways = [step_m]
        while ways[-1] < range_m:
            ways.append(ways[-1] + max(step_m, GROWTH * ways[-1]))
        self._ways = np.array([*ways[:-1], range_m], np.float32)

    def measure_flat(self, grounds: Grounds, position: Floats, turn: Floats) -> Floats:
        """Return distances over level ground with the wall along the edge of the map.

        Args:
            grounds: The maps.
            position: World x, y, z [m], shape (N, 3).
            turn: Cosine and sine of the headings, shape (2, N).

        Returns:
            Shape (N, layers, 36) [m].
        """
        directions = self._directions(turn)
        half = grounds.half_extent_m.T.astype(np.float32)[:, :, None]
        # A ray that points to + has the place less to go to the wall at half, else more.
        ways = position.T[:2, :, None] * directions
        np.copysign(position.T[:2, :, None], ways, out=ways)
        np.subtract(half, ways, out=ways)
        np.abs(directions, out=directions)
        ways /= np.maximum(directions, TINY, out=directions)
        wall = np.minimum(ways[0], ways[1])
        height = np.maximum(position[:, 2:], ZERO)
        floor = np.minimum(height / self._falling, self._range)
        np.maximum(wall, ZERO, out=wall)
        ranges: Floats = np.minimum(floor[:, :, None], wall[:, None])
        return ranges

    def _directions(self, turn: Floats) -> Floats:
        """Return x and y of the rays' unit vectors in the world, shape (2, N, 36)."""
        cos, sin = turn[:, None, :, None]
        directions = cos * self._unit
        directions += sin * self._turned
        return np.asarray(directions)

    def measure(self, grounds: Grounds, position: Floats, turn: Floats) -> Floats:
        """Return distances, the range where the ground is not met.

        Args:
            grounds: The maps.
            position: World x, y, z [m], shape (N, 3).
            turn: Cosine and sine of the headings, shape (2, N).

        Returns:
            Shape (N, layers, 36) [m].
        """
        count, steps = len(position), len(self._ways)
        ways = self._ways[:, None]
        tangents = self._ground(grounds, position, self._directions(turn))
        tangents -= position[:, 2].repeat(SECTORS)
        tangents /= ways
        horizon = np.maximum.accumulate(tangents, axis=0)
        # Steps until the first one under the ground, of each layer.
        slopes = self._slopes[:, None]
        step = (horizon < slopes[:, None]).view(np.int8).sum(axis=1, dtype=np.int8)
        after = np.minimum(step, steps - 1).astype(np.int64)
        before = np.maximum(after - 1, 0)
        far, near = self._ways.take(after), self._ways.take(before)
        rays = np.arange(count * SECTORS)
        after *= rays.size
        after += rays
        before *= rays.size
        before += rays
        above = slopes - tangents.take(before)
        above *= near
        under = tangents.take(after) - slopes
        under *= far
        under += above
        above /= np.maximum(under, TINY, out=under)
        far -= near
        above *= far
        above += near
        np.copyto(above, self._range, where=step == steps)
        shape = len(self._slopes), count, SECTORS
        return np.ascontiguousarray(above.reshape(shape).transpose(1, 0, 2))

    def _ground(self, grounds: Grounds, position: Floats, directions: Floats) -> Floats:
        """Return the ground at the steps of the rays, shape (steps, N x 36) [m]."""
        count, rows, columns = grounds.heights.shape
        # The margin is as wide as the range, for robots that are on their maps.
        half = grounds.half_extent_m
        place = np.minimum(np.maximum(position[:, :2], -half), half)
        place /= grounds.cell_m
        place += grounds.middle + 0.5
        start = place.T.astype(np.float32).repeat(SECTORS, axis=1)
        ways = self._ways[:, None] / np.float32(grounds.cell_m)
        flat = directions.reshape(2, -1)
        points = ways * flat[1]
        points += start[1]
        index = points.astype(np.int32)
        index *= columns
        np.multiply(ways, flat[0], out=points)
        points += start[0]
        index += points.astype(np.int32)
        if count > 1:
            size = rows * columns
            index += np.arange(count, dtype=np.int32).repeat(SECTORS) * np.int32(size)
        ground: Floats = grounds.heights.ravel().take(index)
        return ground
