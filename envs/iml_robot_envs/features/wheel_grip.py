"""How wheels meet the ground: how much they slip, and how hard bumps shake the rover."""

from __future__ import annotations

import math
from dataclasses import dataclass

from iml_robot_envs.compiled import compiled
from iml_robot_envs.features.family import Feature, Passage, Rows
from iml_robot_envs.rover_model import TRACK_M, WHEELBASE_M
from iml_robot_envs.terrain import Array


@dataclass(frozen=True)
class WheelGrip:
    """Slip and bumps of rovers with four wheels that do not steer."""

    @property
    def features(self) -> tuple[Feature, ...]:
        """Slip and bumps."""
        return (
            Feature("slip", "how fast its wheels slide over the ground", "m/s", -0.3),
            Feature("bumps", "how hard the ground shakes it", "m/s^2", -0.3),
        )

    def write(self, passage: Passage, rows: Rows) -> None:
        """Write both."""
        now = passage.now
        _write_slip(rows[0], now.velocity, now.yaw_rate, now.wheel_speeds)
        _write_bumps(rows[1], passage.before.velocity, now.velocity, passage.dt_s)


@compiled
def _write_slip(row: Rows, velocity: Array, yaw_rate: Array, rims: Array) -> None:
    """Write the mean speed with which the wheels slide.

    The rim of a wheel that rolls moves as fast as the rover does at the wheel, and no
    wheel rolls sideways; a rover that turns on the spot slides on all four.

    Args:
        row: Where, shape (N,).
        velocity: Forward, left and up [m/s], shape (N, 3).
        yaw_rate: Of the rovers [rad/s], shape (N,).
        rims: Speeds of the rims [m/s], front left, front right, rear left, rear right,
            shape (N, 4).
    """
    for robot in range(len(row)):
        turn, sliding = yaw_rate[robot], 0.0
        for wheel in range(4):
            ahead = WHEELBASE_M / 2 if wheel < 2 else -WHEELBASE_M / 2
            left = TRACK_M / 2 if wheel % 2 == 0 else -TRACK_M / 2
            along = velocity[robot, 0] - turn * left - rims[robot, wheel]
            across = velocity[robot, 1] + turn * ahead
            sliding += math.sqrt(along * along + across * across)
        row[robot] = sliding / 4


@compiled
def _write_bumps(row: Rows, before: Array, now: Array, dt_s: float) -> None:
    """Write how fast the velocity changes where no command changes it: left and up.

    Args:
        row: Where, shape (N,).
        before: Forward, left and up before the step [m/s], shape (N, 3).
        now: The same after it.
        dt_s: The control period [s].
    """
    for robot in range(len(row)):
        left = now[robot, 1] - before[robot, 1]
        up = now[robot, 2] - before[robot, 2]
        row[robot] = math.sqrt(left * left + up * up) / dt_s
