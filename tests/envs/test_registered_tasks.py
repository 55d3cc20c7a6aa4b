"""A task is a file; importing the package is cheap; the benchmark measures."""

import subprocess
import sys

import pytest

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
