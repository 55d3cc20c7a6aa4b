"""Thresholds by cost, by what may go unasked, and by what happened."""

import dataclasses

import numpy as np
import pytest
from point_corrections import made_up_episode

from iml_robot.asking.risk.threshold import adapted, asked_steps, choose_threshold, unasked

DT = 0.05


def ramp(highest, steps=120):
    """A probability that rises to its highest value two seconds before the end."""
    return np.r_[np.zeros(steps - 40), np.full(40, highest)]


def chosen(said, failed, **options):
    settings = {"cost": 0.3, "share": 0.05, "asks_per_min": 6.0, **options}
    pairs = zip(said, failed, strict=True)
    ends = [len(one) if bad else None for one, bad in pairs]
    return choose_threshold(said, ends, dt=DT, **settings)


def test_where_all_is_asked_the_cost_decides():
    said = [ramp(0.9)] * 10 + [ramp(0.0)] * 40
    assert chosen(said, [True] * 10 + [False] * 40) == 0.3


def test_failures_that_announce_themselves_less_lower_the_threshold():
    said = [ramp(0.1)] * 10 + [ramp(0.0)] * 40
    threshold = chosen(said, [True] * 10 + [False] * 40)
    assert 0.05 < threshold < 0.1


def test_the_share_of_unasked_failures_is_held_with_one_more_than_seen():
    # Of 59 drives two fail unannounced: (2 + 1) / 60 is exactly the share.
    said = [ramp(0.0)] * 2 + [ramp(0.9)] * 57
    assert chosen(said, [True] * 59) == 0.3
    # With one drive less it is not, and nothing helps against what shows no sign.
    assert chosen(said[:-1], [True] * 58) == pytest.approx(0.005)


def test_an_ask_must_come_in_time_and_not_too_early():
    asked = np.zeros(200, np.bool_)
    assert unasked(asked, 200, DT)
    for step, missed in ((199, True), (191, True), (189, False), (101, False), (90, True)):
        one = asked.copy()
        one[step] = True
        assert unasked(one, 200, DT) is missed


def test_a_robot_that_stands_may_ask_a_little_later():
    for step, missed in ((399, True), (300, True), (299, False), (101, False), (99, True)):
        asked = np.zeros(900, np.bool_)
        asked[step] = True
        assert unasked(asked, 200, DT) is missed


def test_asks_of_a_drive_obey_the_gate():
    asked = asked_steps(ramp(0.5), 0.3, DT, 6.0)
    # The third step above the threshold makes the ask; nothing ends it.
    assert np.flatnonzero(asked).tolist() == list(range(82, 120))


def episode(outcome, *, asked=False, known=True):
    made = made_up_episode([0] * 200, outcome=outcome, terminated=True)
    steps = np.zeros(200, np.bool_)
    steps[150:] = asked
    p_help = np.full(200, 0.1 if known else np.nan, np.float32)
    return dataclasses.replace(made, p_help=p_help, asked=steps)


def after(*episodes):
    return adapted(0.3, episodes, dt=DT, share=0.05)


def test_a_failure_that_nobody_was_asked_about_lowers_the_threshold():
    # Half of 0.05 - 1 in log odds.
    odds = np.log(0.3 / 0.7) - 0.475
    assert after(episode("rolled_over")) == pytest.approx(1 / (1 + np.exp(-odds)))


def test_it_rises_back_with_every_episode_and_never_above_the_cost():
    miss, good = episode("rolled_over"), episode("success")
    assert after(miss) < after(miss, good) < after(miss, *[good] * 10) < 0.3
    assert after(miss, *[good] * 30) == pytest.approx(0.3)
    assert after(*[good] * 30) == pytest.approx(0.3)


def test_it_does_not_fall_without_end():
    assert after(*[episode("stuck")] * 1000) > 0.01


@pytest.mark.parametrize(
    "harmless",
    [episode("rolled_over", asked=True), episode("stuck", known=False), episode("success")],
)
def test_what_was_asked_or_not_looked_at_or_went_well_lowers_nothing(harmless):
    assert after(harmless) == pytest.approx(0.3)


def test_in_the_long_run_the_allowed_share_is_missed():
    # One miss in twenty: what goes down once comes up again in the other nineteen.
    rounds = [episode("stuck"), *[episode("success")] * 19] * 5
    assert after(*rounds) == pytest.approx(0.3)
