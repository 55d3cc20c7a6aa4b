"""Actions as they come from outside: checked and clipped."""

from __future__ import annotations

from typing import Any

import numpy as np

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
        given = np.asarray(actions, dtype=np.float64)
    except (TypeError, ValueError):
        given = np.empty(0)
    # The sum is finite only if all parts are.
    if given.shape != shape or not np.isfinite(given.sum()):
        what = " x ".join(map(str, shape or ()))
        raise ValueError(f"an action is {what} finite numbers in [-1, 1], got {actions!r}")
    return np.minimum(np.maximum(given, -1.0), 1.0)
