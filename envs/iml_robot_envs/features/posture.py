"""How a robot holds itself: how far it leans and how fast it turns."""

from __future__ import annotations

import math
from dataclasses import dataclass

from iml_robot_envs.compiled import compiled
from iml_robot_envs.features.family import Feature, Passage, Rows
from iml_robot_envs.terrain import Array


@dataclass(frozen=True)
class Posture:
    """Tilt and turning."""

    @property
    def features(self) -> tuple[Feature, ...]:
        """Tilt and turning."""
        return (
            Feature("tilt", "how far it leans, to any side", "rad", -0.3),
            Feature("turning", "how fast it turns, to either side", "rad/s", -0.2),
        )

    def write(self, passage: Passage, rows: Rows) -> None:
        """Write both."""
        _write(rows, passage.now.upright, passage.now.yaw_rate)


@compiled
def _write(rows: Rows, upright: Array, yaw_rate: Array) -> None:
    """Write the features of the posture.

    Args:
        rows: Where, shape (2, N).
        upright: Cosine of the tilt, shape (N,).
        yaw_rate: About the robots' up axis [rad/s], shape (N,).
    """
    for robot in range(rows.shape[-1]):
        rows[0, robot] = math.acos(min(max(upright[robot], -1.0), 1.0))
        rows[1, robot] = abs(yaw_rate[robot])
