"""Compiles the simulators ahead of their first use: `python -m iml_robot_envs.warm_up`."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
from gymnasium.envs.registration import load_env_creator

import iml_robot_envs  # noqa: F401

LEVELS = range(5)
STEPS = 2


def warm_up() -> None:
    """Drive every robot for some steps, alone and beside another, on every level."""
    for spec in list(gym.registry.values()):
        if spec.namespace == "iml":
            for level in LEVELS:
                _drive(gym.make(spec.id, disable_env_checker=True), level)
                _drive(load_env_creator(str(spec.vector_entry_point))(num_envs=2), level)


def _drive(env: Any, level: int) -> None:
    """Drive for some steps on a map of a level."""
    env.reset(options={"level": level})
    for _ in range(STEPS):
        env.step(env.action_space.sample())
    env.close()


if __name__ == "__main__":
    warm_up()
