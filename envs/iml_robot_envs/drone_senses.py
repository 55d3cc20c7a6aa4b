"""What drones' observations hold: ranges all round and their own state."""

from __future__ import annotations

from typing import Any

import numpy as np

from iml_robot_envs.altitude import ground_under
from iml_robot_envs.grounds import Floats, Grounds
from iml_robot_envs.lidar import Lidar
from iml_robot_envs.robot import Motion
from iml_robot_envs.robot_task import FloatArray
from iml_robot_envs.sensor_noise import noise_now
from iml_robot_envs.terrain import Indices

MAX_SPEED_M_S = 3.0
MAX_CLIMB_M_S = 1.5
MAX_YAW_RATE_RAD_S = float(np.pi / 2)
DISTANCE_UNIT_M = 20.0
HEIGHT_UNIT_M = 5.0

STATE_NAMES = [
    "goal_forward", "goal_left", "goal_distance",
    "speed_forward", "speed_left", "speed_up",
    "roll", "pitch", "yaw_rate", "height",
]  # fmt: skip
MEASURED = slice(3, 10)
"""Part of the state that is measured: speeds, angles, rates and height."""


class DroneSenses:
    """Makes drones' observations of maps and motions.

    The observation is the lidar's layers from low to high, ranges over 10 m, then the
    state.

    Args:
        lidar: The lidar.
        noise: Standard deviation of the noise of what is measured of the state.

    Attributes:
        layout: What each part of the observation and of the action means.
        size: Length of an observation.
        limit: Greatest magnitude in an observation.
        noise_channels: Random numbers that an observation uses.
        reach_m: How far beyond the edge of a map a drone may look [m].
    """

    limit = 3.0

    def __init__(self, lidar: Lidar, *, noise: float = 0.01) -> None:
        self._lidar = lidar
        self._noise = np.float32(noise)
        layers, sectors = lidar.shape
        self._rays = layers * sectors
        self.reach_m = lidar.range_m
        self.noise_channels = self._rays + MEASURED.stop - MEASURED.start
        self.size = self._rays + len(STATE_NAMES)
        self.layout: dict[str, Any] = {
            "rays": {
                "start": 0,
                "shape": [layers, sectors],
                "elevations_rad": list(lidar.elevations_rad),
                "range_m": lidar.range_m,
            },
            "state": {
                "start": self._rays,
                "names": STATE_NAMES,
                "mirror_negative": ["goal_left", "speed_left", "roll", "yaw_rate"],
            },
            "action": {
                "names": ["forward", "left", "up", "yaw_rate"],
                "scale": [MAX_SPEED_M_S, MAX_SPEED_M_S, MAX_CLIMB_M_S, MAX_YAW_RATE_RAD_S],
                "mirror_negative": ["left", "yaw_rate"],
            },
        }

    def observe(self, grounds: Grounds, motion: Motion, steps: Indices) -> FloatArray:
        """Return new observations, shape (N, size), within the limit."""
        count, rays = len(motion.heading), self._rays
        noise = noise_now(grounds, steps)
        ranges = self._lidar.measure(grounds, motion.position, motion.heading)
        ranges = ranges.reshape(count, rays)
        self._lidar.add_noise(ranges, noise[:, :rays])
        observation = np.empty((count, self.size), np.float32)
        np.divide(ranges, np.float32(self._lidar.range_m), out=observation[:, :rays])
        state = observation[:, rays:]
        self._write_state(state, grounds, motion)
        state[:, MEASURED] += self._noise * noise[:, rays:]
        np.maximum(state, -self.limit, out=state)
        np.minimum(state, self.limit, out=state)
        return observation

    @staticmethod
    def _write_state(state: Floats, grounds: Grounds, motion: Motion) -> None:
        """Write the state before noise and clipping, in the order of STATE_NAMES."""
        way = np.ascontiguousarray((grounds.goals - motion.position[:, :2]).T)
        bearing = np.arctan2(way[1], way[0]) - motion.heading
        way *= way
        state[:, 0] = np.cos(bearing)
        state[:, 1] = np.sin(bearing)
        state[:, 2] = np.sqrt(way[0] + way[1]) / DISTANCE_UNIT_M
        state[:, 3:6] = motion.velocity / MAX_SPEED_M_S
        state[:, 6] = motion.roll
        state[:, 7] = motion.pitch
        state[:, 8] = motion.yaw_rate / MAX_YAW_RATE_RAD_S
        height = motion.position[:, 2] - ground_under(grounds, motion.position)
        state[:, 9] = height / HEIGHT_UNIT_M
