"""Gymnasium's own small environments, kept working with newer libraries."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np


class WideActions(gym.ActionWrapper):  # type: ignore[type-arg]
    """Gives the environment its actions in double precision.

    The pendulum of Gymnasium 0.29 draws its last action with pygame, which takes single
    numbers of NumPy 2 only where they are Python floats too: those of double precision.
    """

    def action(self, action: Any) -> Any:
        """Return the same action as float64."""
        return np.asarray(action, dtype=np.float64)


def is_classic_control(env: Any) -> bool:
    """Return whether an environment is one of Gymnasium's classic control problems."""
    return type(env.unwrapped).__module__.startswith("gymnasium.envs.classic_control.")
