"""The writer thread: it keeps its promises when the disk does not."""

import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from contextlib import closing

import pytest
from recorded_steps import make_step, record

from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.schema import connect
from iml_robot.data.store import SessionStore
from iml_robot.data.writer import DatabaseWriter

INSERT = "INSERT INTO numbers VALUES (?)"


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "numbers.db"
    with closing(connect(file, writable=True, create=True)) as connection:
        connection.execute("CREATE TABLE numbers (n INTEGER PRIMARY KEY)")
    return file


def stored(path):
    with closing(connect(path, writable=False)) as connection:
        return [n for (n,) in connection.execute("SELECT n FROM numbers ORDER BY n")]


def wait_until(condition, *, timeout_s=5.0):
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "the condition did not come true in time"
        time.sleep(0.005)


def test_rows_are_committed_within_a_quarter_of_a_second(path):
    writer = DatabaseWriter(path)
    writer.put(INSERT, (0,))
    wait_until(lambda: stored(path))
    for n in range(1, 4):
        put = time.monotonic()
        writer.put(INSERT, (n,))
        wait_until(lambda n=n: n in stored(path))
        # A margin of 0.15 s for a busy machine on top of the promise.
        assert time.monotonic() - put < 0.25 + 0.15
    assert writer.close()


def test_flush_waits_for_everything_put_before_it(path):
    writer = DatabaseWriter(path, commit_interval_s=60.0)
    for n in range(5000):
        writer.put(INSERT, (n,))
    assert writer.flush()
    assert stored(path) == list(range(5000))
    assert writer.close()


def test_close_commits_what_waits(path):
    writer = DatabaseWriter(path, commit_interval_s=60.0)
    for n in range(10):
        writer.put(INSERT, (n,))
    assert writer.close()
    assert stored(path) == list(range(10))


def test_rows_after_close_are_counted_as_lost(path):
    writer = DatabaseWriter(path)
    assert writer.close()
    writer.put(INSERT, (1,))
    assert writer.problem == "1 rows were lost"


def test_a_locked_database_only_delays_rows(path):
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writer = DatabaseWriter(path, commit_interval_s=0.01)
        writer.put(INSERT, (1,))
        wait_until(lambda: not writer.healthy)
        assert writer.problem == "cannot write numbers.db: database is locked"
        other.execute("COMMIT")
    assert writer.flush() or writer.flush()
    assert writer.healthy
    assert stored(path) == [1]
    writer.close()


def test_a_refused_row_does_not_take_others_with_it(path, caplog):
    writer = DatabaseWriter(path)
    for n in (1, 2, 2, 3):
        writer.put(INSERT, (n,))
    assert writer.flush()
    assert stored(path) == [1, 2, 3]
    assert writer.problem == "1 rows were lost"
    assert "UNIQUE constraint failed" in caplog.text
    assert not writer.close()


def test_a_full_queue_drops_the_newest_and_says_so(path):
    writer = DatabaseWriter(path, commit_interval_s=60.0, capacity=100)
    for n in range(130):
        writer.put(INSERT, (n,))
    assert writer.lost == 30
    writer.close()
    assert stored(path) == list(range(100))


# Linux answers writes beyond RLIMIT_FSIZE like a full disk does: with an error.
FULL_DISK = """
    import resource, signal, sys, time
    from pathlib import Path
    sys.path.insert(0, {tests!r})
    import numpy as np
    from recorded_steps import make_info, make_step
    from iml_robot.data.recorder import SessionRecorder
    from iml_robot.data.store import SessionStore

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    rng = np.random.default_rng(0)
    store = SessionStore.create(Path({path!r}))
    recorder = SessionRecorder(store)
    def episode(number):
        recorder.begin(make_info(number))
        slowest = 0.0
        for _ in range(600):
            step = make_step(rng)
            start = time.perf_counter()
            recorder.add(step)
            slowest = max(slowest, time.perf_counter() - start)
        result = recorder.finish(rng.random(5), outcome="success", terminated=True)
        assert len(result) == 600
        return slowest
    episode(0)
    assert store.healthy
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, limit[1]))
    slowest = episode(1)
    print("full:", store.healthy, store.problem, slowest < 0.05)
    resource.setrlimit(resource.RLIMIT_FSIZE, limit)
    store.flush() or store.flush()
    print("freed:", store.healthy, [e.kind for e in store.events()])
    print("kept:", [len(e) for e in store.episodes()], store.close())
"""


def test_a_full_disk_stops_recording_but_never_the_loop(tmp_path, request):
    code = FULL_DISK.format(
        tests=str(request.path.parent), path=str(tmp_path / "session.db")
    )
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    full, freed, kept = result.stdout.splitlines()
    assert full.startswith("full: False cannot write session.db: ")
    assert full.endswith(" True")
    assert freed == "freed: True ['recording_failed']"
    assert kept == "kept: [600, 600] True"
    assert "not recording" in result.stderr


def test_a_file_that_vanishes_is_reported_and_does_not_stop_the_loop(tmp_path, rng):
    folder = tmp_path / "gone"
    folder.mkdir()
    store = SessionStore.create(folder / "session.db")
    store.flush()
    shutil.rmtree(folder)
    episode = record(SessionRecorder(store), [make_step(rng) for _ in range(5)])
    assert len(episode) == 5
    assert "cannot write session.db" in store.problem
    assert not store.close()


def test_the_limits_of_this_process_are_untouched():
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    assert signal.getsignal(signal.SIGINT) is not signal.SIG_IGN
