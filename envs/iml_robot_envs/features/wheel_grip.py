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
    """Slip and bumps of rovers with four wheels that do not steer.

    The rim of a wheel that rolls moves as fast as the rover does at the wheel, and no
    wheel rolls sideways; a rover that turns on the spot slides on all four. What shakes a
    rover is how its velocity changes where no command changes it: left and up.
    """

    @property
    def features(self) -> tuple[Feature, ...]:
        """Slip and bumps."""
        return (
            Feature("slip", "how fast its wheels slide over the ground", "m/s", -0.3),
            Feature("bumps", "how hard the ground shakes it", "m/s^2", -0.3),
        )

    def write(self, passage: Passage, rows: Rows) -> None:
        """Write both."""
        now, before = passage.now, passage.before
        turning = now.yaw_rate, now.wheel_speeds
        _write(rows, before.velocity, now.velocity, turning, passage.dt_s)


@compiled
def _write(
    rows: Rows, before: Array, velocity: Array, turning: tuple[Array, Array], dt_s: float
) -> None:
    """Write the mean speed with which wheels slide, and the shaking.

    Args:
        rows: Where, shape (2, N).
        before: Forward, left and up before the step [m/s], shape (N, 3).
        velocity: The same after it.
        turning: Yaw rates [rad/s], shape (N,), and speeds of the rims [m/s], front left,
            front right, rear left, rear right, shape (N, 4).
        dt_s: The control period [s].
    """
    yaw_rates, rims = turning
    for robot in range(rows.shape[1]):
        turn, sliding = yaw_rates[robot], 0.0
        for wheel in range(4):
            ahead = WHEELBASE_M / 2 if wheel < 2 else -WHEELBASE_M / 2
            left = TRACK_M / 2 if wheel % 2 == 0 else -TRACK_M / 2
            along = velocity[robot, 0] - turn * left - rims[robot, wheel]
            across = velocity[robot, 1] + turn * ahead
            sliding += math.sqrt(along * along + across * across)
        sideways = velocity[robot, 1] - before[robot, 1]
        up = velocity[robot, 2] - before[robot, 2]
        rows[0, robot] = sliding / 4
        rows[1, robot] = math.sqrt(sideways * sideways + up * up) / dt_s
