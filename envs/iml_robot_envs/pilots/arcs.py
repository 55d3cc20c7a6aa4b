"""Paths that drivers of rovers think of: chains of arcs in the robot's frame."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.terrain import Array


def trace(bends: Array, counts: tuple[int, ...], point_m: float) -> tuple[Array, Array]:
    """Return points and headings of chained arcs in the robot's frame.

    Args:
        bends: Curvature of each arc [1/m], shape (n, len(counts)).
        counts: Points on each arc.
        point_m: Distance of neighbouring points [m].

    Returns:
        Points (n, sum(counts), 2) [m] and headings (n, sum(counts)) [rad].
    """
    rates = np.repeat(bends, counts, axis=1) * point_m
    headings = np.cumsum(rates, axis=1)
    middle = headings - rates / 2
    steps = point_m * np.stack([np.cos(middle), np.sin(middle)], axis=2)
    return np.cumsum(steps, axis=1), headings
