"""Compiled functions: never stale, announced once, and possible without a cache."""

import os
import subprocess
import sys
import time
from pathlib import Path

import gymnasium as gym
import pytest
from batches import vector
from driving_range import IDS
from numba.core import event

from iml_robot_envs import compiled
from iml_robot_envs.warm_up import warm_up

pytestmark = pytest.mark.slow

RUN = (
    "import logging; logging.basicConfig(); from robots.speed import fast; print(fast(3.0))"
)
SPEED = """
from robots.compiled import compiled
from robots.limits import FACTOR

@compiled
def fast(number):
    return FACTOR * number
"""


@pytest.fixture
def package(tmp_path):
    """Return a folder with a package of one compiled function and a constant."""
    folder = tmp_path / "robots"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "compiled.py").write_text(Path(compiled.__file__).read_text())
    (folder / "speed.py").write_text(SPEED)
    (folder / "limits.py").write_text("FACTOR = 2.0\n")
    return folder


def run(package):
    """Return what the function gives in a process of its own, and what is logged."""
    home = str(package.parent / "home")
    surroundings = {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    result = subprocess.run(
        [sys.executable, "-c", RUN],
        cwd=package.parent,
        env=surroundings,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(result.stdout), result.stderr.count("compiling the simulators")


def test_compiling_is_announced_once_on_a_machine(package):
    assert run(package) == (6.0, 1)
    assert run(package) == (6.0, 0)


def test_a_constant_changed_in_another_file_is_compiled_in(package):
    run(package)
    (package / "limits.py").write_text("FACTOR = 5.0\n")
    assert run(package) == (15.0, 1)


def test_each_state_of_the_sources_has_a_folder_of_its_own(package):
    run(package)
    (package / "limits.py").write_text("FACTOR = 5.0\n")
    run(package)
    (package / "limits.py").write_text("FACTOR = 2.0\n")
    assert run(package) == (6.0, 0)
    assert len(list((package / "__pycache__").glob("compiled-*/*.nbi"))) == 2


def test_machine_code_of_old_sources_is_thrown_away_after_two_days(package):
    place = package / "__pycache__"
    ages_h = {"compiled-old": 49, "compiled-new": 47, "notes": 999}
    for name, age_h in ages_h.items():
        (place / name).mkdir(parents=True)
        (place / name / "fast.nbi").touch()
        os.utime(place / name, (then := time.time() - 3600 * age_h, then))
    (place / "fast.nbi").touch()
    os.utime(place / "fast.nbi", (then, then))
    run(package)
    left = {path.name for path in place.iterdir()}
    assert left >= {"compiled-new", "notes"}
    assert left.isdisjoint({"compiled-old", "fast.nbi"})


def test_where_nothing_can_be_written_it_works_all_the_same(package):
    (package / "__pycache__").touch()
    (package.parent / "home").touch()
    assert run(package) == (6.0, 1)
    assert run(package) == (6.0, 1)


def test_after_warming_up_nothing_is_left_to_compile():
    warm_up()
    late = event.RecordingListener()
    with event.install_listener("numba:compile", late):
        for name in IDS:
            for env in (gym.make(name), vector(name, 1), vector(name, 3)):
                for level in (1, 2):
                    env.reset(options={"level": level})
                    env.step(env.action_space.sample())
    assert [e.data["dispatcher"].py_func.__name__ for _, e in late.buffer] == []
