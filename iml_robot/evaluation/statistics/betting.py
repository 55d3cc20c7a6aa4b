"""Tests of a mean that may be looked at after every pair, by betting against it.

Somebody who believes that a mean is at most m loses, on average, nobody's money by taking
bets on it. If a bettor who risks a share of the stake on each value multiplies the stake
by 20 all the same, the belief is refused at 5 %: by Ville's inequality the stake ever
reaches 1/alpha with probability at most alpha, whenever one stops.

The stake is the average of several bettors that each risk a fixed share, so that no share
has to be guessed; fixed shares also keep the test valid where the values come from several
entries in turn, as the product of their expectations is at most 1 for each full turn.

Source: Waudby-Smith and Ramdas (2024), "Estimating means of bounded random variables by
betting"; Ville (1939).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

Array = npt.NDArray[np.float64]

SHARES = np.geomspace(0.05, 0.98, 12)
"""Shares of what can be risked at most that the bettors risk: from a twentieth, which suits
tiny differences, to nearly all, which suits two policies that do the same."""
GRID = 401
"""Means that an interval is made of; one in 0.005 for values in [-1, 1]."""


def log_stakes(differences: Array, mean: float) -> Array:
    """Return the logarithm of the stake against "the mean is at most this".

    Args:
        differences: Values in [-1, 1], shape (..., n).
        mean: The mean of the null hypothesis, -1 < mean < 1.

    Returns:
        After each value, shape (..., n).
    """
    bets = SHARES / (1.0 + mean)
    gains = np.log1p(bets * (np.asarray(differences)[..., None] - mean))
    logs = np.cumsum(gains, axis=-2)
    result: Array = special.logsumexp(logs, axis=-1) - np.log(len(SHARES))
    return result


def p_above(differences: Array, mean: float) -> float:
    """Return the anytime-valid p-value against "the mean is at most this"."""
    return _p_value(log_stakes(differences, mean))


def p_below(differences: Array, mean: float) -> float:
    """Return the anytime-valid p-value against "the mean is at least this"."""
    return _p_value(log_stakes(-np.asarray(differences), -mean))


def stake(differences: Array, mean: float) -> float:
    """Return the largest stake so far (the e-value) against "the mean is at most this"."""
    logs = log_stakes(differences, mean)
    return float(np.exp(min(logs.max(initial=0.0), 700.0)))


def confidence_sequence(differences: Array, *, level: float = 0.95) -> tuple[float, float]:
    """Return an interval of the mean that holds whenever one stops.

    Args:
        differences: Values in [-1, 1], shape (n,).
        level: Probability with which all such intervals hold the truth, at least.
    """
    low = _lower_bound(np.asarray(differences, np.float64), (1.0 - level) / 2.0)
    high = -_lower_bound(-np.asarray(differences, np.float64), (1.0 - level) / 2.0)
    return low, high


def _lower_bound(differences: Array, alpha: float) -> float:
    """Return the largest mean on a grid below which all are refused, by halving."""
    grid = np.linspace(-1.0, 1.0, GRID)[1:-1]
    kept, refused = len(grid), -1
    while kept - refused > 1:
        middle = (kept + refused) // 2
        if p_above(differences, float(grid[middle])) <= alpha:
            refused = middle
        else:
            kept = middle
    return -1.0 if refused < 0 else float(grid[refused])


def _p_value(logs: Array) -> float:
    return float(np.exp(-max(float(logs.max(initial=0.0)), 0.0)))
