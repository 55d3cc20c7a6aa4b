"""Judges a segment by its end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.annotators.simulation.truth import Array, Scale, Truth
from iml_robot.core.feedback import Segment


@ANNOTATORS.register("myopic")
class Myopic(SimulatedAnnotator):
    """Lets a step count less than the one after it.

    Args:
        scale: Scale of the reward features.
        reference: Segments that show how far apart segments usually are.
        discount: Share of its weight that a step keeps with each one after it, in (0, 1].
        **usual: Options of `SimulatedAnnotator`.

    Raises:
        ValueError: If a value does not fit or is out of range.
    """

    def __init__(
        self,
        scale: Scale,
        reference: Sequence[Segment],
        *,
        discount: float = 0.9,
        **usual: Any,
    ) -> None:
        self._discount = discount
        super().__init__(scale, reference, **usual)

    def want(self, scale: Scale, weights: Array) -> Truth:
        """Return what it sees of the true values."""
        return Truth(scale, weights, discount=self._discount)
