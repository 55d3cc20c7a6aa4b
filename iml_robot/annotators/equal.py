"""Says that two segments are equal where they hardly differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.annotators.simulation.habits import changed
from iml_robot.annotators.simulation.truth import Scale
from iml_robot.core.feedback import Segment


@ANNOTATORS.register("equal")
class Equal(SimulatedAnnotator):
    """Sees no difference where a fixed share of all pairs differs least.

    Args:
        scale: Scale of the reward features.
        reference: Segments whose pairs they are.
        share: Share of the pairs that look the same, in [0, 1].
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
        within = {"equal_within": self._yardstick.gap(share)}
        self._habits = changed(self._habits, within)
