"""Ends that nobody wants."""

from __future__ import annotations

from dataclasses import dataclass

from iml_robot_envs.features.family import Feature, Passage, Rows


@dataclass(frozen=True)
class Mishaps:
    """Whether an episode ended in this step, and not in success.

    An event: 1 in the last step of such an episode, else 0. Without it a learned reward
    could not tell an accident from what the robot did on the way there.
    """

    @property
    def features(self) -> tuple[Feature, ...]:
        """The one feature."""
        meaning = "share of steps in which it gets stuck, hits something or falls over"
        return (Feature("mishaps", meaning, "", -1.0),)

    def write(self, passage: Passage, rows: Rows) -> None:
        """Write it."""
        rows.fill(0.0)
        for robot, outcome in passage.ended.items():
            rows[0, robot] = float(outcome != "success")
