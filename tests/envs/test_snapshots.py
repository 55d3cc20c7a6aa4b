"""Snapshots: going back gives the same future, here and in another environment."""

import gymnasium as gym
import numpy as np
import pytest
from driving_range import IDS, fingerprint, run
from hypothesis import given
from hypothesis import strategies as st

from iml_robot_envs.snapshot import pack, unpack

CHOICE = {"level": 3, "split": "correction", "index": 12, "noise": 5}


@pytest.fixture(params=IDS)
def name(request):
    return request.param


def make(name):
    return gym.make(name, disable_env_checker=True)


def test_a_restored_snapshot_has_the_same_future_bit_for_bit(name):
    env = make(name)
    env.reset(options=dict(CHOICE))
    last = run(env, 25)[-1]
    snapshot = env.unwrapped.get_state()
    future = fingerprint(run(env, 30, first=25))
    observation, info = env.unwrapped.set_state(snapshot)
    assert observation.tobytes() == last[0].tobytes()
    step = {"reward_terms": None, "features": None}
    assert {**info, **step} == {**last[4], **step}
    assert env.unwrapped.get_state() == snapshot
    assert fingerprint(run(env, 30, first=25)) == future


@pytest.mark.parametrize("used", [False, True], ids=["fresh", "on another map"])
def test_another_environment_continues_a_snapshot_bit_for_bit(name, used):
    env, other = make(name), make(name)
    env.reset(options=dict(CHOICE))
    run(env, 25)
    snapshot = env.unwrapped.get_state()
    future = fingerprint(run(env, 30, first=25))
    other.reset(options={"level": 0, "split": "train", "index": 1})
    if used:
        run(other, 10)
    other.unwrapped.set_state(snapshot)
    assert fingerprint(run(other, 30, first=25)) == future


def test_a_snapshot_needs_no_reset_before_it_is_restored(name):
    env, other = make(name), make(name)
    observation, _ = env.reset(options=dict(CHOICE))
    seen, info = other.unwrapped.set_state(env.unwrapped.get_state())
    assert seen.tobytes() == observation.tobytes()
    assert info["index"] == CHOICE["index"]
    other.unwrapped.step(np.zeros(env.action_space.shape, np.float32))


def test_restoring_leaves_the_snapshot_of_the_future_alone(name):
    env = make(name)
    env.reset(options=dict(CHOICE))
    first = env.unwrapped.get_state()
    run(env, 10)
    assert env.unwrapped.get_state() != first


@pytest.mark.parametrize("state", [b"", b"nonsense", b"iml-snapshot-1 {}"])
def test_bytes_that_are_no_snapshot_are_refused(name, state):
    env = make(name)
    env.reset()
    with pytest.raises(ValueError, match="not a snapshot"):
        env.unwrapped.set_state(state)


def test_a_cut_snapshot_is_refused(name):
    env = make(name)
    env.reset()
    with pytest.raises(ValueError, match="damaged snapshot"):
        env.unwrapped.set_state(env.unwrapped.get_state()[:-3])


def test_a_snapshot_of_another_task_is_refused():
    rover, point = make("iml/RoverRocks-v0"), make("iml/Point-v0")
    point.reset()
    with pytest.raises(
        ValueError, match="a snapshot of Point cannot be restored in RoverRocks"
    ):
        rover.unwrapped.set_state(point.unwrapped.get_state())


def test_without_a_reset_there_is_nothing_to_take_a_snapshot_of(name):
    with pytest.raises(ValueError, match="get_state before reset"):
        make(name).unwrapped.get_state()


@pytest.mark.parametrize("state", [np.zeros(3), np.full(4, np.nan)])
def test_a_body_refuses_the_state_of_another_body(name, state):
    env = make(name)
    env.reset()
    simulation = env.unwrapped.simulation
    with pytest.raises(ValueError, match="finite numbers"):
        simulation.robots.set_state(0, state, simulation.grounds)


@given(
    st.lists(st.floats(allow_nan=False), max_size=20),
    st.text(max_size=10),
    st.integers(-(2**53), 2**53),
)
def test_whatever_is_packed_is_unpacked(numbers, text, whole):
    arrays = {
        "a": np.array(numbers, float),
        "b\n": np.zeros((2, 3)),
        "none": np.empty((0, 2)),
    }
    facts, unpacked = unpack(pack({"text": text, "whole": whole}, arrays))
    assert facts == {"text": text, "whole": whole}
    assert list(unpacked) == list(arrays)
    for name, array in arrays.items():
        assert unpacked[name].tobytes() == array.tobytes()
        assert unpacked[name].shape == array.shape
        assert unpacked[name].flags.writeable
