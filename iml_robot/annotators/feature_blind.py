"""Does not notice one of the features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from iml_robot.annotators import ANNOTATORS
from iml_robot.annotators.simulation.annotator import SimulatedAnnotator
from iml_robot.annotators.simulation.truth import Array, Scale, Truth
from iml_robot.core.feedback import Segment
from iml_robot.core.registry import did_you_mean


@ANNOTATORS.register("feature_blind")
class FeatureBlind(SimulatedAnnotator):
    """Answers as if one feature were worth nothing.

    Args:
        scale: Scale of the reward features.
        reference: Segments that show how far apart segments usually are.
        feature: What goes unnoticed; None: the feature with the second largest weight, as
            nobody overlooks the largest.
        **usual: Options of `SimulatedAnnotator`; its weights are the true ones.

    Raises:
        ValueError: If a value does not fit or is out of range.
    """

    def __init__(
        self,
        scale: Scale,
        reference: Sequence[Segment],
        *,
        feature: str | None = None,
        **usual: Any,
    ) -> None:
        names = scale.names
        if feature is not None and feature not in names:
            raise ValueError(
                f"there is no feature {feature!r}{did_you_mean(feature, names)}"
            )
        self._unnoticed = None if feature is None else names.index(feature)
        super().__init__(scale, reference, **usual)

    def want(self, scale: Scale, weights: Array) -> Truth:
        """Return what it sees of the true values."""
        seen = weights.copy()
        place = self._unnoticed
        seen[np.argsort(-np.abs(weights))[1:2] if place is None else place] = 0.0
        return Truth(scale, seen)
