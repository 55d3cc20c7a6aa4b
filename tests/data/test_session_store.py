"""The session file: its other tables, its lock, and what it refuses to open."""

import os
import shutil
import sqlite3
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from recorded_steps import make_info, make_step, record

from iml_robot.core.errors import ArtifactError, InfrastructureError, UsageError
from iml_robot.data import store as store_module
from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.records import PolicyRecord
from iml_robot.data.schema import APPLICATION_ID, SCHEMA_VERSION
from iml_robot.data.store import SessionStore


@pytest.fixture
def finished(tmp_path, rng):
    """A closed session of three episodes, and the episodes."""
    path = tmp_path / "session.db"
    with SessionStore.create(path) as store:
        recorder = SessionRecorder(store)
        for number in range(3):
            steps = [make_step(rng, features=9) for _ in range(20)]
            record(recorder, steps, number=number)
        episodes = store.episodes()
    return path, episodes


def test_values_policies_and_events_come_back(store):
    record_in = PolicyRecord(
        1, "policies/0001.safetensors", "ab" * 32, (0, 2), {"loss": 0.5}
    )
    store.put_policy(record_in)
    store.set_value("config", {"seed": 3})
    store.set_value("config", {"seed": 4})
    store.put_event("device_removed", episode_id=2, detail={"device": "pad", "axis": 1})
    store.put_event("paused", detail={"when": np.float32(0.5), "where": store.path})
    assert store.policies() == [record_in]
    assert store.value("config") == {"seed": 4}
    assert store.value("nothing", 7) == 7
    first, second = store.events()
    assert (first.kind, first.episode_id) == ("device_removed", 2)
    assert first.detail == {"device": "pad", "axis": 1}
    assert (second.episode_id, second.detail["when"]) == (None, 0.5)
    assert first.time_unix_s <= second.time_unix_s


def test_a_closed_session_is_one_file_and_its_lock(finished):
    path, _ = finished
    assert sorted(p.name for p in path.parent.iterdir()) == [
        "session.db",
        "session.db.lock",
    ]


def test_a_session_is_not_made_twice(finished):
    with pytest.raises(UsageError, match="there is a session already; resume it"):
        SessionStore.create(finished[0])


def test_a_reader_does_not_write(finished):
    with (
        SessionStore.read(finished[0]) as store,
        pytest.raises(RuntimeError, match="opened for reading; use resume"),
    ):
        store.put_event("x")


def test_a_reader_sees_a_session_that_another_store_writes(store, rng):
    record(SessionRecorder(store), [make_step(rng)])
    with SessionStore.read(store.path) as reader:
        assert len(reader.episodes()) == 1


def test_one_process_at_a_time_writes(store):
    code = f"""
        from pathlib import Path
        from iml_robot.core.errors import UsageError
        from iml_robot.data.store import SessionStore
        try:
            SessionStore.resume(Path({str(store.path)!r}))
        except UsageError as error:
            print(error)
    """
    store.flush()
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert f"in use by process {os.getpid()} on " in result.stdout
    with pytest.raises(UsageError, match="the session is in use by process"):
        SessionStore.resume(store.path)


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path):
    path = tmp_path / "session.db"
    code = f"""
        import os, signal
        from pathlib import Path
        from iml_robot.data.store import SessionStore
        store = SessionStore.create(Path({str(path)!r}))
        store.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    """
    result = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)
    assert result.returncode == -9
    assert path.with_name("session.db.lock").read_text().startswith("process ")
    with SessionStore.resume(path) as store:
        assert store.healthy


def test_a_forked_child_does_not_keep_the_lock(tmp_path):
    path = tmp_path / "session.db"
    code = f"""
        import os, time
        from pathlib import Path
        from iml_robot.data.store import SessionStore
        store = SessionStore.create(Path({str(path)!r}))
        store.flush()
        if os.fork() == 0:
            print(os.getpid(), flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        child = int(parent.stdout.readline())
        try:
            parent.kill()
            assert parent.wait() == -9
            SessionStore.resume(path).close()
        finally:
            os.kill(child, 9)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ArtifactError, match="there is no session file here"):
        SessionStore.read(tmp_path / "session.db")


@pytest.mark.parametrize("content", [b"", b"not a database", b"PK\x03\x04" * 2000])
def test_another_kind_of_file_is_refused(tmp_path, content):
    path = tmp_path / "session.db"
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match=r"session\.db: "):
        SessionStore.read(path)
    assert path.read_bytes() == content


def test_another_database_is_refused(tmp_path):
    path = tmp_path / "session.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE session (key, value)")
    connection.close()
    with pytest.raises(ArtifactError, match="is not a session of iml-robot"):
        SessionStore.resume(path)


def test_a_newer_schema_is_refused_with_both_versions(finished):
    path, _ = finished
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(
        ArtifactError, match=r"newer version \(schema 5, .* up to 4\); update"
    ):
        SessionStore.read(path)


def test_the_file_says_what_it_is(finished):
    header = finished[0].read_bytes()[:100]
    assert header[:16] == b"SQLite format 3\0"
    # Offset 68 of the header, by SQLite's description of its file format.
    assert header[68:72] == b"IMLR"
    assert int.from_bytes(b"IMLR", "big") == APPLICATION_ID


def test_a_truncated_file_is_refused_or_read_right(finished):
    path, episodes = finished
    content = path.read_bytes()
    for size in np.linspace(1, len(content) - 1, 25, dtype=int):
        path.write_bytes(content[:size])
        with pytest.raises(ArtifactError):
            SessionStore.read(path).episodes()
    path.write_bytes(content)
    assert len(SessionStore.read(path).episodes()) == len(episodes)


def test_a_flipped_bit_is_never_read_as_data(finished):
    path, episodes = finished
    content = path.read_bytes()
    original = {e.info.episode_id: e for e in episodes}
    rng = np.random.default_rng(3)
    refused = 0
    for _ in range(150):
        damaged = bytearray(content)
        damaged[int(rng.integers(len(content)))] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            read = SessionStore.read(path).episodes()
        except ArtifactError:
            refused += 1
            continue
        for episode in read:
            first = original[episode.info.episode_id]
            steps = len(episode)
            assert episode.info.outcome in (first.info.outcome, "interrupted")
            observed = first.observations[: steps + 1]
            assert episode.observations.tobytes() == observed.tobytes()
            executed = first.executed_actions[:steps]
            assert episode.executed_actions.tobytes() == executed.tobytes()
            assert np.array_equal(episode.rewards, first.rewards[:steps])
            told = first.features[:steps]
            assert episode.features.tobytes() == told.tobytes()
    # A quarter of the file is data, the rest is free space in its pages.
    assert refused > 20


def test_a_folder_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(InfrastructureError, match="cannot write here"):
        SessionStore.create(tmp_path / "none" / "session.db")


def test_a_nearly_full_disk_is_refused_with_the_figures(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(store_module, "REFUSE_BELOW_BYTES", usage.total + (1 << 20))
    with pytest.raises(
        InfrastructureError, match=r"MiB are free, at least .* MiB are needed"
    ):
        SessionStore.create(tmp_path / "session.db")


def test_a_gap_in_the_steps_ends_an_episode_there(finished):
    path, episodes = finished
    with sqlite3.connect(path) as connection:
        connection.execute("DELETE FROM steps WHERE episode_id = 1 AND step = 10")
    connection.close()
    read = SessionStore.read(path).episodes()
    assert [e.info.outcome for e in read] == ["success", "interrupted", "success"]
    assert len(read[1]) == 9
    assert read[1].observations.tobytes() == episodes[1].observations[:10].tobytes()


def test_a_name_with_every_odd_character_works(tmp_path, rng):
    folder = tmp_path / "a b#?%20é'\"; DROP"
    folder.mkdir()
    with SessionStore.create(folder / "session.db") as store:
        store.put_episode(make_info(0))
        record(SessionRecorder(store), [make_step(rng)], number=1)
        assert len(store.episodes()) == 1
