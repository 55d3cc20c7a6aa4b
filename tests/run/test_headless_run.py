"""`iml-robot run` without a window, as a user types it."""

import json
import signal
import sqlite3
import subprocess
import time

import numpy as np
import pytest
import torch
from commands import COMMAND, call_here
from run_rig import POINT, episodes_of, same_steps
from safetensors.torch import load_file

from iml_robot.data.store import SessionStore


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A whole run on the point, and how it ended."""
    folder = tmp_path_factory.mktemp("run") / "session"
    return folder, call_here("run", *POINT, "--out", folder, DISPLAY="")


def test_a_run_leaves_everything_in_its_folder(finished):
    folder, process = finished
    assert process.returncode == 0, process.stderr
    assert {p.name for p in folder.iterdir()} >= {
        "session.db", "policies", "config.yaml", "summary.json", "report.md", "plots",
    }  # fmt: skip
    summary = json.loads((folder / "summary.json").read_text())
    assert summary["before"]["maps"] == summary["after"]["maps"] == 40
    assert summary["episodes"] == 12
    assert (folder / "plots" / "success.png").stat().st_size > 1000


def test_corrections_teach_an_untrained_policy_to_reach_the_goal(finished):
    # An untrained policy reaches hardly any goal; after 12 corrected episodes half.
    summary = json.loads((finished[0] / "summary.json").read_text())
    assert summary["before"]["successes"] <= 4
    assert summary["after"]["successes"] >= 20


def test_human_seconds_in_the_summary_are_those_of_the_recorded_steps(finished):
    folder, _ = finished
    summary = json.loads((folder / "summary.json").read_text())
    with sqlite3.connect(folder / "session.db") as database:
        # Sources 1 and 2 are the operator and the blend; a step lasts 0.05 s.
        (steps,) = database.execute(
            "SELECT COUNT(*) FROM steps WHERE source IN (1, 2)"
        ).fetchone()
    database.close()
    assert steps > 0
    assert summary["human_controlled_s"] == pytest.approx(0.05 * steps)


def test_the_same_seed_gives_the_same_run_bit_for_bit(finished, tmp_path):
    folder, _ = finished
    again = tmp_path / "again"
    # To measure policies changes none.
    call_here("run", *POINT, "--set", "evaluation=[]", "--out", again, DISPLAY="")
    assert same_steps(episodes_of(folder), episodes_of(again))
    for path in sorted((folder / "policies").iterdir()):
        assert path.read_bytes() == (again / "policies" / path.name).read_bytes()


def test_another_seed_gives_another_run(finished, tmp_path):
    other = tmp_path / "other"
    call_here("run", *POINT, "--seed", 1, "--set", "evaluation=[]", "--out", other)
    assert not same_steps(episodes_of(finished[0]), episodes_of(other))


def test_auto_without_a_display_is_the_simulated_operator_and_says_so(tmp_path):
    result = call_here(
        "run", *POINT, "--operator", "auto", "--episodes", 0, "--set", "evaluation=[]",
        "--out", tmp_path / "s", DISPLAY="", WAYLAND_DISPLAY="",
    )  # fmt: skip
    assert result.stdout.splitlines()[0].startswith("operator: simulated (there is no")


def _kill_mid_episode(folder):
    """Start a rover session and kill it in the middle of its second episode."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([COMMAND, *ROVER, "--out", folder], **quiet) as process:
        try:
            _wait_for_steps(folder / "session.db", 100, process)
        finally:
            process.kill()


def _wait_for_steps(database, steps, process):
    deadline_s = time.monotonic() + 90
    while _open_steps(database) < steps:
        assert time.monotonic() < deadline_s
        assert process.poll() is None
        time.sleep(0.02)


def _open_steps(database):
    """Return how many steps of the running second episode are on the disk."""
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            row = connection.execute(
                "SELECT COUNT(*) FROM steps WHERE episode_id = 1"
            ).fetchone()
        connection.close()
    except sqlite3.OperationalError:
        return 0
    return row[0]


ROVER = ("run", "quickstart", "--operator", "simulated", "--episodes", "2", "--seed", "1")
# A learner that tries its policies before they drive would take a minute to do so.
ROVER += ("--set", "evaluation=[]", "--set", "learner={name: hg_dagger, updates: 5}")


def test_a_killed_session_goes_on_as_if_nothing_had_happened(tmp_path):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    _kill_mid_episode(killed)
    resumed = call_here("run", "--resume", killed)
    assert resumed.returncode == 0, resumed.stderr
    straight = call_here(*ROVER, "--out", whole)
    assert straight.returncode == 0, straight.stderr
    usable = [e for e in episodes_of(killed) if e.info.outcome != "interrupted"]
    assert len(usable) == len(episodes_of(killed)) - 1
    assert same_steps(usable, episodes_of(whole))
    # Their headers differ: they name the corrected episodes, and one more has a number.
    last = sorted((whole / "policies").iterdir())[-1]
    first, second = load_file(last), load_file(killed / "policies" / last.name)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_every_step_keeps_three_actions_and_their_source(finished):
    with SessionStore.read(finished[0] / "session.db") as store:
        for episode in store.episodes():
            driven = episode.corrected
            assert np.isfinite(episode.policy_actions).all()
            assert np.isfinite(episode.operator_actions[driven]).all()
            own = episode.sources == 0
            np.testing.assert_array_equal(
                episode.executed_actions[own], episode.policy_actions[own]
            )


def test_control_c_ends_with_one_line_and_code_130_and_loses_nothing(tmp_path):
    folder = tmp_path / "session"
    pipes = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([COMMAND, *ROVER, "--out", folder], **pipes) as process:
        try:
            _wait_for_steps(folder / "session.db", 20, process)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert errors.strip().count("\n") == 0, errors
    assert "interrupted" in errors
    assert len(episodes_of(folder)) == 2
