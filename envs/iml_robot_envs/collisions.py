"""Rules that end an episode when a robot touches what is around it.

They look at where the robot is at the end of each control step. It moves 0.15 m in one at
most, and a body of 0.25 m that passes a trunk of 0.15 m unnoticed between two such moments
has dipped 7 mm into it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot_envs.altitude import ground_at, ground_under
from iml_robot_envs.outcomes import Situation
from iml_robot_envs.terrain import Bools

Floats = npt.NDArray[np.float32]

SIDES = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])


@dataclass(frozen=True)
class HitObstacle:
    """True once a post or a beam is within a ball around the robot.

    Attributes:
        radius_m: Radius of the ball [m].
    """

    radius_m: float

    def __call__(self, now: Situation) -> Bools:
        """Return which robots touch something, shape (N,)."""
        posts, beams = now.grounds.posts, now.grounds.beams
        place = now.motion.position.astype(np.float32)
        hit: Bools = np.zeros(len(place), np.bool_)
        if posts.shape[1]:
            hit = self._touches_posts(posts, place)
        if beams.shape[1]:
            hit = hit | self._touches_beams(beams, place)
        return hit

    def _touches_posts(self, posts: Floats, place: Floats) -> Bools:
        east = posts[:, :, 0] - place[:, :1]
        north = posts[:, :, 1] - place[:, 1:2]
        east *= east
        north *= north
        east += north
        room = posts[:, :, 2] + np.float32(self.radius_m)
        close = east < room * room
        if np.count_nonzero(close):
            close &= posts[:, :, 3] > place[:, 2:] - np.float32(self.radius_m)
        return np.asarray(close.any(axis=1))

    def _touches_beams(self, beams: Floats, place: Floats) -> Bools:
        axis = beams[:, :, 3:6] - beams[:, :, :3]
        off = place[:, None] - beams[:, :, :3]
        length = np.maximum((axis * axis).sum(axis=2), np.float32(1e-9))
        share = (axis * off).sum(axis=2) / length
        off -= np.minimum(np.maximum(share, 0), 1)[:, :, None] * axis
        room = beams[:, :, 6] + np.float32(self.radius_m)
        return np.asarray(((off * off).sum(axis=2) < room * room).any(axis=1))


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
        position = now.motion.position
        if now.grounds.flat:
            return np.asarray(position[:, 2] < self.clearance_m)
        points = np.empty((len(position), 5, 2))
        points[:, 0] = position[:, :2]
        points[:, 1:] = position[:, None, :2] + self.clearance_m * SIDES
        room = position[:, 2:] - ground_at(now.grounds, points)
        room[:, 0] -= self.clearance_m
        return np.asarray(room.min(axis=1) < 0)


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
