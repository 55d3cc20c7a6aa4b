"""Statistics of paired successes, against closed forms and other programs."""

import itertools
import math

import numpy as np
import pytest

from iml_robot.study.comparison import bootstrap_interval, compare, mcnemar


def rng():
    return np.random.default_rng(7)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (1, 0), (0, 5), (3, 9), (12, 12)])
def test_mcnemar_is_the_sum_over_every_way_the_pairs_could_have_fallen(first, second):
    # Under the hypothesis each discordant pair falls to either side like a coin.
    n = first + second
    likelihood = [math.comb(n, k) / 2**n for k in range(n + 1)]
    seen = likelihood[first]
    p_value = sum(p for p in likelihood if p <= seen * (1 + 1e-9))
    assert mcnemar(first, second) == pytest.approx(p_value)


def test_the_bootstrap_of_a_small_table_has_the_quantiles_of_all_its_redraws():
    table = np.array([[1, 0, 0], [1, 1, -1]])
    seeds = list(itertools.product(range(2), repeat=2))
    maps = list(itertools.product(range(3), repeat=3))
    # Every way to draw two seeds and three maps, each as likely as the others.
    exact = [table[np.ix_(s, m)].mean() for s in seeds for m in maps]
    low, high = bootstrap_interval([table], rng=rng(), level=0.6)
    # Neither quantile lies at the edge of a step, where chance would decide.
    assert np.ptp(np.percentile(exact, [18, 22])) == 0
    assert np.ptp(np.percentile(exact, [78, 82])) == 0
    assert (low, high) == pytest.approx(tuple(np.percentile(exact, [20, 80])))


def test_the_interval_narrows_with_the_root_of_the_maps():
    # Independent differences of variance 1/2: the standard error is sqrt(0.5 / n).
    few, many = (rng().choice([-1, 0, 0, 1], size=(1, n)) for n in (100, 900))
    for table, n in ((few, 100), (many, 900)):
        low, high = bootstrap_interval([table], rng=rng())
        assert high - low == pytest.approx(2 * 1.96 * math.sqrt(0.5 / n), rel=0.15)


def test_seeds_that_differ_widen_the_interval():
    # Every map agrees, the seeds do not: as many maps as one likes do not help.
    table = np.repeat([[1], [0], [1], [0]], 100, axis=1)
    low, high = bootstrap_interval([table], rng=rng())
    # Two or more of four coins: 0 and 1 each have a chance of 1/16 = 6.25 %.
    assert (low, high) == (0.0, 1.0)


def test_tasks_have_the_same_weight_whatever_their_size():
    always, never = np.ones((2, 10), int), np.zeros((2, 10), int)
    big = np.zeros((2, 100), int)
    found = compare([never, big], [always, big], rng=rng())
    assert found.difference == pytest.approx(0.5)
    assert (found.low, found.high) == pytest.approx((0.5, 0.5))
    assert (found.only_first, found.only_second) == (0, 20)
    assert (found.seeds, found.maps) == (4, 220)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    # Seeds and maps both vary; the second method is better by 0.2 on average.
    chance, held = rng(), 0
    for _ in range(40):
        seed = chance.normal(0, 0.05, (8, 1))
        hard = chance.uniform(0.2, 0.7, (1, 30))
        first = (chance.random((8, 30)) < hard).astype(int)
        second = (chance.random((8, 30)) < hard + 0.2 + seed).astype(int)
        low, high = bootstrap_interval([second - first], rng=chance)
        held += low <= 0.2 <= high
    # The crossed bootstrap errs on the wide side; below 35 of 40 something is wrong.
    assert held >= 35
