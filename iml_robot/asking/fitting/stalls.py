"""When a robot that ran out of time had come to a standstill."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

STALL_S = 5.0
"""A robot that comes no nearer to its goal for so long, and never again, is stuck [s]."""
NEARER_M = 0.5
"""Less than this is no approach [m]."""
OUT_OF_TIME = "time_limit"


def trouble_began(
    outcome: str, steps: int, goal_distances: Sequence[float], dt: float
) -> int:
    """Return the step at which a drive that failed had gone wrong.

    Most failures happen at their end. A robot that runs out of time has most often been
    hanging somewhere for long; from then on it needed help.

    Args:
        outcome: How the drive ended.
        steps: Its length.
        goal_distances: Way to the goal before each step [m]; empty where nobody knows.
        dt: Control period [s].

    Returns:
        A step; the number of steps where it is the end.
    """
    if outcome != OUT_OF_TIME or not len(goal_distances):
        return steps
    distances = np.asarray(goal_distances)
    near = int(np.argmax(distances <= distances.min() + NEARER_M))
    return near if (steps - near) * dt > STALL_S else steps
