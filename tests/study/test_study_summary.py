"""Rows are brought together by task, method and operator, and paired by seed."""

import json

import pytest

from iml_robot.study.config import StudyConfig
from iml_robot.study.plots import plot_curves
from iml_robot.study.records import Point, RowRecord
from iml_robot.study.summary import ALL_TASKS, groups, results
from iml_robot.study.table import HEADER, markdown, table

STUDY = StudyConfig(
    tasks=("hills", "ice"),
    methods={"plain": {}, "better": {}},
    seeds=(0, 1),
    budget_s=100.0,
    maps=4,
)


def row(task, method, seed, *curve, familiar=()):
    """Return a row whose curve is (human-controlled seconds, marks of the maps)."""
    points = tuple(
        Point(float(s), 0, 0, 0.0, version, marks, {"success": marks.count("1")})
        for version, (s, marks) in enumerate(curve)
    )
    ends = tuple(Point(0.0, 0, 0, 0.0, 0, marks) for marks in familiar)
    return RowRecord(task, method, "typical", seed, points=points, familiar=ends, hcs_s=60)


ROWS = (
    row("hills", "plain", 0, (0, "0000"), (50, "1100"), familiar=("1111", "1110")),
    row("hills", "plain", 1, (0, "1000"), (50, "1000"), familiar=("1111", "1111")),
    row("hills", "better", 0, (0, "0000"), (50, "1111")),
    row("hills", "better", 1, (0, "1000"), (50, "0111"), (80, "1111")),
    row("ice", "plain", 0, (0, "1100"), (50, "1100")),
    row("ice", "better", 0, (0, "1100"), (50, "1110")),
    row("ice", "better", 1, (0, "1100"), (50, "1111")),
    RowRecord("ice", "plain", "typical", 1, failure="no room"),
)


def found(rows=ROWS, missing=()):
    return results(STUDY, rows, missing)


def group(values, task, method):
    return next(g for g in values["groups"] if (g["task"], g["method"]) == (task, method))


def comparison(values, task):
    return next(p["comparison"] for p in values["comparisons"] if p["task"] == task)


def test_counts_of_all_seeds_are_pooled():
    plain = group(found(), "hills", "plain")
    assert (plain["start"]["successes"], plain["final"]["successes"]) == (1, 3)
    assert plain["final"]["maps"] == 8
    # From the quantiles of the beta distribution, as in R: binom.test(3, 8).
    assert plain["final"]["interval_95"] == pytest.approx([0.0852334, 0.7551368], abs=1e-6)
    assert plain["familiar_change"] == pytest.approx(-0.125)


def test_mastery_and_area_are_given_for_the_method_and_for_every_row():
    values = found()
    better = group(values, "hills", "better")
    assert (better["hcs_at_95_s"], better["reached_95"]) == (65.0, 2)
    # (0 * 50 + 1 * 50) / 100 and (0.25 * 50 + 0.75 * 30 + 1 * 20) / 100.
    assert better["area"] == pytest.approx((0.5 + 0.55) / 2)
    rows = {r["name"]: r for r in values["rows"]}
    assert rows["hills-better-typical-0"]["hcs_at_95_confirmed"] is False
    assert rows["hills-plain-typical-0"]["hcs_at_95_s"] is None


def test_methods_are_paired_by_seed_and_map():
    hills = comparison(found(), "hills")
    # 1100 against 1111, and 1000 against 1111.
    assert (hills["only_first"], hills["only_second"]) == (0, 5)
    assert hills["difference"] == pytest.approx(5 / 8)
    assert hills["p_value"] == pytest.approx(2 / 2**5)


def test_a_seed_that_failed_in_one_method_is_left_out_of_the_comparison():
    ice = comparison(found(), "ice")
    assert (ice["seeds"], ice["maps"]) == (1, 4)
    assert ice["difference"] == pytest.approx(1 / 4)
    assert found()["failed"] == {"ice-plain-typical-1": "no room"}
    assert not found()["complete"]


def test_all_tasks_together_have_the_same_weight():
    both = comparison(found(), ALL_TASKS)
    assert both["difference"] == pytest.approx((5 / 8 + 1 / 4) / 2)
    assert both["only_second"] == 6


def test_a_task_without_a_pair_is_not_compared():
    values = found(ROWS[:4])
    assert [p["task"] for p in values["comparisons"]] == ["hills"]


def test_every_row_of_the_table_has_every_column():
    rows = table(found())
    assert {len(r) for r in rows} == {len(HEADER)}
    assert [r[:2] for r in rows] == [
        ("hills", "plain"), ("hills", "better"), ("ice", "plain"), ("ice", "better"),
        (ALL_TASKS, "better"),
    ]  # fmt: skip


def test_the_report_says_what_is_missing_failed_and_not_confirmed():
    text = markdown(found(missing=["ice-plain-poor-0"]), ["curves-hills.png"])
    assert "Not driven yet: ice-plain-poor-0." in text
    assert "- failed: ice-plain-typical-1: no room" in text
    assert "![Learning curves](curves-hills.png)" in text
    # hills-better 0 and 1, and ice-better 1, ended with what no evaluation followed.
    assert "In 3 of 7 rows that is the last evaluation" in text


def test_a_study_without_a_finished_row_has_results():
    values = found([RowRecord("ice", "plain", "typical", 1, failure="no room")])
    assert json.loads(json.dumps(values, allow_nan=False))["groups"] == []
    assert table(values) == []


def test_curves_of_methods_with_unequal_points_are_drawn(tmp_path):
    path = tmp_path / "curves.png"
    plot_curves([g for g in groups(STUDY, ROWS) if g.task == "hills"], path, budget_s=100.0)
    assert path.stat().st_size > 5000
