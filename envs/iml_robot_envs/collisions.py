"""Rules that end an episode when a robot touches what is around it.

They look at where the robot is at the end of each control step. It moves 0.15 m in one at
most, and a body of 0.25 m that passes a trunk of 0.15 m unnoticed between two such moments
has dipped 7 mm into it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot_envs.altitude import ground_under
from iml_robot_envs.compiled import compiled
from iml_robot_envs.grid_lookup import Frame, bilinear
from iml_robot_envs.outcomes import Situation
from iml_robot_envs.terrain import Array, Bools

Floats = npt.NDArray[np.float32]

SIDES = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))


@dataclass(frozen=True)
class HitObstacle:
    """True once a post or a beam is within a ball around the robot.

    Attributes:
        radius_m: Radius of the ball [m].
    """

    radius_m: float

    def __call__(self, now: Situation) -> Bools:
        """Return which robots touch something, shape (N,)."""
        position, grounds = now.motion.position, now.grounds
        hit: Bools = np.zeros(len(position), np.bool_)
        if grounds.posts.shape[1]:
            _find_near_posts(grounds.posts, position, self.radius_m, hit)
        if grounds.beams.shape[1]:
            _find_near_beams(grounds.beams, position, self.radius_m, hit)
        return hit


@dataclass(frozen=True)
class HitGround:
    """True once the ground is too near, below or beside the robot.

    Attributes:
        clearance_m: Least height above the ground, and least way to ground as high as the
            robot along x and y [m].
    """

    clearance_m: float

    def __call__(self, now: Situation) -> Bools:
        """Return which robots touch the ground, shape (N,)."""
        position, grounds = now.motion.position, now.grounds
        if grounds.flat:
            return np.asarray(position[:, 2] < self.clearance_m)
        hit: Bools = np.zeros(len(position), np.bool_)
        _find_near_ground(grounds.heights, position, grounds.frame, self.clearance_m, hit)
        return hit


@dataclass(frozen=True)
class TooHigh:
    """True above a ceiling that follows the ground.

    Attributes:
        ceiling_m: Height of the ceiling above the ground under the robot [m].
    """

    ceiling_m: float

    def __call__(self, now: Situation) -> Bools:
        """Return which robots are too high, shape (N,)."""
        position = now.motion.position
        return np.asarray(
            position[:, 2] - ground_under(now.grounds, position) > self.ceiling_m
        )


@dataclass(frozen=True)
class AboveCeiling:
    """True above a ceiling that is level: rising ground makes no way over it.

    Attributes:
        altitude_m: World z of the ceiling [m].
    """

    altitude_m: float

    def __call__(self, now: Situation) -> Bools:
        """Return which robots are too high, shape (N,)."""
        return np.asarray(now.motion.position[:, 2] > self.altitude_m)


@compiled
def _find_near_posts(posts: Floats, position: Array, radius_m: float, hit: Bools) -> None:
    """Set which robots are near a post.

    Args:
        posts: x, y, radius and top, shape (N, posts, 4) [m].
        position: World x, y, z, shape (N, 3) [m].
        radius_m: How near [m].
        hit: Where it is set, shape (N,).
    """
    for robot in range(len(position)):
        x, y, z = position[robot, 0], position[robot, 1], position[robot, 2]
        for post in range(posts.shape[1]):
            east, north = posts[robot, post, 0] - x, posts[robot, post, 1] - y
            room = posts[robot, post, 2] + radius_m
            if east * east + north * north < room * room:
                hit[robot] |= posts[robot, post, 3] > z - radius_m


@compiled
def _find_near_beams(beams: Floats, position: Array, radius_m: float, hit: Bools) -> None:
    """Set which robots are near a beam.

    Args:
        beams: Both ends and the radius, shape (N, beams, 7) [m].
        position: World x, y, z, shape (N, 3) [m].
        radius_m: How near [m].
        hit: Where it is set, shape (N,).
    """
    for robot in range(len(position)):
        place = position[robot]
        for beam in beams[robot]:
            if square_from(place, beam) < (beam[6] + radius_m) ** 2:
                hit[robot] = True


@compiled
def square_from(place: Array, beam: Floats) -> float:
    """Return the square of the way from a place to a beam's middle line [m^2].

    Args:
        place: World x, y, z [m], shape (3,).
        beam: Both ends and the radius [m], shape (7,).
    """
    along, length = 0.0, 1e-9
    for axis in range(3):
        span = beam[3 + axis] - beam[axis]
        along += span * (place[axis] - beam[axis])
        length += span * span
    share = min(max(along / length, 0.0), 1.0)
    square = 0.0
    for axis in range(3):
        nearest = beam[axis] + share * (beam[3 + axis] - beam[axis])
        square += (place[axis] - nearest) ** 2
    return square


@compiled
def _find_near_ground(
    heights: Floats,
    position: Array,
    frame: Frame,
    clearance_m: float,
    hit: Bools,
) -> None:
    """Set which robots are near the ground, below or beside them.

    Args:
        heights: Stacked grids, shape (N, rows, columns) [m].
        position: World x, y, z, shape (N, 3) [m].
        frame: As of the grounds.
        clearance_m: How near [m].
        hit: Where it is set, shape (N,).
    """
    samples_per_m, middle_column, middle_row = frame
    reach = clearance_m * samples_per_m
    for robot in range(len(position)):
        column = middle_column + samples_per_m * position[robot, 0]
        row = middle_row + samples_per_m * position[robot, 1]
        height, grid = position[robot, 2], heights[robot]
        hit[robot] = height < bilinear(grid, column, row) + clearance_m
        for east, north in SIDES:
            beside = bilinear(grid, column + reach * east, row + reach * north)
            hit[robot] |= height < beside
