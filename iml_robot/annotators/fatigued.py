"""Answers worse and worse."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.annotators.simulation.habits import MEASURED, Habits, between, changed
from iml_robot.annotators.simulation.truth import Scale
from iml_robot.core.feedback import Segment

TIRED = {"sharpness": 1.0, "lapse": 0.3, "cant_tell": 0.1, "skip": 0.05, "side_bias": 0.3}


@ANNOTATORS.register("fatigued")
class Fatigued(SimulatedAnnotator):
    """Begins much like people who are rested and ends as a tired one.

    Args:
        scale: Scale of the reward features.
        reference: Segments that show how far apart segments usually are.
        after: Number of questions after which it is as tired as it gets.
        **usual: Options of `SimulatedAnnotator`; its habits are those at the beginning.

    Raises:
        ValueError: If a value does not fit or is out of range.
    """

    # Who is rested answers blindly less often.
    preset: ClassVar[Habits] = replace(MEASURED, lapse=0.1)

    def __init__(
        self,
        scale: Scale,
        reference: Sequence[Segment],
        *,
        after: int = 150,
        **usual: Any,
    ) -> None:
        super().__init__(scale, reference, **usual)
        if after < 1:
            raise ValueError(f"after must be 1 or more, got {after}")
        self._after = after
        self._tired = changed(self._habits, TIRED)

    def habits_at(self, number: int) -> Habits:
        """Return how it answers the question with this number."""
        return between(self._habits, self._tired, min(1.0, number / self._after))
