"""Every exit code of `evaluate`; twice from a process of its own, as a CI runs it."""

import pickle
import signal
import subprocess
import time
import xml.etree.ElementTree as ET
import zipfile

import gymnasium as gym
import numpy as np
import pytest
from commands import COMMAND, call_here, run_command
from evaluation_rig import HERE, evaluate_point, read
from point_drivers import steady

import iml_robot_envs  # noqa: F401

pytestmark = pytest.mark.slow

IDLE = ("point_drivers:idle", "--suite", "point-smoke")
GATES = """
gates:
  - {id: floor, metric: success, rule: ci_low_exact >= 0.7}
  - {id: finite, metric: nonfinite_actions, rule: == 0}
  - {id: swift, metric: policy_ms_p99, rule: < 0, on: advisory}
"""


@pytest.fixture
def gates(tmp_path):
    path = tmp_path / "gates.yaml"
    path.write_text(GATES)
    return path


def plainly_driven(index):
    """Return steps, summed reward and path of a map that is driven in the plainest way."""
    env = gym.make("iml/Point-v0")
    seen, info = env.reset(
        seed=index, options={"level": 0, "split": "test", "index": index}
    )
    steps, total, path_m, done = 0, 0.0, 0.0, False
    while not done:
        before = np.array(info["position"])
        seen, reward, terminated, truncated, info = env.step(steady(seen[None])[0])
        path_m += float(np.linalg.norm(np.array(info["position"]) - before))
        steps, total, done = steps + 1, total + reward, terminated or truncated
    return steps, total, path_m


def test_0_all_gates_passed_and_every_report_written(gates, tmp_path):
    paths = [tmp_path / name for name in ("r.json", "r.xml", "r.md")]
    result = run_command(
        "evaluate", "point_drivers:steady", "--suite", "point-smoke",
        "--gates", gates, "--jobs", 2, "--check-determinism",
        "--json", paths[0], "--junit", paths[1], "--markdown", paths[2], **HERE,
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, "")
    assert "verdict: pass (50 maps" in result.stdout
    assert "gate swift (advisory): fail" in result.stdout
    assert "\x1b" not in result.stdout
    found = read(paths[0])
    assert (found["schema"], found["kind"]) == ("iml_robot.evaluation/2", "evaluate")
    assert (found["verdict"], found["exit_code"], found["complete"]) == ("pass", 0, True)
    assert found["determinism"]["tier"] == "T1"
    assert found["determinism"]["jobs"] == [2, 1]
    entry = found["evaluations"][0]
    assert (entry["successes"], entry["outcomes"]) == (50, {"success": 50})
    assert entry["interval_95"][0] == pytest.approx(0.0250 ** (1 / 50))
    for index in (0, 33):
        steps, total, path_m = plainly_driven(index)
        row = entry["episodes"][index]
        assert (row["index"], row["steps"]) == (index, steps)
        assert row["total_reward"] == pytest.approx(total)
        assert row["time_s"] == pytest.approx(0.05 * steps)
        # Summed from speeds at the ends of steps, not from the curve itself.
        assert row["path_m"] == pytest.approx(path_m, rel=0.1)
    suite = ET.parse(paths[1]).getroot().find("testsuite")
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == (
        "4",
        "0",
        "1",
    )
    assert paths[2].read_text().startswith("## ✅ pass: point_drivers:steady")


def test_1_a_gate_failed_and_the_worst_maps_can_be_driven_again(gates, tmp_path):
    result = evaluate_point(
        "leaving", "--gates", gates, "--episodes", 30,
        "--json", tmp_path / "r.json", "--junit", tmp_path / "r.xml",
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (1, "")
    assert "gate floor: fail" in result.stdout
    suite = ET.parse(tmp_path / "r.xml").getroot().find("testsuite")
    assert suite.find("testcase[@name='floor']/failure") is not None
    found = read(tmp_path / "r.json")
    worst = found["worst"][0]
    assert worst["outcome"] == "out_of_bounds"
    assert found["metrics"]["mishap_rate"]["value"] > 0.9
    again = call_here(*worst["replay"].split()[1:])
    row = found["evaluations"][0]["episodes"][worst["index"]]
    assert again.returncode == 0
    assert f'"trace": "{row["trace"]}"' in again.stdout


def test_2_mistakes_in_gates_are_told_with_file_line_key_and_known_names(tmp_path):
    path = tmp_path / "gates.yaml"
    path.write_text("gates:\n  - id: a\n    metric: sucess\n    rule: '>= 0.5'\n")
    result = evaluate_point("steady", "--gates", path)
    assert (result.returncode, result.stdout) == (2, "")
    assert f"{path}:3:" in result.stderr
    for words in ("gates.0.metric", "did you mean 'success'", "collision_rate"):
        assert words in result.stderr


def test_2_comparing_gates_need_a_baseline(tmp_path):
    path = tmp_path / "gates.yaml"
    path.write_text("gates: [{id: a, metric: success, test: paired_eprocess}]\n")
    result = call_here("evaluate", *IDLE, "--gates", path)
    assert result.returncode == 2
    assert "iml-robot compare" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("point_drivers:nobody", "--suite", "point-smoke"), "module:function"),
        (("point_drivers:idle", "--suite", "point-smok"), "did you mean 'point-smoke'"),
        (
            (*IDLE, "--only", "far:3"),
            "familiar:0 to familiar:49",
        ),
        (
            (*IDLE, "--set", "entries.0.options.level=9"),
            "level must be one of",
        ),
        (
            (*IDLE, "--set", "entries.0.options.split=train"),
            "allow_training_maps",
        ),
    ],
)  # fmt: skip
def test_2_wrong_calls_are_refused_before_anything_is_driven(arguments, words):
    result = call_here("evaluate", *arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_3_ten_maps_cannot_show_seventy_percent(gates, tmp_path):
    result = evaluate_point(
        "steady", "--gates", gates, "--episodes", 10, "--json", tmp_path / "r.json"
    )
    assert result.returncode == 3
    assert "gate floor: inconclusive" in result.stdout
    # 10 of 10: the exact interval begins at 0.025 ** (1 / 10).
    gate = read(tmp_path / "r.json")["gates"][0]
    assert gate["observed"] == pytest.approx(0.025**0.1)


class Canary:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("trust", [(), ("--trust-pickle",)])
def test_4_pickles_are_refused_and_never_run(trust, tmp_path):
    canary, path = tmp_path / "canary", tmp_path / "policy.pkl"
    path.write_bytes(pickle.dumps(Canary(canary)))
    result = call_here("evaluate", path, "--suite", "point-smoke", *trust)
    assert (result.returncode, result.stdout) == (4, "")
    assert "not read" in result.stderr
    assert not canary.exists()


def test_4_an_agent_in_a_zip_wants_to_be_trusted(tmp_path):
    path = tmp_path / "agent.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data", "{}")
    result = call_here("evaluate", path, "--suite", "point-smoke")
    assert (result.returncode, result.stdout) == (4, "")
    assert "--trust-pickle" in result.stderr


def test_4_actions_of_the_wrong_shape_are_refused():
    result = evaluate_point("narrow", "--episodes", 2)
    assert result.returncode == 4
    assert "(2, 1, 1)" in result.stderr


def test_5_what_was_driven_is_kept_when_processes_die(tmp_path):
    path = tmp_path / "r.json"
    result = evaluate_point("deadly", "--set", "entries.0.maps=200", "--json", path)
    assert result.returncode == 5
    assert "process died" in result.stderr
    found = read(path)
    assert (found["verdict"], found["complete"]) == ("error", False)
    assert 0 < found["suite"]["driven"] < 200
    assert found["suite"]["driven"] == len(found["evaluations"][0]["episodes"])


def test_5_an_environment_that_hangs_is_told_and_the_other_maps_are_kept(tmp_path):
    suite, path = tmp_path / "hanging.yaml", tmp_path / "r.json"
    suite.write_text(
        "allow_training_maps: true\n"
        "entries: [{name: a, task: 'deadly_env:Hanging-v0', maps: 75}]\n"
    )
    result = call_here(
        "evaluate", "point_drivers:idle", "--suite", suite, "--patience", 15,
        "--json", path,
    )  # fmt: skip
    assert result.returncode == 5
    assert "no robot has made a step for" in result.stderr
    assert result.stderr.count("\n") == 1
    found = read(path)
    assert (found["verdict"], found["suite"]["driven"]) == ("error", 25)
    assert found["reasons"][1] == "not driven: a 25 to 74"


def test_5_a_policy_that_raises_is_told_from_one_that_fails(tmp_path):
    result = evaluate_point("raising", "--junit", tmp_path / "r.xml")
    assert result.returncode == 5
    assert "the network is not plugged in" in result.stderr
    suite = ET.parse(tmp_path / "r.xml").getroot().find("testsuite")
    assert suite.get("errors") == "1"


def test_6_a_policy_that_never_does_the_same_twice_is_found_out(gates, tmp_path):
    result = evaluate_point(
        "moody", "--check-determinism", "--gates", gates, "--json", tmp_path / "r.json"
    )
    assert result.returncode == 6
    assert "went another way" in result.stdout
    found = read(tmp_path / "r.json")
    assert found["verdict"] == "not_deterministic"
    assert len(found["determinism"]["mismatches"]) == 25


def test_130_interrupted_results_are_marked(tmp_path):
    begun, path = tmp_path / "begun", tmp_path / "r.json"
    words = ("point_drivers:endless", "--suite", "point-smoke", "--json", path)
    command = [COMMAND, "evaluate", *words]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env={**HERE, "BEGUN": str(begun)}, **quiet) as process:
        deadline_s = time.monotonic() + 60
        while not begun.exists():
            assert time.monotonic() < deadline_s
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
    assert read(path)["verdict"] == "interrupted"


def test_nonsense_counts_as_failure_and_never_as_a_number(tmp_path):
    gates = tmp_path / "gates.yaml"
    gates.write_text("gates: [{id: finite, metric: nonfinite_actions, rule: == 0}]\n")
    result = evaluate_point(
        "broken", "--episodes", 5, "--gates", gates, "--json", tmp_path / "r.json"
    )
    assert result.returncode == 1
    entry = read(tmp_path / "r.json")["evaluations"][0]
    assert entry["outcomes"] == {"nonfinite_action": 5}
    assert entry["successes"] == 0
