"""What a rover's observation holds: a height scan around it and its own state."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot_envs.robot import Motion
from iml_robot_envs.rover import (
    AXLE_BELOW_M,
    MAX_SPEED_M_S,
    MAX_YAW_RATE_RAD_S,
    WHEEL_RADIUS_M,
)
from iml_robot_envs.sensing import HeightScan
from iml_robot_envs.terrain import Terrain

DISTANCE_UNIT_M = 20.0

STATE_NAMES = [
    "goal_forward", "goal_left", "goal_distance",
    "speed", "sideways_speed", "yaw_rate", "roll", "pitch",
    "wheel_front_left", "wheel_front_right", "wheel_rear_left", "wheel_rear_right",
]  # fmt: skip


class RoverSenses:
    """Makes a rover's observation of a map and a motion.

    Args:
        scan: Geometry of the height scan.

    Attributes:
        layout: What each part of the observation and of the action means.
        size: Length of an observation.
        limit: Greatest magnitude in an observation.
    """

    limit = 2.0

    def __init__(self, scan: HeightScan) -> None:
        self.scan = scan
        rows, columns = scan.shape
        self._cells = rows * columns
        self.size = self._cells + len(STATE_NAMES)
        self.layout: dict[str, Any] = {
            "scan": {
                "start": 0,
                "shape": [rows, columns],
                "x_m": [float(scan.x_m[0]), float(scan.x_m[-1])],
                "y_m": [float(scan.y_m[0]), float(scan.y_m[-1])],
            },
            "state": {
                "start": self._cells,
                "names": STATE_NAMES,
                "mirror_negative": ["goal_left", "sideways_speed", "yaw_rate", "roll"],
                "mirror_swap": [
                    ["wheel_front_left", "wheel_front_right"],
                    ["wheel_rear_left", "wheel_rear_right"],
                ],
            },
            "action": {
                "names": ["speed", "yaw_rate"],
                "scale": [MAX_SPEED_M_S, MAX_YAW_RATE_RAD_S],
                "mirror_negative": ["yaw_rate"],
            },
        }

    def observe(self, terrain: Terrain, motion: Motion) -> npt.NDArray[np.float32]:
        """Return a new observation, shape (size,), within the limit."""
        x, y, z = motion.position
        contact = z - WHEEL_RADIUS_M - AXLE_BELOW_M
        scan = self.scan.measure(terrain, (x, y, motion.heading), contact)
        observation = np.empty(self.size, np.float32)
        observation[: self._cells] = scan.ravel()
        observation[self._cells :] = [
            min(max(value, -self.limit), self.limit)
            for value in self._state(terrain, motion)
        ]
        return observation

    @staticmethod
    def _state(terrain: Terrain, motion: Motion) -> tuple[float, ...]:
        """Return the state before clipping, in the order of STATE_NAMES."""
        to_goal = terrain.goal - motion.position[:2]
        distance = max(math.sqrt(to_goal.dot(to_goal)), 1e-6)
        bearing = float(np.arctan2(to_goal[1], to_goal[0])) - motion.heading
        forward, left, _ = motion.velocity
        return (
            float(np.cos(bearing)), float(np.sin(bearing)), distance / DISTANCE_UNIT_M,
            forward, left, motion.yaw_rate / MAX_YAW_RATE_RAD_S,
            motion.roll, motion.pitch, *motion.wheel_speeds,
        )  # fmt: skip
