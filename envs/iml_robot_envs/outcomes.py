"""Rules that end an episode; each says yes or no to the situation of every robot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

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
        far = np.abs(now.motion.position[:, :2])
        far -= now.grounds.half_extent_m
        return np.asarray(far.max(axis=1) > -self.margin_m)


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
        stuck: Bools = now.trying_steps >= self.steps
        if not np.count_nonzero(stuck):
            return stuck
        stuck &= now.trails.counts > self.steps
        robots = np.flatnonzero(stuck)
        way = now.trails.ago(robots, self.steps) - now.trails.ago(robots, 0)
        way *= way
        # Nearly always the oldest position alone shows that the robot moves on.
        near = way[:, 0] + way[:, 1] < self.radius_m**2
        stuck[robots] = near
        for robot in robots[near].tolist():
            recent = now.trails.points(robot)[-self.steps - 1 :]
            moved = np.linalg.norm(recent - recent[-1], axis=1).max()
            stuck[robot] = moved < self.radius_m
        return stuck
