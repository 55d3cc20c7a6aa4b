"""A task is a file; importing the package is cheap; the benchmark measures."""

import subprocess
import sys

import pytest

from iml_robot_envs import benchmark
from iml_robot_envs.tasks import registration_of


def run_python(code):
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_importing_the_robots_warns_of_nothing_and_loads_no_physics():
    done = run_python(
        "import sys, iml_robot_envs\n"
        "heavy = {'mujoco', 'scipy', 'pygame', 'torch', 'iml_robot'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    assert done.returncode == 0, done.stderr


def test_driving_a_robot_loads_neither_torch_nor_the_learning_side_nor_pygame():
    done = run_python(
        "import sys, gymnasium as gym\n"
        "env = gym.make('iml_robot_envs:iml/RoverRocks-v0', disable_env_checker=True)\n"
        "env.reset(); env.step(env.action_space.sample())\n"
        "loaded = {'torch', 'iml_robot', 'pygame'} & set(sys.modules)\n"
        "assert not loaded, loaded"
    )
    assert done.returncode == 0, done.stderr


def test_a_registration_is_read_without_running_the_task():
    source = (
        'import no_such_module\nREGISTRATION = {"id": "iml/New-v0"}\nraise SystemExit\n'
    )
    assert registration_of(source, "new") == {"id": "iml/New-v0"}


def test_a_task_without_a_registration_is_told_how_to_write_one():
    with pytest.raises(
        ValueError, match="the task new has no REGISTRATION; add REGISTRATION"
    ):
        registration_of("x = 1\n", "new")


def test_the_benchmark_measures_the_environment_against_its_own_physics():
    figures = benchmark.measure_rover(200)
    assert set(figures) == {
        "control_steps_per_s", "raw_mujoco_steps_per_s", "share",
        "reset_ms_median", "reset_ms_p95",
    }  # fmt: skip
    # Bounds that a slow and busy machine keeps: nothing costs more than the physics does.
    assert 0.2 < figures["share"] < 1
    rates = figures["control_steps_per_s"], figures["raw_mujoco_steps_per_s"]
    assert rates[0] / rates[1] == pytest.approx(figures["share"])
    assert 0 < figures["reset_ms_median"] <= figures["reset_ms_p95"]


def test_the_benchmark_needs_a_chunk_of_steps():
    with pytest.raises(ValueError, match="steps must be at least 50, got 10"):
        benchmark.measure_rover(10)
