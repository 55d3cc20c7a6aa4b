"""Changes its mind about what matters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.annotators.simulation.truth import Scale, Truth, Yardstick, rotated
from iml_robot.core.feedback import Segment


@ANNOTATORS.register("drifting")
class Drifting(SimulatedAnnotator):
    """Wants something else from one question on.

    Args:
        scale: Scale of the reward features.
        reference: Segments that show how far apart segments usually are.
        at: Number of the first question after the change.
        angle_deg: How far the weights turn [degrees].
        **usual: Options of `SimulatedAnnotator`; its weights hold at first.

    Raises:
        ValueError: If a value does not fit or is out of range.
    """

    def __init__(
        self,
        scale: Scale,
        reference: Sequence[Segment],
        *,
        at: int = 60,
        angle_deg: float = 30.0,
        **usual: Any,
    ) -> None:
        super().__init__(scale, reference, **usual)
        self._at = at
        angle = math.radians(angle_deg)
        wanted = rotated(self._truth.weights, angle, self._stream("change"))
        self._later = self.want(scale, wanted)
        self._later_yardstick = Yardstick(self._later, reference, self._stream("reference"))

    def truth_at(self, number: int) -> tuple[Truth, Yardstick]:
        """Return what it wants at the question with this number."""
        if number < self._at:
            return super().truth_at(number)
        return self._later, self._later_yardstick
