"""64 robots need less than a gigabyte."""

import subprocess
import sys

import pytest
from driving_range import IDS

LIMIT_MB = 1000

GROW = """
import sys
import numpy as np
import gymnasium as gym
import iml_robot_envs
from gymnasium.envs.registration import load_env_creator

def resident_mb():
    with open("/proc/self/status") as status:
        line = next(line for line in status if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024

make = load_env_creator(gym.spec(sys.argv[1]).vector_entry_point)
before = resident_mb()
env = make(num_envs=64, threads=2, max_episode_steps=5)
env.reset(seed=0, options={"split": "test", "level": np.arange(64) % 5})
for _ in range(12):
    env.step(env.action_space.sample())
print(resident_mb() - before)
"""


@pytest.mark.parametrize("name", IDS)
def test_64_robots_on_maps_of_their_own_need_less_than_a_gigabyte(name):
    command = [sys.executable, "-c", GROW, name]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr
    grown_mb = float(done.stdout)
    assert 0 < grown_mb < LIMIT_MB
