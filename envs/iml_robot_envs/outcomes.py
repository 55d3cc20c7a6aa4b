"""Rules that end an episode; each says yes or no to a situation."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.trail import Trail


class Situation(NamedTuple):
    """What rules may look at.

    Attributes:
        terrain: The map.
        motion: The robot's motion now.
        trail: Where it has been, now included.
        goal_distance_m: Way to the goal as the crow flies [m].
        trying_steps: For how many control steps on end it was told to move.
    """

    terrain: Terrain
    motion: Motion
    trail: Trail
    goal_distance_m: float
    trying_steps: int


Rule = Callable[[Situation], bool]


@dataclass(frozen=True)
class GoalReached:
    """True within some distance of the goal.

    Attributes:
        radius_m: The distance [m].
    """

    radius_m: float

    def __call__(self, now: Situation) -> bool:
        """Return whether the robot is there."""
        return now.goal_distance_m <= self.radius_m


@dataclass(frozen=True)
class RolledOver:
    """True once the robot leans so far that it cannot come back.

    Attributes:
        least_cosine: Least cosine of the tilt, 1 when upright.
    """

    least_cosine: float

    def __call__(self, now: Situation) -> bool:
        """Return whether the tilt is too far."""
        upright = math.cos(now.motion.roll) * math.cos(now.motion.pitch)
        return upright < self.least_cosine


@dataclass(frozen=True)
class OutOfBounds:
    """True near the edge of the map and beyond.

    Attributes:
        margin_m: How near, measured from the outermost height samples [m].
    """

    margin_m: float

    def __call__(self, now: Situation) -> bool:
        """Return whether the robot has left the map."""
        half_x, half_y = now.terrain.half_extent_m.tolist()
        x, y, _ = now.motion.position
        return bool(abs(x) > half_x - self.margin_m or abs(y) > half_y - self.margin_m)


@dataclass(frozen=True)
class Stuck:
    """True if the robot stayed in one place for a while though told to move.

    Attributes:
        steps: For how many control steps.
        radius_m: Size of the place: no position is farther from the newest one [m].
    """

    steps: int
    radius_m: float

    def __call__(self, now: Situation) -> bool:
        """Return whether the robot is stuck."""
        points = now.trail.points
        if min(now.trying_steps, len(points) - 1) < self.steps:
            return False
        x, y, _ = now.motion.position
        old_x, old_y = points[-self.steps - 1].tolist()
        # Nearly always the oldest position alone shows that the robot moves on.
        if math.sqrt((old_x - x) ** 2 + (old_y - y) ** 2) >= self.radius_m:
            return False
        recent = points[-self.steps - 1 :]
        moved = np.linalg.norm(recent - recent[-1], axis=1).max()
        return bool(moved < self.radius_m)
