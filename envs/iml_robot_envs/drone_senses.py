"""What drones' observations hold: ranges all round and their own state."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from iml_robot_envs.altitude import ground_under
from iml_robot_envs.compiled import compiled
from iml_robot_envs.grounds import Floats, Grounds
from iml_robot_envs.lidar import Lidar, blurred
from iml_robot_envs.robot import Motion
from iml_robot_envs.robot_task import FloatArray
from iml_robot_envs.terrain import Array, Indices

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
ALTITUDE = "altitude"
"""Height above where the canyon's floor or a take-off place is; the state of some ends with
it."""
FIRST_MEASURED = 3
"""Where the part of the state begins that is measured: speeds, angles, rates, heights."""


class DroneSenses:
    """Makes drones' observations of maps and motions.

    The observation is the lidar's layers from low to high, ranges over 10 m, then the
    state.

    Args:
        lidar: The lidar.
        altitude: Whether the drone has a barometer: over rising ground the height above
            the ground does not tell how far it is to a ceiling that is level.
        noise: Standard deviation of the noise of what is measured of the state.

    Attributes:
        layout: What each part of the observation and of the action means.
        size: Length of an observation.
        limit: Greatest magnitude in an observation.
        noise_channels: Random numbers that an observation uses.
        reach_m: How far beyond the edge of a map a drone may look [m].
    """

    limit = 3.0

    def __init__(
        self, lidar: Lidar, *, altitude: bool = False, noise: float = 0.01
    ) -> None:
        self._lidar = lidar
        self._altitude = altitude
        self._noise = noise
        names = [*STATE_NAMES, ALTITUDE] if altitude else STATE_NAMES
        layers, sectors = lidar.shape
        self._rays = layers * sectors
        self.reach_m = lidar.range_m
        self.noise_channels = self._rays + len(names) - FIRST_MEASURED
        self.size = self._rays + len(names)
        self.layout: dict[str, Any] = {
            "rays": {
                "start": 0,
                "shape": [layers, sectors],
                "elevations_rad": list(lidar.elevations_rad),
                "range_m": lidar.range_m,
            },
            "state": {
                "start": self._rays,
                "names": names,
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
        count = len(motion.heading)
        ranges = self._lidar.measure(grounds, motion.position, motion.heading)
        moments = steps % grounds.noise.shape[1]
        observation = np.empty((count, self.size), np.float32)
        state = np.empty((count, self.size - self._rays), np.float32)
        _write_goal(state, grounds.goals, motion.position, motion.heading)
        _write_body(
            state,
            motion.velocity,
            roll=motion.roll,
            pitch=motion.pitch,
            yaw_rate=motion.yaw_rate,
            height=motion.position[:, 2] - ground_under(grounds, motion.position),
        )
        if self._altitude:
            state[:, -1] = motion.position[:, 2] / HEIGHT_UNIT_M
        _write_ranges(
            observation,
            ranges.reshape(count, -1),
            grounds.noise,
            moments,
            self._lidar.range_m,
        )
        _blur_state(state, grounds.noise, moments, self._noise, self.limit)
        observation[:, self._rays :] = state
        return observation


@compiled
def _write_goal(state: Floats, goals: Array, position: Array, heading: Array) -> None:
    """Write the first three parts of the state: where the goal is.

    Args:
        state: Shape (N, parts of the state).
        goals: World x and y, shape (N, 2) [m].
        position: World x, y, z, shape (N, 3) [m].
        heading: Shape (N,) [rad].
    """
    for robot in range(len(state)):
        east = goals[robot, 0] - position[robot, 0]
        north = goals[robot, 1] - position[robot, 1]
        bearing = math.atan2(north, east) - heading[robot]
        state[robot, 0] = math.cos(bearing)
        state[robot, 1] = math.sin(bearing)
        state[robot, 2] = math.sqrt(east * east + north * north) / DISTANCE_UNIT_M


@compiled
def _write_body(
    state: Floats,
    velocity: Array,
    *,
    roll: Array,
    pitch: Array,
    yaw_rate: Array,
    height: Array,
) -> None:
    """Write what is measured of the state, before noise and clipping.

    Args:
        state: Shape (N, parts of the state).
        velocity: Forward, left and up, shape (N, 3) [m/s].
        roll: Shape (N,) [rad].
        pitch: Shape (N,) [rad].
        yaw_rate: Shape (N,) [rad/s].
        height: Above the ground, shape (N,) [m].
    """
    for robot in range(len(state)):
        for axis in range(3):
            state[robot, 3 + axis] = velocity[robot, axis] / MAX_SPEED_M_S
        state[robot, 6] = roll[robot]
        state[robot, 7] = pitch[robot]
        state[robot, 8] = yaw_rate[robot] / MAX_YAW_RATE_RAD_S
        state[robot, 9] = height[robot] / HEIGHT_UNIT_M


@compiled
def _write_ranges(
    observation: Floats, ranges: Floats, noise: Floats, moments: Indices, range_m: float
) -> None:
    """Write blurred ranges over the greatest to where observations begin.

    Args:
        observation: Shape (N, size).
        ranges: Shape (N, rays) [m].
        noise: Standard normal numbers, shape (N, steps, rays and more).
        moments: Which step's count, shape (N,).
        range_m: The greatest range [m].
    """
    for robot in range(len(ranges)):
        for ray in range(ranges.shape[1]):
            way = blurred(ranges[robot, ray], noise[robot, moments[robot], ray], range_m)
            observation[robot, ray] = way / range_m


@compiled
def _blur_state(
    state: Floats, noise: Floats, moments: Indices, deviation: float, limit: float
) -> None:
    """Add noise to what is measured of the state, and clip all of it.

    Args:
        state: Shape (N, parts of the state).
        noise: Standard normal numbers, shape (N, steps, channels); the last ones count.
        moments: Which step's count, shape (N,).
        deviation: Standard deviation of the noise.
        limit: Greatest magnitude.
    """
    parts = state.shape[1]
    first_channel = noise.shape[2] - parts
    for robot in range(len(state)):
        for part in range(FIRST_MEASURED, parts):
            normal = noise[robot, moments[robot], first_channel + part]
            state[robot, part] += deviation * normal
        for part in range(parts):
            state[robot, part] = min(max(state[robot, part], -limit), limit)
