"""How far a lidar's rays get until they meet cylinders that lie or lean."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.lidar_posts import first_of_each

Floats = npt.NDArray[np.float32]


class BeamRanges:
    """Distances to beams along rays in all directions.

    Args:
        rays: Unit vectors ahead, left and up, shape (rays, 3).
        range_m: Distance beyond which nothing is seen [m].
    """

    def __init__(self, rays: Floats, range_m: float) -> None:
        self._rays = np.ascontiguousarray(rays.T)
        self._range = np.float32(range_m)

    def shorten(
        self, ranges: Floats, grounds: Grounds, position: Floats, turn: Floats
    ) -> None:
        """Shorten ranges where a beam is nearer; the ends of beams are open.

        Args:
            ranges: What is seen so far, shape (N, rays) [m].
            grounds: The maps with the beams.
            position: World x, y, z [m], shape (N, 3).
            turn: Cosine and sine of the headings, shape (2, N).
        """
        ends = grounds.beams[..., :3], grounds.beams[..., 3:6]
        # A beam's middle is nearer than the range and half its length, or it is unseen.
        middle = np.float32(0.5) * (ends[0] + ends[1]) - position[:, None]
        half = np.float32(0.5) * (ends[1] - ends[0])
        reach = self._range + np.float32(1) + np.sqrt(_dot(half, half))
        robot, beam = np.nonzero(_dot(middle, middle) < reach * reach)
        if not len(robot):
            return
        turn = turn.take(robot, axis=1)
        start = _turned(ends[0][robot, beam] - position[robot], turn)
        axis = _turned(2 * half[robot, beam], turn)
        met = self._distances(start, axis, grounds.beams[robot, beam, 6])
        first = first_of_each(robot)
        seen = robot[first]
        ranges[seen] = np.minimum(ranges[seen], np.minimum.reduceat(met, first))

    def _distances(self, start: Floats, axis: Floats, radius: Floats) -> Floats:
        """Return the distance of each beam on each ray, shape (beams, rays).

        Args:
            start: From the robot to the beam's first end, shape (3, beams).
            axis: From the first end to the second, shape (3, beams).
            radius: Radii, shape (beams,).
        """
        length = np.sqrt(axis[0] ** 2 + axis[1] ** 2 + axis[2] ** 2)
        axis /= np.maximum(length, np.float32(1e-6))
        begin = axis[0] * start[0] + axis[1] * start[1] + axis[2] * start[2]
        # Across the axis the beam is a circle at `off`, and a ray grows at sqrt(`spread`).
        off = start - begin * axis
        along = _products(axis, self._rays)
        toward = _products(off, self._rays)
        spread = np.maximum(1 - along * along, np.float32(1e-6))
        gap = off[0] ** 2 + off[1] ** 2 + off[2] ** 2 - radius * radius
        root = toward * toward - spread * gap[:, None]
        distance = (toward - np.sqrt(np.maximum(root, np.float32(0)))) / spread
        place = distance * along - begin[:, None]
        hit = (root > 0) & (distance > 0) & (place >= 0) & (place <= length[:, None])
        return np.where(hit, distance, self._range)


def _dot(one: Floats, other: Floats) -> Floats:
    """Return scalar products over the last axis, of 3 numbers."""
    product = one * other
    return np.asarray(product[..., 0] + product[..., 1] + product[..., 2])


def _products(vectors: Floats, rays: Floats) -> Floats:
    """Return scalar products of all vectors and rays, (3, m) and (3, n) -> (m, n)."""
    total: Floats = vectors[0][:, None] * rays[0]
    total += vectors[1][:, None] * rays[1]
    total += vectors[2][:, None] * rays[2]
    return total


def _turned(vectors: Floats, turn: Floats) -> Floats:
    """Return world vectors (m, 3) as ahead, left and up, shape (3, m)."""
    cos, sin = turn
    east, north, up = vectors.T
    return np.stack([cos * east + sin * north, cos * north - sin * east, up])
