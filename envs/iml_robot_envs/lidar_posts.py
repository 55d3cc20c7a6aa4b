"""How far a lidar's sectors are from upright cylinders."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from iml_robot_envs.compiled import compiled
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.lidar_ground import SECTOR_RAD, SECTORS
from iml_robot_envs.terrain import Array

Floats = npt.NDArray[np.float32]

SECTORS_PER_RAD = 1 / SECTOR_RAD


class PostRanges:
    """Distances to the nearest posts in sectors of 10 degrees around a robot.

    A sector reports the nearest point of a post anywhere in it, not only along its
    middle: a thin trunk is never lost between two rays.

    Args:
        layers: Of each layer the tangent of its elevation and its way per horizontal way,
            from low to high, shape (layers, 2).
        range_m: Distance beyond which nothing is seen [m].
    """

    def __init__(self, layers: Array, *, range_m: float) -> None:
        # Where each sector begins, on its right; it ends where the next one begins.
        azimuths = (np.arange(SECTORS) - 0.5) * SECTOR_RAD
        self._edges = np.column_stack([np.cos(azimuths), np.sin(azimuths)])
        self._layers, self._range_m = layers, range_m

    def shorten(
        self, ranges: Floats, grounds: Grounds, *, position: Array, heading: Array
    ) -> None:
        """Shorten ranges where a post is nearer.

        Where the nearest point of a post in a sector is passed above its top, the post
        is not seen. A robot that touches a post reads 0.

        Args:
            ranges: What is seen so far, shape (N, layers, 36) [m].
            grounds: The maps with the posts.
            position: World x, y, z [m], shape (N, 3).
            heading: Headings [rad], shape (N,).
        """
        _shorten(
            ranges,
            grounds.posts,
            position=position,
            heading=heading,
            edges=self._edges,
            layers=self._layers,
            range_m=self._range_m,
        )


@compiled
def _shorten(
    ranges: Floats,
    posts: Floats,
    *,
    position: Array,
    heading: Array,
    edges: Array,
    layers: Array,
    range_m: float,
) -> None:
    """Do what `PostRanges.shorten` says.

    Args:
        ranges: As there.
        posts: x, y, radius and top, shape (N, posts, 4) [m].
        position: As there.
        heading: As there.
        edges: Unit vectors ahead and left where sectors begin, shape (36, 2).
        layers: As of `PostRanges`.
        range_m: As of `PostRanges`.
    """
    for robot in range(len(ranges)):
        cosine, sine = math.cos(heading[robot]), math.sin(heading[robot])
        seen = ranges[robot]
        x, y, z = position[robot, 0], position[robot, 1], position[robot, 2]
        for post in range(posts.shape[1]):
            east, north = posts[robot, post, 0] - x, posts[robot, post, 1] - y
            radius, room = posts[robot, post, 2], posts[robot, post, 3] - z
            reach = range_m + radius
            if east * east + north * north < reach * reach:
                ahead = cosine * east + sine * north
                left = cosine * north - sine * east
                _see(seen, (ahead, left, radius, room), edges, layers)


@compiled
def _see(
    ranges: Floats, post: tuple[float, float, float, float], edges: Array, layers: Array
) -> None:
    """Shorten one robot's ranges where one post is nearer.

    Args:
        ranges: Shape (layers, 36) [m].
        post: How far ahead and left of the robot its axis stands, its radius and how far
            above the robot its top is [m].
        edges: As of `_shorten`.
        layers: As of `PostRanges`.
    """
    ahead, left, radius, room = post
    away = max(math.sqrt(ahead * ahead + left * left), radius)
    bearing = math.atan2(left, ahead) * SECTORS_PER_RAD
    width = math.asin(radius / away) * SECTORS_PER_RAD
    own = math.floor(bearing + 0.5)
    first, last = math.floor(bearing - width + 0.5), math.floor(bearing + width + 0.5)
    for sector in range(first, last + 1):
        # How far the axis is from the sector: its nearest point is in it or on its edge.
        beside = 0.0
        if sector != own:
            edge = (sector if sector > own else sector + 1) % SECTORS
            beside = min(abs(edges[edge, 0] * left - edges[edge, 1] * ahead), radius)
        way = math.sqrt(away * away - beside * beside)
        way -= math.sqrt(radius * radius - beside * beside)
        ray = sector % SECTORS
        for layer in range(len(layers)):
            slanted = layers[layer, 1] * way
            if slanted < ranges[layer, ray] and way * layers[layer, 0] <= room:
                ranges[layer, ray] = slanted
