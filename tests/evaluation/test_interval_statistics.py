"""Intervals and tests keep what they promise, seen against tables and by simulation."""

import itertools
from math import comb

import numpy as np
import pytest

from iml_robot.evaluation.statistics import betting, bootstrap
from iml_robot.evaluation.statistics.intervals import (
    exact_bounds,
    exact_interval,
    holm,
    least_detectable_drop,
    mcnemar,
    share_at_least,
    share_at_most,
)

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("successes", "maps", "low", "high"),
    [
        # Clopper-Pearson at 95 %, from an independent implementation.
        (0, 50, 0.0, 0.0711),
        (45, 50, 0.7819, 0.9667),
        (50, 50, 0.9289, 1.0),
        (95, 100, 0.8872, 0.9836),
        (180, 200, 0.8498, 0.9378),
    ],
)
def test_exact_intervals_are_those_of_the_tables(successes, maps, low, high):
    assert exact_interval(successes, maps) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("maps", [5, 20, 100])
def test_exact_intervals_hold_the_truth_at_every_share(maps):
    # Not drawn but summed: the probability of each number of successes is known.
    low, high = exact_bounds(np.arange(maps + 1), maps, level=0.95)
    for share in np.linspace(0.01, 0.99, 99):
        chances = [
            comb(maps, k) * share**k * (1 - share) ** (maps - k) for k in range(maps + 1)
        ]
        covered = sum(
            c for c, a, b in zip(chances, low, high, strict=True) if a <= share <= b
        )
        assert covered >= 0.95 - 1e-12


def test_p_values_of_shares_are_sums_of_binomial_chances():
    chances = [comb(12, k) * 0.3**k * 0.7 ** (12 - k) for k in range(13)]
    for k in range(13):
        assert share_at_least(k, 12, 0.3) == pytest.approx(sum(chances[k:]))
        assert share_at_most(k, 12, 0.3) == pytest.approx(sum(chances[: k + 1]))


@pytest.mark.parametrize(
    ("first", "second", "one_sided"),
    [(0, 5, 0.03125), (1, 8, 0.0195), (2, 10, 0.0193), (5, 15, 0.0207)],
)
def test_mcnemar_is_exact(first, second, one_sided):
    assert mcnemar(first, second) == pytest.approx(2 * one_sided, rel=5e-3)
    assert mcnemar(second, first) == mcnemar(first, second)
    assert mcnemar(0, 0) == mcnemar(3, 3) == 1.0


def test_holm_multiplies_the_smallest_most_and_never_reorders():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_holm_keeps_the_chance_of_any_false_alarm():
    drawn = np.random.default_rng(1).random((4000, 4))
    alarms = np.mean([min(holm(list(row))) <= 0.05 for row in drawn])
    # Four independent true hypotheses: 4.9 %, within 4 standard errors.
    assert alarms == pytest.approx(1 - (1 - 0.05 / 4) ** 4, abs=4 * (0.05 / 4000) ** 0.5)


def test_a_drop_that_is_detectable_is_seen_in_four_of_five_comparisons():
    pairs, discordant = 400, 0.2
    drop = least_detectable_drop(pairs, discordant)
    rng = np.random.default_rng(2)
    worse, better = (discordant + drop) / 2, (discordant - drop) / 2
    drawn = rng.multinomial(pairs, [worse, better, 1 - discordant], size=2000)
    z = (drawn[:, 0] - drawn[:, 1]) / np.sqrt(np.maximum(drawn[:, 0] + drawn[:, 1], 1))
    assert np.mean(z > 1.645) == pytest.approx(0.8, abs=0.06)


def test_resampled_intervals_hold_the_mean_about_as_often_as_they_say():
    rng = np.random.default_rng(3)
    hit, repetitions = 0, 300
    for _ in range(repetitions):
        values = rng.exponential(1.0, size=100)
        low, high = bootstrap.interval([values[:50], values[50:]])
        hit += low <= 1.0 <= high
    # Skewed values cost the percentile interval some coverage: known to be about 93 %.
    assert 0.89 <= hit / repetitions <= 0.98


def test_figures_of_the_middle_and_the_tail():
    values = np.arange(1.0, 21.0)
    assert bootstrap.interquartile_mean(values) == np.mean(np.arange(6, 16))
    assert bootstrap.lower_tail_mean(values) == 1.5
    assert bootstrap.interval([values]) == bootstrap.interval([values])


ALPHA = 0.05


def differences(rng, comparisons, pairs, *, better, worse):
    """Return paired differences, shape (comparisons, pairs), of -1, 0 and 1."""
    drawn = rng.random((comparisons, pairs))
    return np.where(drawn < better, 1.0, np.where(drawn < better + worse, -1.0, 0.0))


def first_decisions(values, margin):
    """Return after how many pairs each comparison passes, and fails; inf: never."""
    bar = np.log(1 / ALPHA)
    decided = []
    for logs in (betting.log_stakes(values, -margin), betting.log_stakes(-values, margin)):
        over = logs >= bar
        decided.append(np.where(over.any(1), over.argmax(1) + 1.0, np.inf))
    return decided


@pytest.mark.parametrize(
    ("better", "worse", "margin"), [(0.05, 0.10, 0.05), (0.0, 0.05, 0.05), (0.2, 0.3, 0.1)]
)
def test_a_policy_just_too_bad_passes_and_fails_falsely_in_at_most_alpha(
    better, worse, margin
):
    # Exactly at the margin both hypotheses are true, so both decisions are false.
    rng, comparisons = np.random.default_rng(4), 10_000
    false_passes = false_failures = 0
    for _ in range(10):
        values = differences(rng, comparisons // 10, 200, better=better, worse=worse)
        passed, failed = first_decisions(values, margin)
        false_passes += np.isfinite(passed).sum()
        false_failures += np.isfinite(failed).sum()
    slack = 3 * np.sqrt(ALPHA * (1 - ALPHA) / comparisons)
    assert false_passes / comparisons <= ALPHA + slack
    assert false_failures / comparisons <= ALPHA + slack


def test_easy_and_hard_maps_in_turn_do_not_fool_the_test():
    # Much better on one entry, much worse on the other, at the margin in all.
    rng = np.random.default_rng(5)
    easy = differences(rng, 2500, 100, better=0.5, worse=0.1)
    hard = differences(rng, 2500, 100, better=0.05, worse=0.55)
    turns = np.stack([easy, hard], axis=2).reshape(2500, 200)
    passed, failed = first_decisions(turns, 0.05)
    whole = 3 * np.sqrt(ALPHA * (1 - ALPHA) / 2500)
    assert np.isfinite(passed).mean() <= ALPHA + whole
    assert np.isfinite(failed).mean() <= ALPHA + whole


@pytest.mark.parametrize(
    ("better", "worse", "margin", "most", "passes"),
    [
        (0.0, 0.0, 0.05, 105, True),  # the same behaviour
        (0.0, 0.0, 0.10, 50, True),
        (0.08, 0.03, 0.05, 110, True),  # 5 points better
        (0.05, 0.05, 0.10, 110, True),  # equal, a tenth of the maps differ
        (0.25, 0.05, 0.0, 70, True),  # 20 points better, asked to be better
        (0.05, 0.30, 0.05, 110, False),  # 25 points worse
    ],
)
def test_clear_cases_are_decided_rightly_after_few_pairs(
    better, worse, margin, most, passes
):
    values = differences(np.random.default_rng(6), 600, 400, better=better, worse=worse)
    passed, failed = first_decisions(values, margin)
    right, wrong = (passed, failed) if passes else (failed, passed)
    assert np.median(right) <= most
    assert (right < wrong).mean() >= 0.99


def test_intervals_of_differences_hold_the_truth_wherever_one_stops():
    rng = np.random.default_rng(7)
    values = differences(rng, 2000, 200, better=0.15, worse=0.05)
    # The interval holds the truth unless a bet on either side of it has been won.
    bar = np.log(2 / ALPHA)
    missed = np.zeros(len(values), bool)
    for sign in (1, -1):
        missed |= (betting.log_stakes(sign * values, sign * 0.1) >= bar).any(axis=1)
    assert missed.mean() <= ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / len(values))


def test_the_interval_is_what_no_bet_refuses():
    values = differences(np.random.default_rng(8), 1, 300, better=0.15, worse=0.05)[0]
    low, high = betting.confidence_sequence(values)
    assert -1 < low < 0.1 < high < 1
    assert (
        betting.p_above(values, low - 0.005)
        <= ALPHA / 2
        < betting.p_above(values, low + 0.005)
    )
    assert (
        betting.p_below(values, high + 0.005)
        <= ALPHA / 2
        < betting.p_below(values, high - 0.005)
    )


def test_a_stake_is_the_average_of_what_bettors_have():
    values = [1.0, -1.0, 0.0, 1.0]
    margin = 0.25
    bets = betting.SHARES / (1 - margin)
    stakes = [np.prod([1 + bet * (v + margin) for v in values]) for bet in bets]
    logs = betting.log_stakes(np.array(values), -margin)
    assert np.exp(logs[-1]) == pytest.approx(np.mean(stakes))
    assert all(np.isfinite(logs))


def test_nothing_is_known_of_no_pairs():
    assert betting.p_above(np.zeros(0), 0.0) == 1.0
    assert betting.confidence_sequence(np.zeros(0)) == (-1.0, 1.0)


def test_all_sequences_of_three_pairs_together_win_nothing():
    # The expectation of the stake at the margin is 1: nobody earns money on average.
    rows = np.array(list(itertools.product([-1.0, 0.0, 1.0], repeat=3)))
    chance = {-1.0: 0.3, 0.0: 0.5, 1.0: 0.2}
    weights = [np.prod([chance[v] for v in row]) for row in rows]
    stakes = np.exp(betting.log_stakes(rows, -0.1)[:, -1])
    assert np.dot(weights, stakes) == pytest.approx(1.0)
