"""Rules that end an episode; each says yes or no to the situation of every robot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from iml_robot_envs.compiled import compiled
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Array, Bools, Indices
from iml_robot_envs.trail import Trails


class Situation(NamedTuple):
    """What rules may look at.

    Attributes:
        grounds: The maps.
        motion: The robots' motion now.
        trails: Where they have been, now included.
        goal_distance_m: Ways to the goals as the crow flies [m], shape (N,).
        trying_steps: For how many control steps on end each was told to move, (N,).
    """

    grounds: Grounds
    motion: Motion
    trails: Trails
    goal_distance_m: Array
    trying_steps: Indices


Rule = Callable[[Situation], Bools]


@dataclass(frozen=True)
class GoalReached:
    """True within some distance of the goal.

    Attributes:
        radius_m: The distance [m].
    """

    radius_m: float

    def __call__(self, now: Situation) -> Bools:
        """Return which robots are there, shape (N,)."""
        return np.asarray(now.goal_distance_m <= self.radius_m)


@dataclass(frozen=True)
class RolledOver:
    """True once the robot leans so far that it cannot come back.

    Attributes:
        least_cosine: Least cosine of the tilt, 1 when upright.
    """

    least_cosine: float

    def __call__(self, now: Situation) -> Bools:
        """Return which robots lean too far, shape (N,)."""
        return np.asarray(now.motion.upright < self.least_cosine)


@dataclass(frozen=True)
class OutOfBounds:
    """True near the edge of the map and beyond.

    Attributes:
        margin_m: How near, measured from the outermost height samples [m].
    """

    margin_m: float

    def __call__(self, now: Situation) -> Bools:
        """Return which robots have left their maps, shape (N,)."""
        grounds = now.grounds
        return are_outside(now.motion.position, grounds.half_extent_m, self.margin_m)


@dataclass(frozen=True)
class Stuck:
    """True if the robot stayed in one place for a while though told to move.

    Attributes:
        steps: For how many control steps.
        radius_m: Size of the place: no position is farther from the newest one [m].
    """

    steps: int
    radius_m: float

    def __call__(self, now: Situation) -> Bools:
        """Return which robots are stuck, shape (N,)."""
        trails = now.trails
        return are_stuck(
            trails.buffer, trails.counts, now.trying_steps, self.steps, self.radius_m
        )


@compiled
def are_outside(position: Array, half_extent_m: Array, margin_m: float) -> Bools:
    """Return which robots are near the edge of their maps or beyond, shape (N,).

    Args:
        position: World x, y, z [m], shape (N, 3).
        half_extent_m: From the middle to the edge along x and y [m], shape (N, 2).
        margin_m: How near [m].
    """
    outside = np.zeros(len(position), np.bool_)
    for robot in range(len(position)):
        for axis in range(2):
            room_m = half_extent_m[robot, axis] - abs(position[robot, axis])
            outside[robot] |= room_m < margin_m
    return outside


@compiled
def are_stuck(
    trails: Array, counts: Indices, trying_steps: Indices, steps: int, radius_m: float
) -> Bools:
    """Return which robots stayed in one place though told to move, shape (N,).

    Args:
        trails: Positions from the oldest to the newest [m], shape (N, room, 2).
        counts: How many positions there are, shape (N,).
        trying_steps: For how many control steps on end each was told to move, (N,).
        steps: For how many of them the place must be the same.
        radius_m: Size of the place [m].
    """
    stuck = (trying_steps >= steps) & (counts > steps)
    for robot in np.flatnonzero(stuck):
        newest = trails[robot, counts[robot] - 1]
        # The oldest position comes first, which nearly always shows that the robot moves.
        for moment in range(counts[robot] - 1 - steps, counts[robot] - 1):
            east = trails[robot, moment, 0] - newest[0]
            north = trails[robot, moment, 1] - newest[1]
            if east * east + north * north >= radius_m * radius_m:
                stuck[robot] = False
                break
    return stuck
