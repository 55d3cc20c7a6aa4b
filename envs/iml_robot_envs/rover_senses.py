"""What rovers' observations hold: a scan of the ground around them and their own state."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from iml_robot_envs.colour_scan import ColourScan
from iml_robot_envs.compiled import compiled
from iml_robot_envs.grounds import Floats, Grounds
from iml_robot_envs.height_scan import HeightScan
from iml_robot_envs.robot import Motion
from iml_robot_envs.robot_task import FloatArray
from iml_robot_envs.rover import MAX_SPEED_M_S, MAX_YAW_RATE_RAD_S
from iml_robot_envs.rover_model import AXLE_BELOW_M, WHEEL_RADIUS_M
from iml_robot_envs.terrain import Array, Indices

DISTANCE_UNIT_M = 20.0
LEAST_LIMIT = 2.0
"""Limit of observations; greater where the scan's heights are."""

STATE_NAMES = [
    "goal_forward", "goal_left", "goal_distance",
    "speed", "sideways_speed", "yaw_rate", "roll", "pitch",
    "wheel_front_left", "wheel_front_right", "wheel_rear_left", "wheel_rear_right",
]  # fmt: skip
FIRST_NOISY = 3
"""From here on the state is measured: speeds, rates, angles; the rest is computed."""
ORIGIN_M = WHEEL_RADIUS_M + AXLE_BELOW_M
"""Height of a rover's origin above what its wheels stand on [m]."""


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
        self.noise_channels = len(STATE_NAMES) - FIRST_NOISY if noise else 0
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
        observations = np.empty((len(steps), self.size), np.float32)
        self.scan.measure(grounds, motion, origin_m=ORIGIN_M, out=observations)
        if self._colours is not None:
            first = self._cells
            self._colours.measure(grounds, motion, first=first, out=observations)
        write_state(
            observations,
            self._state_start,
            goals=grounds.goals,
            motion=motion,
            noise=grounds.noise,
            steps=steps,
            limits=(self._noise, self.limit),
        )
        return observations


@compiled
def write_state(
    out: Floats,
    first: int,
    *,
    goals: Array,
    motion: Motion,
    noise: Floats,
    steps: Indices,
    limits: tuple[float, float],
) -> None:
    """Write rovers' own state, in the order of STATE_NAMES.

    Args:
        out: Observations, shape (N, size); written from `first` to the end.
        first: Where the state begins.
        goals: World x, y [m], shape (N, 2).
        motion: Of the rovers.
        noise: Of `Grounds`; not read without noise.
        steps: Control steps since each reset, shape (N,).
        limits: Standard deviation of the noise, and greatest magnitude in an observation.
    """
    deviation, limit = limits
    for robot in range(len(out)):
        state = out[robot, first:]
        east = goals[robot, 0] - motion.position[robot, 0]
        north = goals[robot, 1] - motion.position[robot, 1]
        bearing = math.atan2(north, east) - motion.heading[robot]
        state[0], state[1] = math.cos(bearing), math.sin(bearing)
        state[2] = math.sqrt(east * east + north * north) / DISTANCE_UNIT_M
        state[3] = motion.velocity[robot, 0]
        state[4] = motion.velocity[robot, 1]
        state[5] = motion.yaw_rate[robot] / MAX_YAW_RATE_RAD_S
        state[6], state[7] = motion.roll[robot], motion.pitch[robot]
        for wheel in range(motion.wheel_speeds.shape[1]):
            state[8 + wheel] = motion.wheel_speeds[robot, wheel]
        if deviation > 0.0:
            now = noise[robot, steps[robot] % noise.shape[1]]
            for channel in range(len(now)):
                state[FIRST_NOISY + channel] += deviation * now[channel]
        for part in range(len(state)):
            state[part] = min(max(state[part], -limit), limit)
