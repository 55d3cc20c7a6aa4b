"""Sessions of older schemas, which knew less, stay readable and usable."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from recorded_steps import make_step, record

from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.schema import SCHEMA_VERSION
from iml_robot.data.store import SessionStore

DROPPED = {
    3: "ALTER TABLE steps DROP COLUMN features;",
    2: "ALTER TABLE episodes DROP COLUMN continues;"
    "ALTER TABLE episodes DROP COLUMN begins_at;"
    "ALTER TABLE episodes DROP COLUMN rewound_to;",
    1: "ALTER TABLE steps DROP COLUMN p_help; ALTER TABLE steps DROP COLUMN asked;",
}
"""What makes a file of the schema after this one a file of it."""


@pytest.fixture(params=[1, 2, 3])
def old(request, tmp_path, rng):
    """A session file as an older schema had it, and its episode."""
    path = tmp_path / "session.db"
    with SessionStore.create(path) as store:
        record(SessionRecorder(store), [make_step(rng) for _ in range(20)])
        episodes = store.episodes()
    with closing(sqlite3.connect(path)) as connection:
        for known, statements in DROPPED.items():
            if known >= request.param:
                connection.executescript(statements)
        connection.execute(f"PRAGMA user_version = {request.param}")
    return path, episodes[0]


def version(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def test_every_older_schema_is_tried():
    assert sorted(DROPPED) == list(range(1, SCHEMA_VERSION))


def test_an_old_session_is_read_as_it_is(old):
    path, episode = old
    found = version(path)
    assert found < SCHEMA_VERSION
    with SessionStore.read(path) as store:
        (again,) = store.episodes()
    np.testing.assert_array_equal(again.observations, episode.observations)
    np.testing.assert_array_equal(again.executed_actions, episode.executed_actions)
    assert np.isnan(again.p_help).all()
    assert not again.asked.any()
    assert again.features.shape == (20, 0)
    assert version(path) == found


def test_an_old_session_goes_on_with_the_new_columns(old, rng):
    path, episode = old
    steps = [make_step(rng, asking=bool(n % 2), features=3) for n in range(6)]
    with SessionStore.resume(path) as store:
        record(SessionRecorder(store), steps, number=1)
        first, second = store.episodes()
    assert version(path) == SCHEMA_VERSION
    np.testing.assert_array_equal(first.observations, episode.observations)
    np.testing.assert_array_equal(second.asked, [False, True] * 3)
    np.testing.assert_array_equal(
        second.p_help, np.array([step.ask.p_help for step in steps], np.float32)
    )
    assert first.features.shape == (20, 0)
    features = np.stack([step.features for step in steps])
    assert second.features.tobytes() == features.tobytes()


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
