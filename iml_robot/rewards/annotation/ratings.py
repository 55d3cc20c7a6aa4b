"""Good and bad presses become comparisons of what was driven just before them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from iml_robot.core.feedback import Answer
from iml_robot.core.types import Episode
from iml_robot.rewards.evidence import Comparison
from iml_robot.rewards.scale import FeatureScale

WITHIN_S = 10.0
CREDIT_S = (2.0, 0.2)
"""A press is about what began so long before it and ended so long before it [s]."""
NEAR_TIE = 0.25
"""Presses that differ by less say nothing about which was better."""


@dataclass(frozen=True)
class Press:
    """One press of good or bad.

    Attributes:
        step: The step at which it began.
        value: How good, in [-1, 1].
    """

    step: int
    value: float


def presses_of(episode: Episode) -> list[Press]:
    """Return the presses; a key that is held is one press."""
    values, found = episode.evaluations, []
    for step in np.flatnonzero(np.isfinite(values)):
        if step == 0 or values[step] != values[step - 1]:
            found.append(Press(int(step), float(values[step])))
    return found


def rating_comparisons(
    episode: Episode, scale: FeatureScale, *, dt: float, event: int = 0
) -> list[Comparison]:
    """Return comparisons of the windows before presses that are at most 10 s apart.

    Pairs and not numbers are kept, because what people call good shifts with what they
    have just seen. Each press shares weight 1 among its pairs.

    Args:
        episode: With evaluations and features.
        scale: Of the environment.
        dt: Control period [s].
        event: Number of the first press in the session; the next have the next numbers.
    """
    if not episode.features.size:
        return []
    before, after = (max(1, round(s / dt)) for s in CREDIT_S)
    numbered = [
        (event + number, press)
        for number, press in enumerate(presses_of(episode))
        if press.step > after
    ]
    pairs = [
        (first, second)
        for first, second in combinations(numbered, 2)
        if (second[1].step - first[1].step) * dt <= WITHIN_S
        and abs(second[1].value - first[1].value) >= NEAR_TIE
    ]
    uses = Counter(number for pair in pairs for number, _ in pair)
    summary = {
        number: scale.summary(
            episode.features[max(0, press.step - before) : press.step - after + 1]
        )
        for number, press in numbered
        if number in uses
    }
    return [
        Comparison(
            summary[a] - summary[b],
            Answer.LEFT if first.value > second.value else Answer.RIGHT,
            1 / max(uses[a], uses[b]),
            source="rating",
            event=b,
        )
        for (a, first), (b, second) in pairs
    ]
