"""How far a lidar's sectors are from upright cylinders."""

from __future__ import annotations

from typing import NamedTuple

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
FEW = 100
"""So many posts are not worth dividing into near and far ones."""


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
        self._reach = np.float32((range_m + 1) ** 2)
        self._sector = np.float32(2 * np.pi / SECTORS)
        self._per_radian = np.float32(SECTORS / (2 * np.pi))
        self._windows = {reach: _Window(reach) for reach in (NARROW, WIDE)}

    def shorten(
        self, ranges: Floats, grounds: Grounds, position: Floats, heading: Floats
    ) -> None:
        """Shorten distances where a post is nearer.

        Where the nearest point of a post in a sector is passed above its top, the post
        is not seen.

        Args:
            ranges: Horizontal distances so far, shape (N, layers, 36) [m].
            grounds: The maps with the posts.
            position: World x, y, z [m], shape (N, 3).
            heading: Headings [rad], shape (N,).
        """
        posts = grounds.posts
        count, most = posts.shape[:2]
        east = posts[:, :, 0] - position[:, :1]
        north = posts[:, :, 1] - position[:, 1:2]
        square = east * east
        square += north * north
        seen = (square < self._reach).ravel().nonzero()[0]
        robot = seen // most
        _, _, radius, top = posts.reshape(-1, 4).take(seen, axis=0).T
        bearing = np.arctan2(north.take(seen), east.take(seen))
        bearing -= heading.take(robot)
        own = np.rint(bearing * self._per_radian)
        bearing -= own * self._sector
        sector = own.astype(np.int64)
        sector %= SECTORS
        room = top - position[:, 2].take(robot)
        group = Posts(robot, sector, bearing, square.take(seen), radius, room)
        if not np.count_nonzero(room < self._range * self._steepest):
            nearest = self._nearest(count, group, None)
            np.minimum(ranges, nearest[:, None], out=ranges)
            return
        for layer, slope in enumerate(self._slopes):
            nearest = self._nearest(count, group, slope)
            np.minimum(ranges[:, layer], nearest, out=ranges[:, layer])

    def _nearest(self, count: int, posts: Posts, slope: np.float32 | None) -> Floats:
        """Return the distance of the nearest post in each sector, shape (N, 36).

        Args:
            count: Number of robots.
            posts: The posts near them.
            slope: Tangent of the rays' elevation; None if none passes over a post.
        """
        # Sectors count from -9 to 44, and those that are the same direction are joined in
        # the end.
        nearest = np.full((count, SECTORS + 2 * WIDE), self._range)
        near = posts.square < WIDE_BELOW * posts.radius * posts.radius
        groups = [(NARROW, posts)]
        if np.count_nonzero(near):
            groups = [(WIDE, posts)]
        if len(near) > FEW and groups[0][0] == WIDE:
            groups = [(NARROW, posts.chosen(~near)), (WIDE, posts.chosen(near))]
        for reach, group in groups:
            window = self._windows[reach]
            distances = window.distances(group, self._range)
            if slope is not None:
                distances[distances * slope > group.room[:, None]] = self._range
            place = group.robot * nearest.shape[1]
            place += group.sector
            places = place[:, None] + window.places
            np.minimum.at(nearest.ravel(), places.ravel(), distances.ravel())
        ranges = nearest[:, WIDE:-WIDE]
        before, after = ranges[:, -WIDE:], ranges[:, :WIDE]
        np.minimum(before, nearest[:, :WIDE], out=before)
        np.minimum(after, nearest[:, -WIDE:], out=after)
        return ranges


class Posts(NamedTuple):
    """Posts near robots.

    Attributes:
        robot: Whose they are, shape (posts,).
        sector: The sector of each one's bearing, 0 to 35.
        off: How far to the left of the sector's middle that is [rad].
        square: Squared horizontal distance [m^2].
        radius: Radius [m].
        room: Height of the top above the robot [m].
    """

    robot: Integers
    sector: Integers
    off: Floats
    square: Floats
    radius: Floats
    room: Floats

    def chosen(self, part: npt.NDArray[np.bool_]) -> Posts:
        """Return some of them, given a mask of shape (posts,)."""
        return Posts(
            self.robot[part],
            self.sector[part],
            self.off[part],
            self.square[part],
            self.radius[part],
            self.room[part],
        )


class _Window:
    """Some sectors to each side of a post's own.

    Args:
        reach: How many.

    Attributes:
        places: Where they stand in a row of sectors that begins at -9, shape (n,).
    """

    def __init__(self, reach: int) -> None:
        edges = (2 * np.pi / SECTORS) * (np.arange(-reach, reach + 2) - 0.5)
        self._cos = np.cos(edges).astype(np.float32)
        self._sin = np.sin(edges).astype(np.float32)
        self.places = np.arange(-reach, reach + 1) + WIDE

    def distances(self, posts: Posts, range_m: np.float32) -> Floats:
        """Return distances of posts, shape (posts, n) [m]; the range where they are not."""
        limit = posts.radius * posts.radius
        # A robot that touches a post reads 0.
        square = np.maximum(posts.square, limit)
        away = np.sqrt(square)
        aside, onward = np.sin(posts.off), np.cos(posts.off)
        aside *= away
        onward *= away
        # How far the axis lies to the left of each edge of a sector; from that, how far
        # outside of the sector it lies.
        beside = aside[:, None] * self._cos
        beside -= onward[:, None] * self._sin
        outside = np.maximum(beside[:, 1:], -beside[:, :-1])
        np.maximum(outside, ZERO, out=outside)
        radius = posts.radius[:, None]
        missed = outside >= radius
        np.minimum(outside, radius, out=outside)
        outside *= outside
        distances: Floats = square[:, None] - outside
        np.sqrt(distances, out=distances)
        np.subtract(limit[:, None], outside, out=outside)
        distances -= np.sqrt(outside, out=outside)
        np.minimum(distances, range_m, out=distances)
        np.copyto(distances, range_m, where=missed)
        return distances


def first_of_each(robot: Integers) -> Integers:
    """Return where each number first stands in a sorted array, shape (numbers,)."""
    new = np.ones(len(robot), np.bool_)
    np.not_equal(robot[1:], robot[:-1], out=new[1:])
    return np.flatnonzero(new)
