"""Judges a segment by its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.annotators.simulation.truth import Array, Scale, Truth, Weights
from iml_robot.core.feedback import Segment


@ANNOTATORS.register("myopic")
class Myopic(SimulatedAnnotator):
    """Lets a step count less than the one after it.

    Args:
        scale: Scale of the reward features.
        reference: Segments that show how far apart segments usually are.
        weights: What each standardised feature is worth; those not named: nothing.
        seed: Seed of its errors.
        period_s: Control period [s].
        habits: Changes of single habits, by name.
        discount: Share of its weight that a step keeps with each one after it, in (0, 1].

    Raises:
        ValueError: If a value does not fit or is out of range.
    """

    def __init__(
        self,
        scale: Scale,
        reference: Sequence[Segment],
        *,
        weights: Weights,
        seed: int = 0,
        period_s: float = 0.05,
        habits: Mapping[str, float] | None = None,
        discount: float = 0.9,
    ) -> None:
        self._discount = discount
        super().__init__(
            scale, reference, weights=weights, seed=seed, period_s=period_s, habits=habits
        )

    def want(self, scale: Scale, weights: Array) -> Truth:
        """Return what it sees of the true values."""
        return Truth(scale, weights, discount=self._discount)
