"""Exact intervals of shares, and tests of pairs; all vectorised."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]


def exact_interval(
    successes: int, maps: int, *, level: float = 0.95
) -> tuple[float, float]:
    """Return the exact interval of a share.

    Args:
        successes: How often it happened.
        maps: How often it could have.
        level: Probability with which the interval holds the truth, at least.

    Source: Clopper and Pearson (1934), by the quantiles of the beta distribution.
    """
    low, high = exact_bounds(np.array([successes]), maps, level=level)
    return float(low[0]), float(high[0])


def exact_bounds(successes: Any, maps: int, *, level: float) -> tuple[Array, Array]:
    """Return exact bounds for many numbers of successes, shape (n,) each."""
    k, tail = np.asarray(successes, np.float64), (1.0 - level) / 2.0
    with np.errstate(invalid="ignore"):
        low = special.betaincinv(np.maximum(k, 1), maps - k + 1, tail)
        high = special.betaincinv(k + 1, np.maximum(maps - k, 1), 1.0 - tail)
    return np.where(k == 0, 0.0, low), np.where(k == maps, 1.0, high)


def share_at_least(successes: int, maps: int, share: float) -> float:
    """Return the p-value against "the share is at most this": P(K >= k).

    Args:
        successes: How often it happened.
        maps: How often it could have.
        share: The share of the null hypothesis, 0 to 1.
    """
    if successes == 0:
        return 1.0
    return float(special.betainc(successes, maps - successes + 1, _bounded(share)))


def share_at_most(successes: int, maps: int, share: float) -> float:
    """Return the p-value against "the share is at least this": P(K <= k)."""
    if successes == maps:
        return 1.0
    return float(special.betaincc(successes + 1, maps - successes, _bounded(share)))


def mcnemar(only_candidate: int, only_baseline: int) -> float:
    """Return the two-sided exact p-value that two policies succeed equally often.

    Args:
        only_candidate: Maps that the candidate alone mastered.
        only_baseline: Maps that the baseline alone mastered.

    Source: McNemar (1947) with the binomial distribution of the discordant pairs.
    """
    discordant = only_candidate + only_baseline
    if discordant == 0:
        return 1.0
    fewer = min(only_candidate, only_baseline)
    return min(1.0, 2.0 * share_at_most(fewer, discordant, 0.5))


def holm(p_values: list[float]) -> list[float]:
    """Return p-values adjusted so that all may be compared with one alpha.

    Source: Holm (1979), step down.
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def least_detectable_drop(pairs: int, discordant_share: float) -> float:
    """Return the drop of success that so many pairs would have shown in 4 of 5 cases.

    One-sided at 5 %, by the normal approximation of the paired difference.

    Args:
        pairs: Number of pairs.
        discordant_share: Share of pairs in which one policy alone succeeded.
    """
    # A share of 0 is never known for sure; the rule of three bounds it.
    spread = max(discordant_share, 3.0 / pairs) ** 0.5
    quantiles = float(special.ndtri(0.95) + special.ndtri(0.80))
    return float(min(1.0, quantiles * spread / pairs**0.5))


def _bounded(share: float) -> float:
    return min(max(share, 0.0), 1.0)
