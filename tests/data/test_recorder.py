"""What goes into a recorder comes out of the file, bit for bit."""

import dataclasses
import itertools
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded_steps import OBS_DIM, any_float32, make_info, make_step, record

from iml_robot.core.types import EpisodeInfo, Source
from iml_robot.data.recorder import MemoryRecorder, SessionRecorder
from iml_robot.data.store import SessionStore

ARRAYS = (
    "observations",
    "policy_actions",
    "operator_actions",
    "executed_actions",
    "sources",
    "authorities",
    "rewards",
    "evaluations",
    "features",
)


def assert_same(first, second):
    assert first.info == second.info
    for name in ARRAYS:
        a, b = getattr(first, name), getattr(second, name)
        assert (a.dtype, a.shape) == (b.dtype, b.shape)
        assert a.tobytes() == b.tobytes(), name


def test_an_episode_holds_what_was_added(rng):
    steps = [make_step(rng, commanded=i % 2 == 0, evaluated=i == 1) for i in range(4)]
    last = any_float32(rng, OBS_DIM)
    recorder = MemoryRecorder()
    recorder.begin(make_info(3))
    for step in steps:
        recorder.add(step)
    episode = recorder.finish(last, outcome="rolled_over", terminated=True)
    expected = np.stack([*(s.observation for s in steps), last])
    assert episode.observations.tobytes() == expected.tobytes()
    executed = np.stack([s.decision.executed for s in steps])
    assert episode.executed_actions.tobytes() == executed.tobytes()
    assert np.array_equal(episode.policy_actions, [s.policy_action for s in steps])
    assert np.array_equal(
        episode.operator_actions[::2], [s.signal.action for s in steps[::2]]
    )
    assert np.isnan(episode.operator_actions[1::2]).all()
    assert episode.sources.tolist() == [s.decision.source for s in steps]
    assert np.array_equal(episode.rewards, np.float32([s.reward for s in steps]))
    assert np.isnan(episode.evaluations).tolist() == [True, False, True, True]
    assert episode.evaluations[1] == steps[1].signal.evaluation
    assert (episode.info.episode_id, episode.info.outcome) == (3, "rolled_over")
    assert episode.info.terminated


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), length=st.integers(0, 8), terminated=st.booleans())
def test_the_file_gives_back_the_same_bits(store, seed, length, terminated):
    rng = np.random.default_rng(seed)
    recorder = SessionRecorder(store)
    info = make_info(
        store.next_episode_id,
        seed=seed,
        options={"level": 2, "split": "test", "x": [1, None, 0.5]},
        policy_version=4,
    )
    recorder.begin(info)
    features = int(rng.integers(4))
    for _ in range(length):
        step = make_step(
            rng,
            commanded=bool(rng.integers(2)),
            evaluated=bool(rng.integers(2)),
            features=features,
        )
        recorder.add(step)
    episode = recorder.finish(
        any_float32(rng, OBS_DIM), outcome="time_limit", terminated=terminated
    )
    with SessionStore.read(store.path) as reader:
        (again,) = reader.episodes(first=info.episode_id)
    assert_same(episode, again)


def test_a_reward_that_is_no_number_stays_none(store, rng):
    step = dataclasses.replace(make_step(rng), reward=float("nan"))
    episode = record(SessionRecorder(store), [step])
    assert np.isnan(episode.rewards).all()
    assert_same(episode, store.episodes()[0])


def test_an_episode_knows_the_features_of_its_steps(store, rng):
    steps = [make_step(rng, features=7) for _ in range(5)]
    episode = record(SessionRecorder(store), steps)
    told = np.stack([step.features for step in steps])
    assert episode.features.dtype == np.float32
    assert episode.features.tobytes() == told.tobytes()
    assert_same(episode, store.episodes()[0])


def test_an_episode_without_features_has_no_columns_of_them(store, rng):
    episode = record(SessionRecorder(store), [make_step(rng) for _ in range(5)])
    assert episode.features.shape == (5, 0)
    assert_same(episode, store.episodes()[0])


def test_features_that_change_their_number_are_refused(rng):
    steps = [make_step(rng, features=3), make_step(rng, features=4)]
    with pytest.raises(ValueError, match="every feature vector must have the same size"):
        record(MemoryRecorder(), steps)


def test_buffers_that_the_environment_reuses_are_copied(rng):
    step = make_step(rng)
    before = step.observation.copy()
    recorder = MemoryRecorder()
    recorder.begin(make_info(0))
    recorder.add(step)
    step.observation[:] = 0
    episode = recorder.finish(before, outcome="success", terminated=True)
    assert episode.observations[0].tobytes() == before.tobytes()


def test_arrays_of_an_episode_are_writable_and_float32(store, rng):
    record(SessionRecorder(store), [make_step(rng)])
    (episode,) = store.episodes()
    assert episode.observations.flags.writeable
    assert episode.observations.dtype == np.float32


def test_calls_out_of_order_are_refused(store, rng):
    recorder = SessionRecorder(store)
    with pytest.raises(RuntimeError, match="no episode is open; call begin first"):
        recorder.add(make_step(rng))
    recorder.begin(make_info(0))
    with pytest.raises(RuntimeError, match="episode 0 is still open; call finish first"):
        recorder.begin(make_info(1))
    with pytest.raises(ValueError, match="outcome must not be empty"):
        recorder.finish(any_float32(rng, OBS_DIM), outcome="", terminated=False)


def test_a_number_is_given_to_one_episode_only(store, rng):
    recorder = SessionRecorder(store)
    record(recorder, [make_step(rng)], number=0)
    with pytest.raises(RuntimeError, match="episode 0 exists; the next free number is 1"):
        recorder.begin(make_info(0))


def test_the_episode_that_runs_is_not_read(store, rng):
    recorder = SessionRecorder(store)
    record(recorder, [make_step(rng)], number=0)
    recorder.begin(make_info(1))
    for _ in range(3):
        recorder.add(make_step(rng))
    assert [e.info.episode_id for e in store.episodes()] == [0]


def test_an_interrupted_episode_ends_at_the_last_known_result(tmp_path, rng):
    steps = [make_step(rng) for _ in range(5)]
    with SessionStore.create(tmp_path / "session.db") as store:
        recorder = SessionRecorder(store)
        recorder.begin(make_info(0))
        for step in steps:
            recorder.add(step)
    with SessionStore.resume(tmp_path / "session.db") as store:
        (episode,) = store.episodes()
        assert store.next_episode_id == 1
    assert (episode.info.outcome, episode.info.terminated) == ("interrupted", False)
    assert len(episode) == 4
    expected = np.stack([step.observation for step in steps])
    assert episode.observations.tobytes() == expected.tobytes()


def test_recording_goes_on_after_an_interruption(tmp_path, rng):
    with SessionStore.create(tmp_path / "session.db") as store:
        recorder = SessionRecorder(store)
        recorder.begin(make_info(0))
        recorder.add(make_step(rng))
        recorder.add(make_step(rng))
    with SessionStore.resume(tmp_path / "session.db") as store:
        record(SessionRecorder(store), [make_step(rng)], number=store.next_episode_id)
        outcomes = [e.info.outcome for e in store.episodes()]
    assert outcomes == ["interrupted", "success"]


def test_adding_a_step_takes_less_than_100_microseconds(store):
    rng = np.random.default_rng(1)
    step = dataclasses.replace(make_step(rng), observation=any_float32(rng, 400))
    recorder = SessionRecorder(store)
    recorder.begin(EpisodeInfo(0, "practice", "x", 0))
    times_s = []
    for _ in range(2000):
        start = time.perf_counter()
        recorder.add(step)
        times_s.append(time.perf_counter() - start)
    # The median, because the scheduler of a busy machine decides the tail.
    assert np.median(times_s) < 100e-6


def test_takeovers_survive_storage(store, rng):
    pattern = [
        Source.POLICY,
        Source.OPERATOR,
        Source.OPERATOR,
        Source.BLEND,
        Source.OPERATOR,
    ]
    steps = []
    for source in pattern:
        step = make_step(rng)
        decision = dataclasses.replace(step.decision, source=source)
        steps.append(dataclasses.replace(step, decision=decision))
    record(SessionRecorder(store), steps)
    (episode,) = store.episodes()
    assert episode.takeovers() == [slice(1, 3), slice(4, 5)]
    runs = [len(list(run)) for key, run in itertools.groupby(episode.corrected) if key]
    assert runs == [2, 1]
