"""Where weights that were set by hand and what people showed do not agree."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from iml_robot.core.feedback import WeightEdit
from iml_robot.rewards.likelihoods.edit import APART, width_of
from iml_robot.rewards.posterior import Posterior


@dataclass(frozen=True)
class Conflict:
    """An edit that everything else speaks against.

    Attributes:
        feature: Name of the feature.
        said: What the edit says.
        shown: Mean weight by everything else.
        apart: How far they are apart, in standard deviations.
    """

    feature: str
    said: WeightEdit
    shown: float
    apart: float


def conflicts(edits: Iterable[WeightEdit], shown: Posterior) -> list[Conflict]:
    """Return the edits that everything else speaks against, the clearest first.

    Args:
        edits: The newest last; it alone counts.
        shown: The posterior from the same evidence without edits.
    """
    found = []
    for name, edit in {e.feature: e for e in edits}.items():
        if name not in shown.names:
            continue
        k = shown.names.index(name)
        mean, std = float(shown.mean[k]), float(shown.std[k])
        apart = max(0.0, -edit.sign * mean / std)
        if edit.weight is not None:
            apart = max(apart, abs(edit.weight - mean) / math.hypot(width_of(edit), std))
        if apart > APART:
            found.append(Conflict(name, edit, mean, apart))
    return sorted(found, key=lambda conflict: -conflict.apart)
