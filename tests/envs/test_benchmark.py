"""The benchmark times the environments against the physics that they simulate."""

import gymnasium as gym
import numpy as np
import pytest
from batches import vector

from iml_robot_envs import benchmark
from iml_robot_envs.benchmark_drives import Crew, Recorder
from iml_robot_envs.benchmark_memory import memory_mb

pytestmark = pytest.mark.slow

ROVER = "iml/RoverRocks-v0"


def test_one_robot_is_measured_against_mujoco_alone():
    figures = benchmark.measure_one(ROVER, 200)
    # Bounds that a slow and busy machine keeps: nothing costs more than it can.
    assert 0.05 < figures["share"] < 1
    rates = figures["steps_per_s"], figures["raw_mujoco_steps_per_s"]
    assert rates[0] / rates[1] == pytest.approx(figures["share"])
    assert 100 < rates[0] < 1e5
    assert 0 < figures["reset_ms_median"] <= figures["reset_ms_p95"]


def test_many_robots_are_measured_against_bare_batches():
    figures = benchmark.measure_batch(ROVER, 20, robots=4)
    assert 0.05 < figures["share"] < 1.1
    rates = figures["steps_per_s"], figures["bare_batch_steps_per_s"]
    assert rates[0] / rates[1] == pytest.approx(figures["share"])


@pytest.mark.parametrize(
    ("measure", "least"), [(benchmark.measure_one, 50), (benchmark.measure_batch, 10)]
)
def test_too_few_steps_are_refused(measure, least):
    with pytest.raises(ValueError, match=f"steps must be at least {least}, got 9"):
        measure(ROVER, 9)


def test_all_figures_come_under_the_names_of_the_robots(monkeypatch):
    monkeypatch.setattr(benchmark, "ROBOTS", {"rover": ROVER, "boat": "iml/NoBoat-v0"})
    monkeypatch.setattr(benchmark, "LEAST_RESETS", 1)
    monkeypatch.setattr(benchmark, "memory_mb", lambda name, robots: 10.0 * robots)
    monkeypatch.setattr(benchmark, "BATCH_CHUNKS", 2)
    figures = benchmark.measure_all(60, robots=3)
    assert figures["rover_3_memory_mb"] == 30.0
    assert {"rover_steps_per_s", "rover_3_share", "picture_ms_median"} <= set(figures)
    assert all(np.isfinite(value) and value > 0 for value in figures.values())
    assert not any(name.startswith("boat") for name in figures)


def test_a_replay_ends_in_the_same_state_bit_for_bit():
    env = vector(ROVER, 3, threads=1)
    env.reset(seed=0, options={"level": 2})
    batch = env.simulation.robots.batch
    recorder = Recorder(batch)
    ends = []
    original = recorder._step
    recorder._step = lambda *args, **kwargs: (
        original(*args, **kwargs),
        ends.append(batch.state.copy()),
    )
    recorder.start()
    for _ in range(5):
        env.step(np.full((3, 2), 0.5))
    recorder.stop()
    driven, again = ends.copy(), len(ends)
    state = batch.state.copy()
    assert recorder.complete
    assert recorder.replay() > 0
    np.testing.assert_array_equal(ends[again:], driven)
    np.testing.assert_array_equal(batch.state, state)
    recorder.start()
    env.reset(options={"reset_mask": np.array([True, False, False])})
    assert not recorder.complete


def test_the_first_robot_alone_ends_in_the_same_state_bit_for_bit():
    env = gym.make(ROVER, disable_env_checker=True)
    env.reset(seed=0, options={"level": 2})
    batch = env.unwrapped.simulation.robots.batch
    recorder = Recorder(batch)
    recorder.start()
    for _ in range(5):
        env.step(np.array([0.5, 0.2]))
    assert recorder.replay_first() > 0
    data = recorder._data
    np.testing.assert_array_equal(data.qpos, batch.bind("qpos")[0])
    np.testing.assert_array_equal(data.qvel, batch.bind("qvel")[0])


def test_each_robot_has_a_driver_of_its_own():
    env = vector("iml/Point-v0", 3)
    observations, _ = env.reset(seed=0)
    actions = Crew([env.make_pilot() for _ in range(3)]).act(observations)
    assert actions.shape == (3, 2)
    alone = env.make_pilot()
    for own, action in zip(observations, actions, strict=True):
        np.testing.assert_array_equal(action, alone.act(own))


def test_memory_of_an_environment_that_does_not_exist_is_no_figure():
    with pytest.raises(RuntimeError, match="measuring the memory of iml/No-v0 failed"):
        memory_mb("iml/No-v0", 2)
