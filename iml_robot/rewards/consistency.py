"""How often a person says the same when asked again."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.stats import beta

from iml_robot.core.feedback import Purpose, Reply


@dataclass(frozen=True)
class Consistency:
    """Agreement of a person with themselves.

    Attributes:
        repeats: Questions that were answered twice, both times with an opinion.
        agreed: How many of them alike.
    """

    repeats: int
    agreed: int

    @property
    def agreement(self) -> float:
        """Share of equal answers; NaN without repeats."""
        return self.agreed / self.repeats if self.repeats else math.nan

    @property
    def error(self) -> float:
        """Share of wrong answers that explains the agreement; NaN without repeats.

        Two answers that are wrong independently with probability e agree with
        probability (1 - e)^2 + e^2.
        """
        return 0.5 - 0.5 * math.sqrt(max(0.0, 2 * self.agreement - 1))

    def interval(self, *, level: float = 0.95) -> tuple[float, float]:
        """Return the exact interval of the agreement (Clopper and Pearson, 1934).

        Args:
            level: Probability with which it holds the truth, at least.
        """
        tail, k, n = (1 - level) / 2, self.agreed, self.repeats
        low = 0.0 if k == 0 else float(beta.ppf(tail, k, n - k + 1))
        high = 1.0 if k == n else float(beta.ppf(1 - tail, k + 1, n - k))
        return low, high


def consistency_of(replies: Sequence[Reply], *, annotator: str = "") -> Consistency:
    """Return how one annotator answered questions that came again.

    Args:
        replies: Answers of a session.
        annotator: Who.
    """
    own = [r for r in replies if r.annotator == annotator and r.answer.informative]
    first = {r.question.question_id: r.answer for r in own}
    agreed = []
    for reply in own:
        before = first.get(-1 if reply.question.repeats is None else reply.question.repeats)
        if before is not None:
            swapped = reply.question.purpose is Purpose.MIRRORED
            now = reply.answer.mirrored if swapped else reply.answer
            agreed.append(now is before)
    return Consistency(len(agreed), sum(agreed))
