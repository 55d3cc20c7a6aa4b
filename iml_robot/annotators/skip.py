"""Skips a question whose segments are both bad."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.annotators.simulation.habits import changed
from iml_robot.annotators.simulation.truth import Scale
from iml_robot.core.feedback import Segment


@ANNOTATORS.register("skip")
class Skip(SimulatedAnnotator):
    """Does not compare two segments that are both among the worst.

    Args:
        scale: Scale of the reward features.
        reference: Segments that show which are the worst.
        share: Share of the segments that are bad, in [0, 1].
        **usual: Options of `SimulatedAnnotator`.

    Raises:
        ValueError: If a value does not fit or is out of range.
    """

    def __init__(
        self,
        scale: Scale,
        reference: Sequence[Segment],
        *,
        share: float = 0.2,
        **usual: Any,
    ) -> None:
        super().__init__(scale, reference, **usual)
        below = {"skips_below": self._yardstick.value(share)}
        self._habits = changed(self._habits, below)
