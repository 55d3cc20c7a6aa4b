"""What is asked of a robot: how jerkily its commands change and how large they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

from iml_robot_envs.compiled import compiled
from iml_robot_envs.features.family import Feature, Passage, Rows
from iml_robot_envs.terrain import Array


@dataclass(frozen=True)
class Commands:
    """Jerkiness and effort."""

    @property
    def features(self) -> tuple[Feature, ...]:
        """Jerkiness and effort."""
        return (
            Feature("jerkiness", "how fast its commands change", "1/s", -0.3),
            Feature("effort", "how much is commanded: mean square of full scale", "", -0.1),
        )

    def write(self, passage: Passage, rows: Rows) -> None:
        """Write both."""
        _write(rows, passage.actions, passage.last_actions, passage.dt_s)


@compiled
def _write(rows: Rows, actions: Array, last_actions: Array, dt_s: float) -> None:
    """Write the features of the commands.

    Args:
        rows: Where, shape (2, N).
        actions: In [-1, 1], shape (N, act_dim).
        last_actions: Of the step before, same shape.
        dt_s: The control period [s].
    """
    for robot in range(rows.shape[-1]):
        change, effort = 0.0, 0.0
        for part in range(actions.shape[1]):
            change += (actions[robot, part] - last_actions[robot, part]) ** 2
            effort += actions[robot, part] ** 2
        rows[0, robot] = math.sqrt(change) / dt_s
        rows[1, robot] = effort / actions.shape[1]
