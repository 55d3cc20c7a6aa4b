"""An episode that was rewound, and the one that goes on from it, in the session file."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from recorded_steps import any_float32, make_step

from iml_robot.core.errors import ArtifactError
from iml_robot.core.types import EpisodeInfo
from iml_robot.data.recorder import SessionRecorder
from iml_robot.data.store import SessionStore


def record(store, rng, info, steps, *, rewound_to=None):
    recorder = SessionRecorder(store)
    recorder.begin(info)
    for _ in range(steps):
        recorder.add(make_step(rng))
    last = any_float32(rng, len(make_step(rng).observation))
    outcome = "rolled_over" if rewound_to is not None else "success"
    return recorder.finish(last, outcome=outcome, terminated=True, rewound_to=rewound_to)


@pytest.fixture
def chain(tmp_path, rng):
    """A session in which one episode was rewound twice."""
    path = tmp_path / "session.db"
    infos = [
        EpisodeInfo(0, "practice", "iml/Point-v0", 5),
        EpisodeInfo(1, "practice", "iml/Point-v0", 5, continues=0, begins_at=8),
        EpisodeInfo(2, "practice", "iml/Point-v0", 5, continues=1, begins_at=11),
    ]
    with SessionStore.create(path) as store:
        for info, steps, rewound_to in zip(infos, (10, 6, 4), (8, 11, None), strict=True):
            record(store, rng, info, steps, rewound_to=rewound_to)
    return path


def test_what_was_rewound_stays_recorded_and_says_how_much_it_was(chain):
    with SessionStore.read(chain) as store:
        first, second, third = store.episodes()
    assert [len(episode) for episode in (first, second, third)] == [10, 6, 4]
    assert [e.rewound_steps for e in (first, second, third)] == [2, 3, 0]
    assert [e.info.continues for e in (first, second, third)] == [None, 0, 1]


def test_a_continuation_knows_all_that_was_driven_before_it(chain):
    with SessionStore.read(chain) as store:
        first, second, third = store.episodes()
        (alone,) = store.episodes(first=2)
    before = np.concatenate([first.executed_actions[:8], second.executed_actions[:3]])
    for episode in (third, alone):
        np.testing.assert_array_equal(episode.prelude, before)
        np.testing.assert_array_equal(episode.driven[:11], before)
        np.testing.assert_array_equal(episode.driven[11:], third.executed_actions)
        assert episode.knows_prelude


def test_marks_of_a_rewind_are_covered_by_the_checksum(chain):
    with closing(sqlite3.connect(chain)) as connection:
        connection.execute("UPDATE episodes SET rewound_to = 7 WHERE episode_id = 0")
        connection.commit()
    with (
        SessionStore.read(chain) as store,
        pytest.raises(ArtifactError, match="does not match its checksum"),
    ):
        store.episodes()


def test_a_continuation_that_lost_its_beginning_says_so(chain):
    with closing(sqlite3.connect(chain)) as connection:
        connection.execute("DELETE FROM steps WHERE episode_id = 0")
        connection.execute("DELETE FROM episodes WHERE episode_id = 0")
        connection.commit()
    with SessionStore.read(chain) as store:
        second, third = store.episodes()
    assert not second.knows_prelude
    assert not third.knows_prelude
