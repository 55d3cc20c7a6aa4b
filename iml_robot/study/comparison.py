"""Paired comparison of two methods on the same maps with the same seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

REPLICATES = 10_000


@dataclass(frozen=True)
class Comparison:
    """How much more often the second method succeeds than the first.

    Attributes:
        difference: Mean difference of success, every task with the same weight.
        low: Lower end of its 95 % bootstrap interval.
        high: Upper end.
        only_first: Pairs in which only the first method succeeded.
        only_second: Pairs in which only the second did.
        p_value: Of the exact McNemar test, two-sided.
        seeds: Pairs of rows.
        maps: Pairs of driven maps.
    """

    difference: float
    low: float
    high: float
    only_first: int
    only_second: int
    p_value: float
    seeds: int
    maps: int


def compare(
    first: Sequence[npt.NDArray[np.int64]],
    second: Sequence[npt.NDArray[np.int64]],
    *,
    rng: np.random.Generator,
) -> Comparison:
    """Compare the successes of two methods.

    Args:
        first: One array for each task, 1 where a map was mastered, shape (seeds, maps).
        second: The same for the other method, paired by seed and map.
        rng: Source of the bootstrap.
    """
    differences = [b - a for a, b in zip(first, second, strict=True)]
    low, high = bootstrap_interval(differences, rng=rng)
    only_first = sum(int((d < 0).sum()) for d in differences)
    only_second = sum(int((d > 0).sum()) for d in differences)
    return Comparison(
        difference=float(np.mean([d.mean() for d in differences])),
        low=low,
        high=high,
        only_first=only_first,
        only_second=only_second,
        p_value=mcnemar(only_first, only_second),
        seeds=sum(d.shape[0] for d in differences),
        maps=sum(d.size for d in differences),
    )


def bootstrap_interval(
    differences: Sequence[npt.NDArray[np.int64]],
    *,
    rng: np.random.Generator,
    level: float = 0.95,
) -> tuple[float, float]:
    """Return the percentile interval of the mean difference.

    Seeds and maps are both drawn with replacement, each within its task, because other
    seeds and other maps would both have given other figures.

    Args:
        differences: Paired differences, one array a task, shape (seeds, maps).
        rng: Source of all randomness.
        level: Probability that the interval shall hold.

    Source: stratified bootstrap after Agarwal et al. (2021), "Deep reinforcement learning
    at the edge of the statistical precipice"; two crossed factors after Owen (2007), "The
    pigeonhole bootstrap".
    """
    means = np.zeros(REPLICATES)
    for table in differences:
        seeds, maps = table.shape
        # How often each was drawn; equal to drawing one by one.
        seed_weights = rng.multinomial(seeds, np.full(seeds, 1 / seeds), REPLICATES)
        map_weights = rng.multinomial(maps, np.full(maps, 1 / maps), REPLICATES)
        totals = ((seed_weights @ table) * map_weights).sum(axis=1)
        means += totals / table.size / len(differences)
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(means, [tail, 100 - tail])
    return float(low), float(high)


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p-value of the exact McNemar test.

    Pairs of the same map under several seeds are taken as independent, which they are not
    quite; the bootstrap interval does without that.

    Args:
        only_first: Pairs in which only the first succeeded.
        only_second: Pairs in which only the second did.

    Source: McNemar (1947), with the binomial distribution in place of its approximation.
    """
    from scipy.stats import binomtest

    if only_first + only_second == 0:
        return 1.0
    return float(binomtest(only_first, only_first + only_second).pvalue)
