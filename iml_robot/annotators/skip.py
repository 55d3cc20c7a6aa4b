"""Skips a question whose segments are both bad."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.annotators.simulation.habits import changed
from iml_robot.annotators.simulation.truth import Scale, Weights
from iml_robot.core.feedback import Segment


@ANNOTATORS.register("skip")
class Skip(SimulatedAnnotator):
    """Does not compare two segments that are both among the worst.

    Args:
        scale: Scale of the reward features.
        reference: Segments that show which are the worst.
        weights: What each standardised feature is worth; those not named: nothing.
        seed: Seed of its errors.
        period_s: Control period [s].
        habits: Changes of single habits, by name.
        share: Share of the segments that are bad, in [0, 1].

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
        share: float = 0.2,
    ) -> None:
        super().__init__(
            scale, reference, weights=weights, seed=seed, period_s=period_s, habits=habits
        )
        below = {"skips_below": self._yardstick.value(share)}
        self._habits = changed(self._habits, below)
