"""`iml-robot study` as a user types it: a study that is killed, resumed and extended."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from commands import COMMAND, assert_refused, call_here

from iml_robot.core.config import EvaluationConfig
from iml_robot.core.errors import ArtifactError, UsageError
from iml_robot.policies.ensemble.files import new_policy, save_policy
from iml_robot.policies.ensemble.spaces import spaces_of
from iml_robot.robots.environment import make_env
from iml_robot.study.config import load_study
from iml_robot.study.examination import Examination
from iml_robot.study.folder import StudyFolder
from iml_robot.study.plan import plan_rows

ROWS = {"point-hg_dagger-typical-0", "point-corrections_only-typical-0"}
ONE_SEED = ("--set", "seeds=[0]", "--jobs", "1")


def rows_of(folder):
    """Return the rows that a study's folder keeps, by name."""
    return {p.stem: json.loads(p.read_text()) for p in (folder / "rows").glob("*.json")}


def children(process):
    """Return the processes that another one started."""
    path = Path(f"/proc/{process}/task/{process}/children")
    return [int(child) for child in path.read_text().split()]


def ends(process):
    """Wait until a process is gone, at most ten seconds."""
    for _ in range(200):
        if not Path(f"/proc/{process}/cmdline").exists():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A study that was killed after its first row, and the rows it left."""
    folder = tmp_path_factory.mktemp("study") / "smoke"
    command = [COMMAND, "study", "smoke", *ONE_SEED, "--out", folder]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        while not (line := process.stdout.readline()).startswith("row 1/2"):
            assert line, "the study ended before its first row"
        workers = children(process.pid)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert all(map(ends, workers))
    return folder, rows_of(folder)


@pytest.fixture(scope="module")
def finished(killed):
    """The same study after it was resumed, its process and its results."""
    folder, _ = killed
    process = call_here(
        "study", "--resume", folder, "--json", folder.parent / "results.json"
    )
    assert process.returncode == 0, process.stderr
    return folder, process, json.loads((folder / "results.json").read_text())


def test_a_killed_study_goes_on_with_the_rows_that_are_missing(killed, finished):
    folder, before = killed
    after = rows_of(folder)
    assert len(before) == 1
    assert set(after) == ROWS
    assert {name: after[name] for name in before} == before
    lines = finished[1].stdout.splitlines()
    driven = {line.split()[2].rstrip(":") for line in lines if line.startswith("row ")}
    assert driven == ROWS - set(before)


def test_a_study_leaves_everything_in_its_folder(finished):
    folder, process, results = finished
    assert (folder / "curves-point.png").read_bytes().startswith(b"\x89PNG")
    assert {p.stem for p in (folder / "policies").iterdir()} == ROWS
    assert not any((folder / "work").iterdir())
    assert results == json.loads((folder.parent / "results.json").read_text())
    assert results["complete"]
    table = (folder / "table.md").read_text()
    for group in results["groups"]:
        final = f"{100 * group['final']['success']:.1f} ["
        assert f"| point | {group['method']} | typical | 1 |" in table
        assert final in table
        assert final in process.stdout


def test_a_row_ends_by_its_budget_or_its_episodes_and_says_which(finished):
    for row in rows_of(finished[0]).values():
        assert row["ended_by"] == ("budget" if row["hcs_s"] >= 4 else "episodes")
        log = row["log"]
        assert len(log) == row["episodes"]
        spent = sum(episode["human_controlled_s"] for episode in log)
        assert spent == pytest.approx(row["hcs_s"])
        assert row["episodes"] == 6 or row["ended_by"] == "budget"
        assert row["wait_s"]["p50"] <= row["wait_s"]["p95"] <= row["wait_s"]["max"]


def test_curves_begin_untaught_and_are_measured_on_the_same_maps(finished):
    rows = rows_of(finished[0]).values()
    assert len({tuple(row["indices"]) for row in rows}) == 1
    for row in rows:
        spent = [point["hcs_s"] for point in row["points"]]
        assert spent[0] == 0
        assert spent == sorted(spent)
        for point in row["points"]:
            assert len(point["passed"]) == point["maps"] == sum(point["outcomes"].values())
            assert point["passed"].count("1") == point["outcomes"].get("success", 0)


def test_methods_that_begin_with_one_policy_measure_it_once(finished):
    folder = finished[0]
    points = [tuple(p["passed"] for p in row["points"]) for row in rows_of(folder).values()]
    assert len({row[0] for row in points}) == 1
    kept = [json.loads(path.read_text()) for path in (folder / "examined").iterdir()]
    driven = ["".join("01"[r[1] == "success"] for r in results) for results in kept]
    assert len(driven) < sum(map(len, points))
    assert set(driven) == {passed for row in points for passed in row}


def test_what_policies_did_is_driven_again_where_it_cannot_be_read(tmp_path):
    evaluation = EvaluationConfig(name="new", options={"level": 2, "split": "val"}, maps=5)
    env_id, policy = "iml_robot_envs:iml/Point-v0", tmp_path / "untrained.safetensors"
    save_policy(new_policy("auto", spaces_of(make_env(env_id)), 0), policy)
    examination = Examination(env_id, evaluation, tmp_path / "known")
    first = examination.drive(policy)
    (kept,) = (tmp_path / "known").iterdir()
    text = kept.read_text()
    kept.write_text(text[:-9])
    assert examination.drive(policy) == first
    assert kept.read_text() == text


def test_the_comparison_counts_the_maps_of_both_methods(finished):
    rows = rows_of(finished[0])
    first, second = (
        rows[f"point-{method}-typical-0"]["points"][-1]["passed"]
        for method in ("hg_dagger", "corrections_only")
    )
    (pair,) = finished[2]["comparisons"]
    found = pair["comparison"]
    pairs = list(zip(first, second, strict=True))
    assert found["only_first"] == pairs.count(("1", "0"))
    assert found["only_second"] == pairs.count(("0", "1"))
    assert found["difference"] == pytest.approx(
        (second.count("1") - first.count("1")) / len(first)
    )
    assert found["low"] <= found["difference"] <= found["high"]


def test_a_row_driven_again_has_the_same_points(finished, tmp_path):
    from iml_robot.study.row import drive_row

    plan = plan_rows(*load_study("smoke"))[0]
    heard = []
    record, _ = drive_row(
        plan, tmp_path, on_episode=lambda *args: None, on_point=heard.append
    )
    stored = StudyFolder(finished[0]).read(plan)
    assert record.points == stored.points == tuple(heard)


DEADLY = """
import os

class Deadly:
    def __init__(self, spaces, start, seed):
        os.kill(os.getpid(), 9)
"""


def test_a_row_that_fails_or_dies_is_recorded_and_the_others_go_on(
    finished, tmp_path, monkeypatch
):
    folder = finished[0]
    (tmp_path / "deadly_learner.py").write_text(DEADLY)
    # A finished study takes up two methods more: one cannot even be built.
    wrong = "methods.wrong.learner={name: hg_dagger, updates: 0}"
    dead = "methods.dead.learner='deadly_learner:Deadly'"
    # Its processes look for modules where this one does.
    monkeypatch.syspath_prepend(tmp_path)
    process = call_here("study", "--resume", folder, "--set", wrong, "--set", dead)
    assert process.returncode == 1, process.stderr
    assert "2 rows failed" in process.stdout
    rows = rows_of(folder)
    assert "updates must be at least 1, got 0" in rows["point-wrong-typical-0"]["failure"]
    assert "UsageError" in rows["point-wrong-typical-0"]["traceback"]
    assert "its process ended by signal 9" in rows["point-dead-typical-0"]["failure"]
    results = json.loads((folder / "results.json").read_text())
    assert set(results["failed"]) == {"point-wrong-typical-0", "point-dead-typical-0"}
    assert len(results["groups"]) == 2


def test_rows_of_other_settings_are_not_mixed(finished):
    folder = finished[0]
    process = call_here("study", "smoke", *ONE_SEED, "--out", folder, "--set", "maps=21")
    assert process.returncode == 2
    assert "another config.evaluation" in process.stderr
    assert process.stdout == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [("{", "Expecting"), ('{"schema": "x/9"}', "x/9"), ("{}", "no 'sch")],
)
def test_a_damaged_row_is_refused(text, reason, tmp_path):
    plan = plan_rows(*load_study("smoke"))[0]
    folder = StudyFolder(tmp_path)
    folder.open().release()
    folder.row(plan.name).write_text(text)
    with pytest.raises(ArtifactError, match=reason):
        folder.read(plan)


def test_two_processes_cannot_drive_one_study(tmp_path):
    lock = StudyFolder(tmp_path).open()
    with pytest.raises(UsageError, match="in use by process"):
        StudyFolder(tmp_path).open()
    lock.release()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("smokes",), "no shipped study is called 'smokes'; did you mean 'smoke'?"),
        ((), "give the name or file of a study"),
        (("--resume", "nowhere"), "nowhere: there is no study to resume here"),
        (("smoke", "--set", "seeds=[a]"), "--set seeds=[a]: seeds.0: must be a whole"),
        (("smoke", "--set", "methods.x.learner.uptades=1"), "did you mean 'updates'?"),
        (("smoke", "--out", "tests"), "tests: the folder holds"),
    ],
)
def test_a_wrong_call_is_refused_with_one_line(arguments, message):
    assert_refused(call_here("study", *arguments), code=2, message=message)
