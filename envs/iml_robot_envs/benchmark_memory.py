"""How much memory robots need; run as a program, so that nothing else counts.

`python -m iml_robot_envs.benchmark_memory iml/RoverRocks-v0 64` writes the megabytes.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import gymnasium as gym
import numpy as np
from gymnasium.envs.registration import load_env_creator

EPISODE_STEPS = 5


def memory_mb(name: str, robots: int) -> float:
    """Return by how much a fresh process grows with robots on maps of their own [MB].

    Most memory it ever had, with new episodes on new maps, minus what it had before.

    Raises:
        RuntimeError: If the process fails.
    """
    command = [sys.executable, "-m", __name__, name, str(robots)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"measuring the memory of {name} failed: {done.stderr}")
    return float(done.stdout)


def grown_mb(name: str, robots: int) -> float:
    """Return by how much this process grows with robots [MB]."""
    make = load_env_creator(str(gym.spec(name).vector_entry_point))
    before = _most_mb()
    env = make(num_envs=robots, threads=2, max_episode_steps=EPISODE_STEPS)
    env.reset(seed=0, options={"split": "test", "level": np.arange(robots) % 5})
    for _ in range(EPISODE_STEPS + 2):
        env.step(env.action_space.sample())
    return _most_mb() - before


def _most_mb() -> float:
    # Not getrusage: that counts the process that started this one, too.
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    line = next(line for line in lines if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    import iml_robot_envs  # noqa: F401

    sys.stdout.write(f"{grown_mb(sys.argv[1], int(sys.argv[2]))}\n")
