"""Actions as they come from outside: checked and clipped."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from iml_robot_envs.compiled import compiled
from iml_robot_envs.terrain import Array


def checked_actions(actions: Any, shape: tuple[int, ...] | None) -> Array:
    """Return actions clipped to [-1, 1], in float64.

    Args:
        actions: Whatever was given as actions.
        shape: The shape they must have.

    Raises:
        ValueError: If they have another shape or are not finite.
    """
    try:
        given = np.array(actions, dtype=np.float64)
    except (TypeError, ValueError):
        given = np.empty(0)
    if given.shape != shape or not clip(given.reshape(-1)):
        what = " x ".join(map(str, shape or ()))
        raise ValueError(f"an action is {what} finite numbers in [-1, 1], got {actions!r}")
    return given


@compiled
def clip(numbers: Array) -> bool:
    """Clip numbers to [-1, 1] where they are, and return whether all were finite.

    Args:
        numbers: Shape (n,); written.
    """
    for k in range(len(numbers)):
        if not math.isfinite(numbers[k]):
            return False
        numbers[k] = min(max(numbers[k], -1.0), 1.0)
    return True
