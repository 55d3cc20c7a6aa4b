"""Samples of a map around a robot."""

from __future__ import annotations

from iml_robot_envs.compiled import compiled


@compiled
def window(middle: float, reach: float, count: int) -> tuple[int, int]:
    """Return the first sample within reach along an axis, and the one after the last.

    Args:
        middle: Row or column of the robot, which need not be whole.
        reach: So many samples to each side.
        count: Samples that there are.
    """
    # A robot can be anywhere, also far beyond the edge.
    first = min(max(middle - reach, 0.0), float(count))
    last = min(max(middle + reach + 1.0, 0.0), float(count))
    return int(first), int(last)
