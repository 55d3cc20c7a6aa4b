"""The rover's world stays as it was: trained policies and calibrations rest on it.

`rover_trace.json` was recorded once. Whoever changes physics, maps or observation on
purpose raises the version in the environment's id, trains the shipped policies anew and
records the trace again: `python tests/envs/test_rover_trace.py`. Who changes no more than
the order of a sum, which the first of the tests does not see, only records it again.
"""

import hashlib
import json
import math
import platform
from pathlib import Path

import gymnasium as gym
import mujoco
import numba
import numpy as np
import pytest

import iml_robot_envs  # noqa: F401

STORED = Path(__file__).with_name("rover_trace.json")
MAPS = (
    {"level": 0, "split": "train", "index": 5},
    {"level": 2, "split": "val", "index": 3},
    {"level": 4, "split": "test", "index": 8},
)
STEPS = 150
STATE_START = 744


def drive(choice):
    """Return the observations of a fixed sequence of actions, (STEPS + 1, 756)."""
    env = gym.make("iml/RoverRocks-v0", disable_env_checker=True)
    observations = [env.reset(options=dict(choice))[0]]
    for k in range(STEPS):
        action = np.float32([0.8 + 0.2 * math.sin(k / 7), 0.6 * math.sin(k / 11)])
        observations.append(env.step(action)[0])
    return np.array(observations)


def machine():
    """Return what the last bits depend on: libraries and vector units."""
    from numpy._core._multiarray_umath import __cpu_features__

    units = sorted(name for name, there in __cpu_features__.items() if there)
    versions = np.__version__, numba.__version__, mujoco.__version__
    parts = (*versions, platform.machine(), *units)
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()


def sample(observations):
    """Return the state and the mean height of every tenth of the first 61 steps."""
    return [
        [float(value) for value in (*row[STATE_START:], row[:STATE_START].mean())]
        for row in observations[:61:10]
    ]


@pytest.fixture(scope="module", params=range(len(MAPS)), ids=["rocks", "ditches", "hard"])
def case(request):
    return (
        json.loads(STORED.read_text())["maps"][request.param],
        drive(MAPS[request.param]),
    )


def test_three_seconds_of_driving_give_the_stored_observations(case):
    stored, observations = case
    np.testing.assert_allclose(sample(observations), stored["sample"], atol=1e-4)


def test_on_the_same_machine_every_bit_is_as_stored(case):
    if json.loads(STORED.read_text())["machine"] != machine():
        pytest.skip("the last bits depend on NumPy, Numba, MuJoCo and the processor")
    stored, observations = case
    assert hashlib.sha256(observations.tobytes()).hexdigest() == stored["digest"]


def record():
    """Write the trace anew."""
    maps = [
        {"digest": hashlib.sha256(seen.tobytes()).hexdigest(), "sample": sample(seen)}
        for seen in map(drive, MAPS)
    ]
    STORED.write_text(json.dumps({"machine": machine(), "maps": maps}, indent=1) + "\n")


if __name__ == "__main__":
    record()
