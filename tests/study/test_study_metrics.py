"""Figures of a learning curve, against values worked out by hand."""

import pytest

from iml_robot.study.metrics import Mastery, area, at, hcs_at_95, median_hcs_at_95
from iml_robot.study.records import Point, RowRecord


def curve(*steps):
    """Return points from (human-controlled seconds, successes of 20)."""
    return tuple(
        Point(float(s), 0, 0, 0.0, version, "1" * k + "0" * (20 - k))
        for version, (s, k) in enumerate(steps)
    )


def row(*steps):
    return RowRecord("t", "m", "o", 0, points=curve(*steps))


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (((0, 10), (20, 19), (40, 20), (60, 10)), Mastery(20.0, confirmed=True)),
        (((0, 10), (20, 19), (40, 18), (60, 19)), Mastery(60.0, confirmed=False)),
        (((0, 10), (20, 19), (40, 18), (60, 18)), None),
        (((0, 19), (20, 19)), Mastery(0.0, confirmed=True)),
        (((0, 20),), Mastery(0.0, confirmed=False)),
    ],
)
def test_95_percent_must_hold_in_two_consecutive_evaluations_or_in_the_last(
    steps, expected
):
    # 19 of 20 are 95 %, 18 of 20 are not.
    assert hcs_at_95(curve(*steps)) == expected


def test_the_median_of_seeds_counts_those_that_never_reached_it_as_late():
    reached, never = row((0, 0), (30, 20)), row((0, 0), (30, 5))
    assert median_hcs_at_95([reached, reached, never]) == 30.0
    assert median_hcs_at_95([reached, never, never]) is None
    assert median_hcs_at_95([reached, never]) is None


def test_the_area_is_that_of_steps_up_to_the_budget():
    # 0.5 for 20 s, 1.0 for 30 s, 0.75 for the last 50 s of 100 s.
    points = curve((0, 10), (20, 20), (50, 15))
    assert area(points, 100.0) == pytest.approx((10 + 30 + 37.5) / 100)


def test_an_evaluation_behind_the_budget_adds_no_area():
    assert area(curve((0, 10), (105, 20)), 100.0) == pytest.approx(0.5)


def test_between_evaluations_the_earlier_one_stands():
    points = curve((0, 1), (20, 2), (40, 3))
    assert [at(points, s).count.successes for s in (0, 19.9, 20, 100)] == [1, 1, 2, 3]


def test_records_come_back_from_plain_values():
    record = row((0, 3), (20, 19))
    assert RowRecord.of(record.plain()) == record
