"""Means, trimmed means and tails of what has no exact interval, by resampling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Statistic = Callable[[Array], Array]
"""From samples of shape (n, m) to n figures."""

REPETITIONS = 4000
SEED = 20240229
"""Any number: the same data must give the same interval."""


def mean(samples: Array) -> Array:
    """Return the means of rows."""
    result: Array = samples.mean(axis=-1)
    return result


def interquartile_mean(samples: Array) -> Array:
    """Return the means of the middle halves of rows, which outliers do not move.

    Source: Agarwal et al. (2021), "Deep reinforcement learning at the edge of the
    statistical precipice".
    """
    ordered = np.sort(samples, axis=-1)
    cut = ordered.shape[-1] // 4
    return mean(ordered[..., cut : ordered.shape[-1] - cut])


def lower_tail_mean(samples: Array) -> Array:
    """Return the means of the lowest tenths of rows (CVaR 10 %)."""
    size = max(1, samples.shape[-1] // 10)
    return mean(np.partition(samples, size - 1, axis=-1)[..., :size])


def interval(
    strata: Sequence[Array], *, level: float = 0.95, statistic: Statistic = mean
) -> tuple[float, float]:
    """Return the percentile interval of a statistic of all values.

    It is approximate: below some twenty values it is too narrow.

    Args:
        strata: Values of each entry, shape (m,) each; resampled within.
        level: Probability with which it should hold the truth.
        statistic: Which one.
    """
    figures = resampled(strata, statistic=statistic)
    tail = 50.0 * (1.0 - level)
    low, high = np.percentile(figures, [tail, 100.0 - tail])
    return float(low), float(high)


def resampled(strata: Sequence[Array], *, statistic: Statistic = mean) -> Array:
    """Return the statistic of resampled values, shape (REPETITIONS,)."""
    rng = np.random.default_rng(SEED)
    draw = partial(_drawn, rng)
    return statistic(np.concatenate([draw(values) for values in strata], axis=1))


def _drawn(rng: np.random.Generator, values: Array) -> Array:
    """Return resampled values, shape (REPETITIONS, m)."""
    return values[rng.integers(len(values), size=(REPETITIONS, len(values)))]
