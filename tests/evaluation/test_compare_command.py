"""`compare` decides with few pairs, says when it cannot, and never trades safety."""

import json

import pytest
from commands import call_here
from evaluation_rig import read

pytestmark = pytest.mark.slow


def compare(candidate, baseline, *arguments):
    return call_here(
        "compare", f"point_drivers:{candidate}", f"point_drivers:{baseline}",
        "--suite", "point-smoke", *arguments,
    )  # fmt: skip


def test_the_same_behaviour_passes_before_all_maps_are_driven(tmp_path):
    result = compare(
        "steady", "steady", "--set", "entries.0.maps=200", "--json", tmp_path / "r.json",
        "--junit", tmp_path / "r.xml", "--markdown", tmp_path / "r.md",
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    assert "stopped early: 100 of 200 pairs were enough" in result.stdout
    found = read(tmp_path / "r.json")
    assert (found["kind"], found["verdict"]) == ("compare", "pass")
    comparison = found["comparison"]
    assert (comparison["pairs"], comparison["stopped_early"]) == (100, True)
    assert comparison["mcnemar"]["p"] == 1.0
    # Common random numbers: what is the same does the same, to the bit.
    ours = found["evaluations"][0]["episodes"]
    theirs = comparison["baseline_episodes"]
    assert [row["trace"] for row in ours] == [row["trace"] for row in theirs]
    assert "against point_drivers:steady" in (tmp_path / "r.md").read_text()


def test_a_worse_policy_fails_early_the_same_with_any_number_of_processes(tmp_path):
    rows = []
    for jobs in (1, 2):
        path = tmp_path / f"{jobs}.json"
        result = compare(
            "half_idle", "steady", "--set", "entries.0.maps=100", "--jobs", jobs,
            "--json", path,
        )  # fmt: skip
        assert result.returncode == 1
        assert "gate success: fail" in result.stdout
        found = read(path)
        rows.append(json.dumps([found["gates"], found["comparison"]["mcnemar"]]))
        mcnemar = found["comparison"]["mcnemar"]
        assert mcnemar["only_candidate"] == 0
        assert mcnemar["only_baseline"] > 5
    assert rows[0] == rows[1]


def test_too_few_maps_are_inconclusive():
    result = compare("steady", "steady", "--episodes", 50)
    assert result.returncode == 3
    assert "gate success: inconclusive" in result.stdout


def test_harm_is_always_asked_about(tmp_path):
    # Neither ever succeeds, so success is no worse; but the candidate leaves the square.
    gates = tmp_path / "gates.yaml"
    gates.write_text("gates: [{id: s, metric: success, test: paired_eprocess}]\n")
    result = compare("leaving", "idle", "--gates", gates)
    assert result.returncode == 1
    assert "gate mishaps (always asked): fail" in result.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gates: [{id: s, metric: success, rule: '>= 0.5'}]", "no gate compares"),
        ("gates: [{id: s, metric: return, test: paired_eprocess}]", "between 0 and 1"),
    ],
)
def test_gates_that_compare_nothing_are_refused(text, words, tmp_path):
    gates = tmp_path / "gates.yaml"
    gates.write_text(text)
    policies = "point_drivers:steady", "point_drivers:idle"
    result = call_here("compare", *policies, "--suite", "point-smoke", "--gates", gates)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
