"""How near a robot is to what it must not touch."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot_envs.collisions import square_from
from iml_robot_envs.compiled import compiled
from iml_robot_envs.features.family import Feature, Passage, Rows
from iml_robot_envs.terrain import Array

Things = npt.NDArray[np.float32]
Hull = tuple[float, float]
"""Radius of a robot, and the free way around it that counts [m]."""
Surroundings = Callable[[Passage, Rows, Hull], None]
"""Raises the closeness, shape (N,), where something is nearer than what is known yet."""


@dataclass(frozen=True)
class Closeness:
    """1 at touching, falling evenly to 0 where nothing is near.

    Posts, beams and the edge of the map always count.

    Attributes:
        radius_m: Radius of a robot [m].
        reach_m: Free way around it beyond which nothing counts [m].
        ground: Finds ground that is in the way.
        what: What there is to be near to, in words.
    """

    radius_m: float
    reach_m: float
    ground: Surroundings
    what: str

    @property
    def features(self) -> tuple[Feature, ...]:
        """The one feature."""
        scale = f"1 at touching, 0 from {self.reach_m:g} m away"
        return (Feature("closeness", f"how near {self.what} is: {scale}", "", -0.5),)

    def write(self, passage: Passage, rows: Rows) -> None:
        """Write it."""
        position, grounds, row = passage.now.position, passage.grounds, rows[0]
        hull = self.radius_m, self.reach_m
        _write_posts(row, position, grounds.half_extent_m, grounds.posts, hull)
        if grounds.beams.shape[1]:
            _raise_at_beams(row, position, grounds.beams, hull)
        self.ground(passage, row, hull)


@compiled
def closeness_of(room_m: float, hull: Hull) -> float:
    """Return the closeness of what is so far from a robot's middle [m]."""
    return 1.0 - min(max(room_m - hull[0], 0.0) / hull[1], 1.0)


@compiled
def _write_posts(
    row: Rows, position: Array, half_extent_m: Array, posts: Things, hull: Hull
) -> None:
    """Write the closeness of the edge of the map and of posts that are not below.

    Args:
        row: Where, shape (N,).
        position: World x, y, z [m], shape (N, 3).
        half_extent_m: From the middle of the maps to their edges [m], shape (N, 2).
        posts: x, y, radius and top [m], shape (N, posts, 4).
        hull: Of the robots.
    """
    for robot in range(len(row)):
        x, y, low = position[robot, 0], position[robot, 1], position[robot, 2] - hull[0]
        room = min(half_extent_m[robot, 0] - abs(x), half_extent_m[robot, 1] - abs(y))
        room = min(room, hull[0] + hull[1])
        for post in range(posts.shape[1]):
            east, north = posts[robot, post, 0] - x, posts[robot, post, 1] - y
            square, radius = east * east + north * north, posts[robot, post, 2]
            nearer = square < max(radius + room, 0.0) ** 2
            if nearer and posts[robot, post, 3] > low:
                room = math.sqrt(square) - radius
        row[robot] = closeness_of(room, hull)


@compiled
def _raise_at_beams(row: Rows, position: Array, beams: Things, hull: Hull) -> None:
    """Raise the closeness where a beam is nearer.

    Args:
        row: Where, shape (N,).
        position: World x, y, z [m], shape (N, 3).
        beams: Both ends and the radius [m], shape (N, beams, 7).
        hull: Of the robots.
    """
    for robot in range(len(row)):
        room = hull[0] + hull[1]
        for beam in beams[robot]:
            room = min(room, math.sqrt(square_from(position[robot], beam)) - beam[6])
        row[robot] = max(row[robot], closeness_of(room, hull))
