"""Sessions of the first schema, which knew less, stay readable and usable."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from recorded_steps import make_step, record

from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.schema import SCHEMA_VERSION
from iml_robot.data.store import SessionStore


@pytest.fixture
def old(tmp_path, rng):
    """A session file as the first schema had it, and its episode."""
    path = tmp_path / "session.db"
    with SessionStore.create(path) as store:
        record(SessionRecorder(store), [make_step(rng) for _ in range(20)])
        episodes = store.episodes()
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "ALTER TABLE steps DROP COLUMN p_help; ALTER TABLE steps DROP COLUMN asked;"
            "ALTER TABLE episodes DROP COLUMN continues;"
            "ALTER TABLE episodes DROP COLUMN begins_at;"
            "ALTER TABLE episodes DROP COLUMN rewound_to;"
            "PRAGMA user_version = 1;"
        )
    return path, episodes[0]


def version(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def test_an_old_session_is_read_as_it_is(old):
    path, episode = old
    with SessionStore.read(path) as store:
        (again,) = store.episodes()
    np.testing.assert_array_equal(again.observations, episode.observations)
    np.testing.assert_array_equal(again.executed_actions, episode.executed_actions)
    assert np.isnan(again.p_help).all()
    assert not again.asked.any()
    assert version(path) == 1


def test_an_old_session_goes_on_with_the_new_columns(old, rng):
    path, episode = old
    steps = [make_step(rng, asking=bool(n % 2)) for n in range(6)]
    with SessionStore.resume(path) as store:
        record(SessionRecorder(store), steps, number=1)
        first, second = store.episodes()
    assert version(path) == SCHEMA_VERSION
    np.testing.assert_array_equal(first.observations, episode.observations)
    np.testing.assert_array_equal(second.asked, [False, True] * 3)
    np.testing.assert_array_equal(
        second.p_help, np.array([step.ask.p_help for step in steps], np.float32)
    )


def test_what_was_asked_is_covered_by_the_checksum(old, rng):
    path, _ = old
    with SessionStore.resume(path) as store:
        record(SessionRecorder(store), [make_step(rng, asking=True)], number=1)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE steps SET asked = 0 WHERE episode_id = 1")
        connection.commit()
    with (
        SessionStore.read(path) as store,
        pytest.raises(Exception, match="do not match their checksum"),
    ):
        store.episodes()
