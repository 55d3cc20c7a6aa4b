"""Reports: the right figures, in every form, also when little is known."""

import json
import math

import pytest

from iml_robot.session.curves import scalars
from iml_robot.session.folder import SessionFolder
from iml_robot.session.report import markdown, summary, write_report
from iml_robot.session.results import Count, EpisodeRow, EvaluationResult, RunResult


def at_least(k, n, p):
    """Probability of k or more successes of n, summed term by term."""
    return sum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


def run(**fields):
    rows = (
        EpisodeRow(0, "rolled_over", 3, 12.0, 20.0, update_s=2.0, wait_s=1.0),
        EpisodeRow(
            1, "success", 1, 5.5, 30.0, policy_version=1, wait_s=3.0, success=Count(19, 20)
        ),
        EpisodeRow(2, "success", 0, 0.0, 25.0, policy_version=2, figures={"loss": 0.25}),
    )
    evaluations = (
        EvaluationResult("unfamiliar", Count(9, 20), Count(20, 20)),
        EvaluationResult("familiar", None, Count(0, 10)),
    )
    values = {"evaluations": evaluations, "episodes": rows, "wall_s": 100.0, **fields}
    return RunResult("trial", "iml/Point-v0", "simulated", "hg_dagger", 7, **values)


@pytest.mark.parametrize(("k", "n"), [(1, 20), (9, 20), (19, 20), (103, 200), (194, 200)])
def test_intervals_are_where_the_binomial_tails_hold_two_and_a_half_percent(k, n):
    low, high = Count(k, n).interval()
    assert at_least(k, n, low) == pytest.approx(0.025, rel=1e-6)
    assert 1 - at_least(k + 1, n, high) == pytest.approx(0.025, rel=1e-6)


def test_intervals_at_the_ends_follow_the_closed_form():
    assert Count(0, 10).interval() == pytest.approx((0, 1 - 0.025**0.1))
    assert Count(10, 10).interval() == pytest.approx((0.025**0.1, 1))


@pytest.mark.parametrize(("k", "n"), [(3, 2), (-1, 2), (0, 0)])
def test_impossible_counts_are_refused(k, n):
    with pytest.raises(ValueError, match=f"got {k} of {n}"):
        Count(k, n)


def test_the_summary_holds_the_promised_keys():
    found = summary(run())
    assert found["before"]["successes"] == 9
    assert (found["after"]["success"], found["after"]["maps"]) == (1.0, 20)
    assert found["after"]["interval_95"] == pytest.approx([0.025 ** (1 / 20), 1.0])
    assert found["human_controlled_s"] == 17.5
    assert (found["takeovers"], found["episodes"]) == (4, 3)
    assert found["wait_s"] == {"p50": 2.0, "p95": pytest.approx(2.9), "max": 3.0}
    assert found["hcs_at_95"] == 17.5
    assert found["episode_rows"][0]["outcome"] == "rolled_over"
    assert found["evaluations"][1]["before"] is None


@pytest.mark.parametrize(
    ("before", "middle", "after", "expected"),
    [
        (Count(19, 20), None, Count(20, 20), 0.0),
        (Count(1, 20), Count(19, 20), Count(20, 20), 17.5),
        (Count(1, 20), Count(18, 20), Count(20, 20), 17.5),
        (Count(1, 20), Count(18, 20), Count(18, 20), None),
        (None, None, None, None),
    ],
)
def test_human_seconds_at_95_percent_are_those_of_the_first_such_measurement(
    before, middle, after, expected
):
    rows = (
        EpisodeRow(0, "success", 1, 12.0, 20.0),
        EpisodeRow(1, "success", 1, 5.5, 20.0, success=middle),
        EpisodeRow(2, "success", 0, 0.0, 20.0),
    )
    result = run(episodes=rows, evaluations=(EvaluationResult("x", before, after),))
    assert result.hcs_at_95() == expected


def test_the_summary_is_strict_json_even_when_the_learner_diverged():
    row = EpisodeRow(0, "success", 0, 0.0, 1.0, figures={"a": math.nan, "b": math.inf})
    text = json.dumps(summary(run(episodes=(row,))), allow_nan=False)
    assert json.loads(text)["episode_rows"][0]["figures"] == {"a": None, "b": None}


def test_the_report_says_what_happened():
    text = markdown(run(notes=("5 rows were lost.",)), picture="plots/success.png")
    assert text.startswith("# trial: 45.0 % → 100.0 % on unfamiliar terrain\n")
    assert "took over 4 times in 3 episodes and drove for 17.5 s in all" in text
    assert (
        "| unfamiliar | 9 of 20, 45.0 % [23.1, 68.5] | 20 of 20, 100.0 % [83.2, 100.0] |"
        in text
    )
    assert "| familiar | not measured | 0 of 10, 0.0 % [0.0, 30.8] |" in text
    assert "| 0 | 0 | rolled over | 3 | 12.0 | 20.0 | 2.0 | 1.0 |" in text
    assert "waited 2.0 s for an episode" in text
    assert "- 5 rows were lost." in text


def test_curves_carry_the_figures_by_episode():
    found = {(step, tag): value for step, tag, value in scalars(run())}
    assert found[1, "operator/human_controlled_s_in_all"] == 17.5
    assert found[2, "learner/loss"] == 0.25
    assert found[0, "success/unfamiliar"] == 0.45
    assert found[3, "success/unfamiliar"] == 1.0
    assert (2, "operator/wait_s") not in found


@pytest.mark.parametrize(
    "result",
    [run(), run(episodes=()), run(evaluations=()), run(episodes=(), evaluations=())],
    ids=["whole", "no episodes", "no evaluations", "nothing"],
)
def test_every_file_is_written_whatever_is_known(tmp_path, result):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    folder = SessionFolder.create("trial", tmp_path)
    write_report(result, folder)
    write_report(result, folder)
    assert json.loads(folder.summary.read_text())["schema"] == "iml_robot.run/1"
    assert folder.report.read_text().startswith("# trial")
    picture = (folder.plots / "success.png").read_bytes()
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(picture[16:20], "big") == 1200
    events = EventAccumulator(str(folder.tensorboard)).Reload()
    assert len(list(folder.tensorboard.iterdir())) == 1
    if result.evaluations:
        read = [event.value for event in events.Scalars("success/unfamiliar")]
        assert read == pytest.approx([0.45, 1.0])
