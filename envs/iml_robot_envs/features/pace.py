"""How a robot gets on: progress towards the goal, and how far from a comfortable speed."""

from __future__ import annotations

from dataclasses import dataclass

from iml_robot_envs.compiled import compiled
from iml_robot_envs.features.family import Feature, Passage, Rows
from iml_robot_envs.terrain import Array


@dataclass(frozen=True)
class Pace:
    """Progress and speed.

    Attributes:
        comfortable_m_s: Speed that people like to look at [m/s].
    """

    comfortable_m_s: float

    @property
    def features(self) -> tuple[Feature, ...]:
        """Progress and the error of the speed."""
        comfortable = f"{self.comfortable_m_s:g} m/s"
        return (
            Feature("progress", "how fast it comes nearer to the goal", "m/s", 1.0),
            Feature("speed_error", f"how far its speed is from {comfortable}", "m/s", -0.3),
        )

    def write(self, passage: Passage, rows: Rows) -> None:
        """Write both."""
        speed = passage.now.speed
        _write(rows, passage.gained_m, speed, self.comfortable_m_s, passage.dt_s)


@compiled
def _write(
    rows: Rows,
    gained_m: Array,
    speed: Array,
    comfortable_m_s: float,
    dt_s: float,
) -> None:
    """Write the features of the pace.

    Args:
        rows: Where, shape (2, N).
        gained_m: How much nearer the goals are [m], shape (N,).
        speed: Of the robots [m/s], shape (N,).
        comfortable_m_s: Speed whose error is 0 [m/s].
        dt_s: The control period [s].
    """
    for robot in range(rows.shape[-1]):
        rows[0, robot] = gained_m[robot] / dt_s
        rows[1, robot] = abs(speed[robot] - comfortable_m_s)
