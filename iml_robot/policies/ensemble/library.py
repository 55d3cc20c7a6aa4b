"""What wrapping a policy class of stable-baselines3 takes, whichever it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import gymnasium as gym
import numpy as np
import torch

from iml_robot.policies.ensemble.network import Spaces


def check_shape(hidden: Sequence[int], members: int) -> None:
    """Make sure that the library can build such a network.

    Args:
        hidden: Units in each hidden layer.
        members: Number of members that were asked for.

    Raises:
        ValueError: If there is more than one member, or a layer without units.
    """
    if members != 1:
        raise ValueError(f"this network has 1 member, got members={members}; set it to 1")
    if not all(isinstance(units, int) and units > 0 for units in hidden):
        raise ValueError(f"hidden must be whole numbers above 0, got {list(hidden)}")


def boxes(spaces: Spaces) -> tuple[gym.spaces.Box, gym.spaces.Box]:
    """Return the spaces of observation and action as the library wants them."""
    seen = gym.spaces.Box(-np.inf, np.inf, (spaces.observation_size,), np.float32)
    return seen, gym.spaces.Box(-1.0, 1.0, (spaces.action_size,), np.float32)


@contextmanager
def drawn_from(seed: int) -> Iterator[None]:
    """Let the library, which draws weights from torch's global stream, draw from a seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def no_schedule(_: float) -> float:
    """Return a step size for the optimisers that the library makes and nobody uses."""
    return 0.0
