"""Whole sessions in which the robot asks: fits beside policies, the same when resumed."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from iml_robot.data.store import SessionStore

COMMAND = Path(sys.executable).parent / "iml-robot"
POINT = ("run", "point", "--episodes", "4", "--seed", "2", "--set", "evaluation=[]")
POINT += ("--set", "learner.updates=40", "--set", "asking.name=calibrated")
POINT += ("--set", "asking.maps=8")


def run(*arguments):
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [COMMAND, *map(str, arguments)],
        env=environment,
        timeout=100,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done


def episodes_of(folder):
    with SessionStore.read(folder / "session.db") as store:
        return [e for e in store.episodes() if e.info.outcome != "interrupted"]


def complete_episodes(database):
    """Return how many episodes have an end, with another process writing."""
    if not database.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            sql = "SELECT count(*) FROM episodes WHERE crc32 IS NOT NULL"
            return connection.execute(sql).fetchone()[0]
    except sqlite3.Error:
        return 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("asking") / "whole"
    run(*POINT, "--out", folder)
    return folder


def test_what_was_fitted_lies_beside_every_policy(whole):
    policies = {path.stem for path in (whole / "policies").glob("????.safetensors")}
    fits = {path.name.partition(".")[0] for path in (whole / "policies").glob("*.npz")}
    assert len(policies) > 1
    assert fits == policies


def test_probabilities_are_on_record(whole):
    said = np.concatenate([episode.p_help for episode in episodes_of(whole)])
    assert np.isfinite(said).all()
    assert said.min() >= 0
    assert said.max() <= 1


def test_a_killed_session_asks_on_as_if_nothing_had_happened(whole, tmp_path):
    folder = tmp_path / "killed"
    with subprocess.Popen(
        [COMMAND, *POINT, "--out", folder],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
    ) as process:
        deadline = time.monotonic() + 60
        while complete_episodes(folder / "session.db") < 2:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    run("run", "--resume", folder)
    first, second = episodes_of(whole), episodes_of(folder)
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.p_help, other.p_help)
        np.testing.assert_array_equal(one.asked, other.asked)
        np.testing.assert_array_equal(one.executed_actions, other.executed_actions)
