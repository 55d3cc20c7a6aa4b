"""Whole sessions in which the robot asks: fits beside policies, the same when resumed."""

import signal
import sqlite3
import subprocess
import time
from contextlib import closing

import numpy as np
import pytest
from commands import COMMAND, call_here

from iml_robot.data.store import SessionStore

pytestmark = pytest.mark.slow

POINT = ("run", "point", "--episodes", "4", "--seed", "2", "--set", "evaluation=[]")
# A learner that tries its policies before they drive, in the same way once resumed.
LEARNER = "learner={name: corrective, updates: 10, candidates: false}"
POINT += ("--set", LEARNER, "--set", "asking.name=calibrated")
POINT += ("--set", "asking.maps=8")


def run(*arguments):
    done = call_here(*arguments)
    assert done.returncode == 0, done.stderr


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
