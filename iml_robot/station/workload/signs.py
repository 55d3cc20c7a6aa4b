"""Signs that a person gets tired, from answers and reactions since the last break."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean, median

SLOWER = 1.3
"""Times that grew by this factor are a sign."""
FAST_SHARE, FAST_FACTOR = 0.15, 0.4
"""More than this share of answers faster than this part of the median are a sign: whoever
answers so fast has hardly looked."""
LESS_AGREEMENT = 0.1
"""So much less agreement with own answers is a sign."""
MISSED_SHARE = 0.4
"""So many of the last requests of the robot without an answer are a sign."""
NEEDED = 2
"""A single sign may be chance; so many mean that a break would do good.

Source of all but `MISSED_SHARE`, which is ours: the stop rules of preference learning.
"""

_TREND, _RATE, _AGREEMENT = 5, 20, 10


class Signs:
    """Collects what was observed; a break makes it begin anew."""

    def __init__(self) -> None:
        self._reactions: list[float] = []
        self._asks: list[bool] = []
        self._answers: list[float] = []
        self._agreed: list[bool] = []
        self._gold_failed = False

    @property
    def answers(self) -> int:
        """How many questions were answered."""
        return len(self._answers)

    @property
    def answering_s(self) -> float:
        """Time that the answers took [s]."""
        return sum(self._answers)

    def ask(self, seconds: float | None) -> None:
        """Note the reaction to a request of the robot [s]; None: there was none."""
        self._asks.append(seconds is not None)
        if seconds is not None:
            self._reactions.append(seconds)

    def answer(
        self, seconds: float, *, agreed: bool | None = None, gold_failed: bool = False
    ) -> None:
        """Note an answer to a question.

        Args:
            seconds: Time that it took [s].
            agreed: Whether it agrees with an earlier answer to the same question; None:
                it was not asked before.
            gold_failed: Whether the right answer was plain, and another was given.
        """
        self._answers.append(seconds)
        if agreed is not None:
            self._agreed.append(agreed)
        self._gold_failed = self._gold_failed or gold_failed

    def found(self) -> list[str]:
        """Return every sign there is, in words."""
        signs = {
            "reactions take longer": _slower(self._reactions),
            "answers take longer": _slower(self._answers),
            "many answers come very fast": self._hurried(),
            "answers agree less with each other": self._wavering(),
            "an answer to a plain question was wrong": self._gold_failed,
            "the robot asked in vain": self._missing(),
        }
        return [words for words, there in signs.items() if there]

    def _hurried(self) -> bool:
        newest = self._answers[-_RATE:]
        if len(newest) < _RATE:
            return False
        limit = FAST_FACTOR * median(self._answers)
        return fmean(seconds < limit for seconds in newest) > FAST_SHARE

    def _wavering(self) -> bool:
        if len(self._agreed) < 2 * _AGREEMENT:
            return False
        first, last = self._agreed[:_AGREEMENT], self._agreed[-_AGREEMENT:]
        # Rounding must not decide where nine of ten became eight of ten.
        return fmean(first) - fmean(last) >= LESS_AGREEMENT - 1e-9

    def _missing(self) -> bool:
        newest = self._asks[-_TREND:]
        if len(newest) < _TREND:
            return False
        return fmean(not answered for answered in newest) >= MISSED_SHARE


def _slower(times_s: Sequence[float]) -> bool:
    """Return whether the last times are longer than the first, by their medians."""
    if len(times_s) < 2 * _TREND:
        return False
    first, last = median(times_s[:_TREND]), median(times_s[-_TREND:])
    return last >= SLOWER * first > 0
