"""Drives a robot along a path: pure pursuit of a point some way ahead."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from iml_robot.core.types import FloatArray
from iml_robot.operators.drawing.path import DrawnPath, Points
from iml_robot.operators.drawing.reach import Reach

CRUISE = 0.6
"""Share of the greatest speed on straight parts."""
LOOK_AHEAD_S = 0.8
"""How far ahead the pursued point is, in time at the present speed [s]."""
NEAREST_M, FARTHEST_M = 0.5, 2.0
"""Bounds of the way to the pursued point [m]."""
SEARCHED_M = 1.5
"""Along so much of the path the robot may have come since the last step [m]."""
TURN_SHARE = 0.7
"""Share of the fastest turn that bends may take; the rest is for corrections."""
SIDE_M_S2 = 1.5
"""Sideways acceleration in bends, of robots that need not turn to go aside [m/s^2]."""
SLOWING_S = 1.0
"""Time in which the rest of the way is driven at the end, so that speed fades [s]."""
CREEP = 0.15
"""Share of the greatest speed that is always left."""
BEHIND_RAD = math.radians(75.0)
"""A point farther aside is turned to on the spot."""
ARRIVED_M = 0.3
"""The end is reached within this distance [m]."""
LOST_M = 3.0
"""A robot farther from its path has lost it [m]."""
STUCK_S = 4.0
"""A robot that comes no farther for so long is stuck [s]."""


class PathFollower:
    """Says at each step what leads along a path.

    A robot that goes forward and turns pursues a point ahead on an arc (Coulter 1992); one
    that can go aside flies towards it and turns its nose along the path meanwhile. What is
    neither driving nor turning, as the climb of a drone, stays 0: it holds its height.

    Args:
        path: Where to.
        reach: What the actions of the robot do.
        period_s: Control period [s].

    Attributes:
        along_m: How far the robot has come [m].
        ended: Why there is nothing more to do; "" while there is.
    """

    def __init__(self, path: DrawnPath, reach: Reach, *, period_s: float) -> None:
        self.path = path
        self.along_m = 0.0
        self.ended = ""
        self._reach = reach
        self._period_s = period_s
        self._farthest_m, self._since_s = 0.0, 0.0

    def act(self, info: Mapping[str, Any]) -> FloatArray | None:
        """Return the action, shape (act_dim,); None where the way has ended.

        Args:
            info: Must have "position" [m] and "heading" [rad]; "speed" [m/s] is used.
        """
        position = np.asarray(info["position"], dtype=float)[:2]
        self._advance(position)
        if self.ended:
            return None
        speed = abs(float(info.get("speed", 0.0)))
        ahead_m = min(max(LOOK_AHEAD_S * speed, NEAREST_M), FARTHEST_M)
        target = self._in_sight(position, float(info["heading"]), ahead_m)
        if self._reach.sideways:
            return self._fly(target, float(info["heading"]), ahead_m)
        return self._drive(target, ahead_m)

    def _advance(self, position: Points) -> None:
        """Find out how far the robot has come, and whether it goes on."""
        self.along_m = self.path.nearest(
            position, after=self.along_m, before=self.along_m + SEARCHED_M
        )
        left = self.path.at(self.path.length_m) - position
        self._since_s += self._period_s
        if self.along_m > self._farthest_m:
            self._farthest_m, self._since_s = self.along_m, 0.0
        near_end = self.path.length_m - self.along_m < SEARCHED_M
        if near_end and math.hypot(*left) < ARRIVED_M:
            self.ended = "arrived"
        elif math.hypot(*(self.path.at(self.along_m) - position)) > LOST_M:
            self.ended = "too far from the path"
        elif self._since_s >= STUCK_S:
            self.ended = "stuck"

    def _in_sight(self, position: Points, heading: float, ahead_m: float) -> Points:
        """Return the pursued point in the frame of the robot: forward, left [m]."""
        x, y = self.path.at(self.along_m + ahead_m) - position
        cosine, sine = math.cos(heading), math.sin(heading)
        return np.array([cosine * x + sine * y, cosine * y - sine * x])

    def _drive(self, target: Points, ahead_m: float) -> FloatArray:
        """Return the action of a robot that goes where it looks."""
        aside = math.atan2(target[1], target[0])
        quickest = TURN_SHARE * self._reach.turn
        if abs(aside) > BEHIND_RAD and quickest:
            return self._reach.action(np.zeros(2), math.copysign(quickest, aside))
        curve = 2.0 * target[1] / max(float(target @ target), 1e-6)
        bend = max(abs(curve), self.path.bend(self.along_m, within_m=ahead_m))
        speed = self._speed(quickest / max(bend, 1e-6))
        return self._reach.action(np.array([speed, 0.0]), curve * speed)

    def _fly(self, target: Points, heading: float, ahead_m: float) -> FloatArray:
        """Return the action of a robot that can go aside."""
        bend = self.path.bend(self.along_m, within_m=ahead_m)
        speed = self._speed(math.sqrt(SIDE_M_S2 / max(bend, 1e-6)))
        velocity = speed * target / max(math.hypot(*target), 1e-6)
        wrong = self.path.direction(self.along_m + ahead_m / 2) - heading
        wrong = math.atan2(math.sin(wrong), math.cos(wrong))
        quickest = TURN_SHARE * self._reach.turn
        return self._reach.action(velocity, min(max(wrong, -quickest), quickest))

    def _speed(self, bends_m_s: float) -> float:
        """Return how fast to go [m/s]."""
        most = CRUISE * self._reach.speed
        left_m = self.path.length_m - self.along_m
        ends_m_s = max(left_m / SLOWING_S, CREEP * self._reach.speed)
        return max(min(most, bends_m_s, ends_m_s), CREEP * self._reach.speed)
