"""What two segments differ in most, in words and numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from iml_robot.core.feedback import Question

MOST = 3
LEAST = 0.25
"""Features that differ less are left out, in standard deviations of the reference."""

_WORDS = ((-1.5, "very little"), (-0.5, "little"), (0.5, "usual"), (1.5, "much"))


@dataclass(frozen=True, slots=True)
class Difference:
    """One feature in which two segments differ.

    Attributes:
        name: Its name.
        meaning: What it means, without details that come after a colon.
        unit: Its unit; "" for none.
        values: Its means over the left and the right segment.
        scores: The same in standard deviations from what is usual.
    """

    name: str
    meaning: str
    unit: str
    values: tuple[float, float]
    scores: tuple[float, float]

    def words(self, side: int) -> str:
        """Return how much of it there is on a side: 0 is left, 1 is right."""
        score = self.scores[side]
        return next((word for limit, word in _WORDS if score < limit), "very much")

    def figure(self, side: int) -> str:
        """Return its value on a side with its unit."""
        return f"{self.values[side]:.2g} {self.unit}".strip()


def in_short(meaning: str) -> str:
    """Return what a feature means without the details that come after a colon."""
    return meaning.partition(":")[0]


def differences(
    question: Question, reward_features: Mapping[str, Mapping[str, Any]]
) -> list[Difference]:
    """Return the features in which the segments of a question differ most, at most 3.

    Args:
        question: The question.
        reward_features: By name in the order of the features: "meaning", "unit", and
            "mean" and "std" over a reference set.

    Returns:
        The largest difference first; features without a spread are left out, and so are
        all if their number is not that of the segments.
    """
    left, right = question.left.mean, question.right.mean
    if not len(left) == len(right) == len(reward_features):
        return []
    found = []
    for place, (name, about) in enumerate(reward_features.items()):
        values = float(left[place]), float(right[place])
        mean, std = float(about.get("mean", 0.0)), float(about.get("std", 0.0))
        if std > 0 and all(map(math.isfinite, (mean, std, *values))):
            scores = (values[0] - mean) / std, (values[1] - mean) / std
            meaning = in_short(str(about.get("meaning", "")))
            unit = str(about.get("unit", ""))
            found.append(Difference(name, meaning, unit, values, scores))
    found.sort(key=lambda d: -abs(d.scores[0] - d.scores[1]))
    return [d for d in found if abs(d.scores[0] - d.scores[1]) >= LEAST][:MOST]
