"""What every robot on its way to a goal does: get on, lean, turn, follow commands."""

from __future__ import annotations

import math
from dataclasses import dataclass

from iml_robot_envs.compiled import compiled
from iml_robot_envs.features.family import Feature, Passage, Rows
from iml_robot_envs.terrain import Array


@dataclass(frozen=True)
class Driving:
    """Progress, speed, commands and posture.

    They share a family, and with it a call of compiled code, to be cheap.

    Attributes:
        comfortable_m_s: Speed that people like to look at [m/s].
        leans: Whether the robots have a posture: lean and turn.
    """

    comfortable_m_s: float
    leans: bool = True

    @property
    def features(self) -> tuple[Feature, ...]:
        """Progress, the error of the speed, jerkiness, effort; tilt and turning."""
        slow = f"how far its speed is from {self.comfortable_m_s:g} m/s"
        effort = "how much is commanded: mean square of full scale"
        posture = (
            Feature("tilt", "how far it leans, to any side", "rad", -0.3),
            Feature("turning", "how fast it turns, to either side", "rad/s", -0.2),
        )
        return (
            Feature("progress", "how fast it comes nearer to the goal", "m/s", 1.0),
            Feature("speed_error", slow, "m/s", -0.3),
            Feature("jerkiness", "how fast its commands change", "1/s", -0.3),
            Feature("effort", effort, "", -0.1),
            *(posture if self.leans else ()),
        )

    def write(self, passage: Passage, rows: Rows) -> None:
        """Write them."""
        now = passage.now
        _write(
            rows,
            passage.gained_m,
            (now.speed, now.upright, now.yaw_rate),
            (passage.actions, passage.last_actions),
            (self.comfortable_m_s, passage.dt_s),
        )


@compiled
def _write(
    rows: Rows,
    gained_m: Array,
    motion: tuple[Array, Array, Array],
    commands: tuple[Array, Array],
    scales: tuple[float, float],
) -> None:
    """Write the features of driving.

    Args:
        rows: Where, shape (4, N), or (6, N) with those of the posture.
        gained_m: How much nearer the goals are [m], shape (N,).
        motion: Speed [m/s], cosine of the tilt and yaw rate [rad/s], shape (N,) each.
        commands: Actions in [-1, 1] and those of the step before, shape (N, act_dim) each.
        scales: Speed whose error is 0 [m/s], and the control period [s].
    """
    speed, upright, yaw_rate = motion
    actions, last_actions = commands
    comfortable_m_s, dt_s = scales
    for robot in range(rows.shape[1]):
        change, effort = 0.0, 0.0
        for part in range(actions.shape[1]):
            change += (actions[robot, part] - last_actions[robot, part]) ** 2
            effort += actions[robot, part] ** 2
        rows[0, robot] = gained_m[robot] / dt_s
        rows[1, robot] = abs(speed[robot] - comfortable_m_s)
        rows[2, robot] = math.sqrt(change) / dt_s
        rows[3, robot] = effort / actions.shape[1]
        if len(rows) > 4:
            rows[4, robot] = math.acos(min(max(upright[robot], -1.0), 1.0))
            rows[5, robot] = abs(yaw_rate[robot])
