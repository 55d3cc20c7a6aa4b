"""What rovers' observations hold: a scan of the ground around them and their own state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from iml_robot_envs.colour_scan import ColourScan
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.height_scan import HeightScan
from iml_robot_envs.robot import Motion
from iml_robot_envs.robot_task import FloatArray
from iml_robot_envs.rover import MAX_SPEED_M_S, MAX_YAW_RATE_RAD_S
from iml_robot_envs.rover_model import AXLE_BELOW_M, WHEEL_RADIUS_M
from iml_robot_envs.sensor_noise import noise_now
from iml_robot_envs.terrain import Indices

DISTANCE_UNIT_M = 20.0
LEAST_LIMIT = 2.0
"""Limit of observations; greater where the scan's heights are."""

STATE_NAMES = [
    "goal_forward", "goal_left", "goal_distance",
    "speed", "sideways_speed", "yaw_rate", "roll", "pitch",
    "wheel_front_left", "wheel_front_right", "wheel_rear_left", "wheel_rear_right",
]  # fmt: skip
NOISY = slice(3, 12)
"""Part of the state that is measured: speeds, rates, angles; the rest is computed."""


class RoverSenses:
    """Makes rovers' observations of maps and motions.

    The observation is the height scan, then one scan for each colour (1 where the ground
    shows it), then the state.

    Args:
        scan: Geometry of the scans.
        colours: Of `COLOURS`, those that are told apart; none for heights alone.
        noise: Standard deviation of the noise of speeds [m/s], of rates and angles.

    Attributes:
        layout: What each part of the observation and of the action means.
        size: Length of an observation.
        limit: Greatest magnitude in an observation.
        noise_channels: Random numbers that an observation uses.
        reach_m: How far the robot sees.
    """

    def __init__(
        self, scan: HeightScan, *, colours: Sequence[str] = (), noise: float = 0.0
    ) -> None:
        self.scan = scan
        rows, columns = scan.shape
        self._colours = ColourScan(scan, colours) if colours else None
        self._cells = rows * columns
        self._state_start = self._cells * (1 + len(colours))
        self._noise = noise
        self.limit = max(LEAST_LIMIT, scan.limit_m)
        self.reach_m = scan.reach_m
        self.noise_channels = NOISY.stop - NOISY.start if noise else 0
        self.size = self._state_start + len(STATE_NAMES)
        self.layout: dict[str, Any] = {
            "scan": {
                "start": 0,
                "shape": [rows, columns],
                "x_m": [float(scan.x_m[0]), float(scan.x_m[-1])],
                "y_m": [float(scan.y_m[0]), float(scan.y_m[-1])],
            },
            "state": {
                "start": self._state_start,
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
        if colours:
            self.layout["scan"]["colours"] = list(colours)

    def observe(self, grounds: Grounds, motion: Motion, steps: Indices) -> FloatArray:
        """Return new observations, shape (N, size), within the limit."""
        count = len(motion.heading)
        observation = np.empty((count, self.size), np.float32)
        places = self.scan.places(grounds, motion.position, motion.heading)
        contact = motion.position[:, 2] - (WHEEL_RADIUS_M + AXLE_BELOW_M)
        heights = self.scan.heights(grounds, places, contact)
        observation[:, : self._cells] = heights
        if self._colours is not None:
            colours = self._colours.measure(grounds, places)
            observation[:, self._cells : self._state_start] = colours
        state = self._state(grounds, motion)
        if self._noise:
            state[:, NOISY] += self._noise * noise_now(grounds, steps)
        np.maximum(state, -self.limit, out=state)
        observation[:, self._state_start :] = np.minimum(state, self.limit)
        return observation

    @staticmethod
    def _state(grounds: Grounds, motion: Motion) -> FloatArray:
        """Return the state before clipping, in the order of STATE_NAMES, (N, 12)."""
        state = np.empty((len(motion.heading), len(STATE_NAMES)))
        way = (grounds.goals - motion.position[:, :2]).T
        bearing = np.arctan2(way[1], way[0]) - motion.heading
        way *= way
        state[:, 0] = np.cos(bearing)
        state[:, 1] = np.sin(bearing)
        state[:, 2] = np.sqrt(way[0] + way[1]) / DISTANCE_UNIT_M
        state[:, 3:5] = motion.velocity[:, :2]
        state[:, 5] = motion.yaw_rate / MAX_YAW_RATE_RAD_S
        state[:, 6] = motion.roll
        state[:, 7] = motion.pitch
        state[:, 8:] = motion.wheel_speeds
        return state.astype(np.float32)
