"""How far a lidar's sectors are from upright cylinders."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from iml_robot_envs.grounds import Grounds

Floats = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]

SECTORS = 36
"""Rays of a layer; ray j points j x 10 degrees to the left of ahead."""
ZERO = np.float32(0)
NARROW, WIDE = 2, 9
"""Sectors to each side of a post's own that it may reach into, from afar and from near."""
WIDE_BELOW = np.float32(9.0)
"""Square of distance over radius below which a post is near: it is within 19.5 degrees of
its bearing beyond, and `NARROW` sectors of 10 degrees reach 20 degrees at least."""


class PostRanges:
    """Horizontal distances to the nearest posts in sectors of 10 degrees around a robot.

    A sector reports the nearest point of a post anywhere in it, not only along its
    middle: a thin trunk is never lost between two rays.

    Args:
        range_m: Horizontal distance beyond which nothing is seen [m].
        slopes: Tangent of the elevation of each layer, shape (layers,).
    """

    def __init__(self, range_m: float, slopes: Floats) -> None:
        self._range = np.float32(range_m)
        self._slopes, self._steepest = slopes, slopes.max()
        self._reach = np.float32((range_m + 2) ** 2)
        sector = 2 * np.pi / SECTORS
        self._per_radian = np.float32(1 / sector)
        turns = sector * np.arange(SECTORS)
        self._cos, self._sin = np.cos(turns).astype("f4"), np.sin(turns).astype("f4")
        edges = sector * (np.arange(-WIDE, WIDE + 2) - 0.5)
        self._edge_cos, self._edge_sin = (
            np.cos(edges).astype("f4"),
            np.sin(edges).astype("f4"),
        )

    def measure(self, grounds: Grounds, position: Floats, turn: Floats) -> Floats:
        """Return horizontal distances, the range where no post is seen.

        Where the nearest point of a post in a sector is passed above its top, the post
        is not seen.

        Args:
            grounds: The maps with the posts.
            position: World x, y, z [m], shape (N, 3).
            turn: Cosine and sine of the headings, shape (2, N).

        Returns:
            Shape (N, layers or 1, 36) [m].
        """
        count, most = grounds.posts.shape[:2]
        east = grounds.posts[:, :, 0] - position[:, :1]
        north = grounds.posts[:, :, 1] - position[:, 1:2]
        square = east * east
        square += north * north
        seen = (square < self._reach).ravel().nonzero()[0]
        robot = seen // most
        east, north, square = east.take(seen), north.take(seen), square.take(seen)
        cos, sin = turn[0].take(robot), turn[1].take(robot)
        radius, top = grounds.posts.reshape(-1, 4)[:, 2:].take(seen, axis=0).T
        posts = np.stack(
            [cos * east + sin * north, cos * north - sin * east, square, radius * radius]
        )
        room = top - position[:, 2].take(robot)
        if not np.count_nonzero(room < self._range * self._steepest):
            return self._nearest(count, robot, posts)[:, None]
        layers = [self._nearest(count, robot, posts, room, s) for s in self._slopes]
        return np.stack(layers, axis=1)

    def _nearest(
        self,
        count: int,
        robot: Integers,
        posts: Floats,
        room: Floats | None = None,
        slope: np.float32 = ZERO,
    ) -> Floats:
        """Return the distance of the nearest post in each sector, shape (N, 36).

        Args:
            count: Number of robots.
            robot: Whose post it is, shape (posts,).
            posts: Ahead, left, squared distance, squared radius, shape (4, posts).
            room: Height of the tops above the robot [m], shape (posts,); None if no ray
                can come in above.
            slope: Tangent of the elevation.
        """
        # Sectors count from -27 to 27, and those that are the same direction are joined in
        # the end.
        half = SECTORS // 2 + WIDE
        nearest = np.full((count, 2 * half + 1), self._range)
        near = posts[2] < WIDE_BELOW * posts[3]
        groups = [(NARROW, robot, posts, room)]
        if np.count_nonzero(near):
            far = ~near
            groups = [
                (reach, robot[part], posts[:, part], None if room is None else room[part])
                for reach, part in ((NARROW, far), (WIDE, near))
            ]
        for reach, owner, group, above in groups:
            own = np.rint(np.arctan2(group[1], group[0]) * self._per_radian).astype(
                np.int64
            )
            distances = self._distances(own, group, reach)
            if above is not None:
                distances[distances * slope > above[:, None]] = self._range
            first = owner * nearest.shape[1] + own + (half - reach)
            place = first[:, None] + np.arange(2 * reach + 1)
            np.minimum.at(nearest.ravel(), place.ravel(), distances.ravel())
        ranges = np.concatenate(
            [nearest[:, half:], nearest[:, 2 * WIDE + 1 : half]], axis=1
        )
        both = ranges[:, WIDE : half + 1]
        np.minimum(both, nearest[:, : 2 * WIDE + 1], out=both)
        return ranges

    def _distances(self, own: Integers, posts: Floats, reach: int) -> Floats:
        """Return distances of posts in the sectors around their own.

        Args:
            own: Number of the sector of each post's bearing, shape (posts,).
            posts: Ahead, left, squared distance, squared radius, shape (4, posts).
            reach: Sectors to each side.

        Returns:
            Shape (posts, 2 reach + 1) [m].
        """
        ahead, left, square, radius = posts
        cos, sin = self._cos.take(own), self._sin.take(own)
        onward, aside = cos * ahead + sin * left, cos * left - sin * ahead
        edges = slice(WIDE - reach, WIDE + reach + 2)
        # How far the axis lies to the left of each edge of a sector; from that, how far
        # outside of the sector it lies.
        beside = aside[:, None] * self._edge_cos[edges]
        beside -= onward[:, None] * self._edge_sin[edges]
        outside = np.maximum(beside[:, 1:], -beside[:, :-1])
        np.maximum(outside, ZERO, out=outside)
        outside *= outside
        inside = radius[:, None] - outside
        missed = inside < 0
        np.maximum(inside, ZERO, out=inside)
        np.subtract(square[:, None], outside, out=outside)
        np.maximum(outside, ZERO, out=outside)
        distances: Floats = np.sqrt(outside, out=outside)
        distances -= np.sqrt(inside, out=inside)
        distances[missed] = self._range
        return np.maximum(distances, ZERO, out=distances)


def first_of_each(robot: Integers) -> Integers:
    """Return where each number first stands in a sorted array, shape (numbers,)."""
    new = np.ones(len(robot), np.bool_)
    np.not_equal(robot[1:], robot[:-1], out=new[1:])
    return np.flatnonzero(new)
