"""The comparison with other simulators, tried on environments that Gymnasium brings."""

import importlib.util
import json
import os
import sys
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Box

pytestmark = pytest.mark.slow

SCRIPTS = Path(__file__).parents[2] / "scripts"
CORE = max(os.sched_getaffinity(0))
PYTHON = Path(sys.executable)


def script(path):
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


compare = script(SCRIPTS / "compare_simulators.py")
worker = script(SCRIPTS / "rivals" / "worker.py")
PENDULUM = compare.Contestant("classic", "Pendulum", "Pendulum-v1")


@pytest.fixture(autouse=True)
def classic(monkeypatch):
    simulator = compare.Simulator("gymnasium", "gymnasium", (), "dt")
    monkeypatch.setitem(compare.SIMULATORS, "classic", simulator)
    monkeypatch.setattr(compare, "WARM_UP_S", 0.05)


@pytest.fixture
def pendulum():
    runner = compare.Runner(PENDULUM, PYTHON, CORE)
    yield runner
    runner.close()


def test_a_round_lasts_as_long_as_told_and_leaves_resets_out(pendulum):
    pendulum.run(0.2)
    (found,) = pendulum.rounds
    assert 0.2 <= found["cpu_s"] < 0.3
    # A pendulum's episode always has 200 steps.
    assert abs(len(found["reset_ms"]) - found["steps"] / 200) <= 1


def test_the_version_and_the_physics_rate_are_what_the_simulator_says(pendulum):
    # Gymnasium documents that a pendulum advances by 0.05 s a step.
    assert pendulum.facts == {"version": gymnasium.__version__, "physics_hz": 20.0}


def test_the_median_of_the_rounds_is_reported(pendulum):
    pendulum.rounds = [
        {"steps": steps, "cpu_s": 2.0, "wall_s": 4.0, "reset_ms": []}
        for steps in (2, 200, 20)
    ]
    row = compare.summary(pendulum)
    assert (row["steps_per_s"], row["wall_steps_per_s"]) == (10, 5)


@pytest.mark.parametrize(
    ("env_id", "python", "reason"),
    [
        ("Nowhere-v0", PYTHON, "Nowhere"),
        ("Pendulum-v1", Path("/bin/false"), "its process ended"),
        ("Pendulum-v1", Path("/nowhere/python"), "does not start"),
    ],
)
def test_what_does_not_start_is_skipped_with_a_reason_of_one_line(env_id, python, reason):
    with pytest.raises(compare.Skipped, match=reason) as caught:
        compare.Runner(compare.Contestant("classic", "none", env_id), python, CORE)
    assert "\n" not in str(caught.value)


def test_what_does_not_install_is_skipped_and_not_taken_for_installed(tmp_path):
    with pytest.raises(compare.Skipped, match=r"does not install: .*none\.whl"):
        compare.installed(tmp_path / "rival", ["/nowhere/none.whl"])
    assert not (tmp_path / "rival" / "installed.txt").exists()


def test_what_is_installed_is_not_installed_again(tmp_path):
    python = compare.installed(tmp_path, ["pip"])
    made = python.lstat().st_mtime_ns
    assert compare.installed(tmp_path, ["pip"]) == python
    assert python.lstat().st_mtime_ns == made


def test_a_process_that_dies_ends_its_own_measurement_alone(monkeypatch, capsys):
    doomed = compare.Contestant("classic", "doomed", "Pendulum-v1")
    run = compare.Runner.run

    def kill_then_run(runner, seconds):
        if runner.contestant is doomed:
            runner._process.kill()
            runner._process.wait()
        run(runner, seconds)

    monkeypatch.setattr(compare.Runner, "run", kill_then_run)
    monkeypatch.setattr(compare, "RIVALS", (doomed, PENDULUM))
    monkeypatch.setattr(compare, "interpreter", lambda name, cache, given: PYTHON)
    chosen = ["--seconds", "0.1", "--rounds", "2", "--simulators", "classic"]
    assert compare.main(chosen) == 0
    shown = capsys.readouterr().out
    assert "not measured: classic doomed: its process ended" in shown
    assert [line.split()[2] for line in shown.splitlines() if "Pendulum" in line] == [
        "Pendulum"
    ]


def test_a_rival_that_is_not_to_be_had_is_named_and_nothing_is_claimed(tmp_path, capsys):
    written = tmp_path / "found.json"
    chosen = ["--simulators", "gym-pybullet-drones", "--json", str(written)]
    assert compare.main(chosen) == 1
    assert "not measured: gym-pybullet-drones: not on PyPI" in capsys.readouterr().out
    assert json.loads(written.read_text())["rows"] == []


def test_the_table_says_how_many_times_faster_ours_is():
    rows = [
        {
            "simulator": simulator, "task": "task", "version": "1", "control_hz": 20,
            "physics_hz": None, "reset_ms": None, "steps_per_s": rate,
        }
        for simulator, rate in ((compare.OURS, 3000.0), ("rival", 1200.0))
    ]  # fmt: skip
    ours, rival = compare.table(rows).splitlines()[1:]
    assert ours.split()[-4:] == ["3,000", "-", "1.00", "x"]
    assert rival.split()[-4:] == ["1,200", "-", "2.50", "x"]


def test_actions_wander_smoothly_through_the_whole_box():
    space = Box(np.array([-3.0, 0.0]), np.array([3.0, 0.8]), dtype=np.float64)
    stream = worker.smooth_actions(space, np.random.default_rng(0))
    actions = np.array([next(stream) for _ in range(2000)])
    assert all(map(space.contains, actions))
    share = (actions - space.low) / (space.high - space.low)
    assert share.min() < 0.05
    assert share.max() > 0.95
    # Neighbours of a first-order process with this memory correlate by 0.9, less clipping.
    assert all(np.corrcoef(part[:-1], part[1:])[0, 1] > 0.85 for part in share.T)
