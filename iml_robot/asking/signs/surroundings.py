"""What rays or a height scan say about the room ahead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot.core.types import FloatArray

Array = npt.NDArray[np.float64]

AHEAD_RAD = 0.6
"""Rays that lie so far beside the motion at most look ahead."""
LEAST_SPEED = 0.05
LONGEST_S = 10.0
BANDS_M = ((-0.5, 0.3), (0.3, 1.0), (1.0, 2.0))
"""Stretches of ground ahead of the robot [m]."""
HALF_WIDTH_M = 0.5


def surroundings(observations: FloatArray, layout: Mapping[str, Any]) -> list[Array]:
    """Return columns about the room ahead, each of shape (T,); none without a sense for it.

    Args:
        observations: shape (T, obs_dim).
        layout: Meaning of their parts.
    """
    columns: list[Array] = []
    if "rays" in layout:
        columns += _clearances(observations, layout)
    if "scan" in layout:
        columns += _reliefs(observations, layout["scan"])
    return columns


def _clearances(observations: FloatArray, layout: Mapping[str, Any]) -> list[Array]:
    """Return the free way ahead and around at each elevation, and the time to contact."""
    rays, state = layout["rays"], layout.get("state", {"start": 0, "names": []})
    layers, count = rays["shape"]
    start = rays["start"]
    lengths = observations[:, start : start + layers * count].reshape(-1, layers, count)
    names = list(state["names"])
    if not {"speed_forward", "speed_left"} <= set(names):
        return list(lengths.min(axis=2).T.astype(np.float64))
    forward, left = (
        observations[:, state["start"] + names.index(name)]
        for name in ("speed_forward", "speed_left")
    )
    azimuths = np.arange(count) * 2 * np.pi / count
    apart = azimuths - np.arctan2(left, forward)[:, None]
    ahead = np.abs((apart + np.pi) % (2 * np.pi) - np.pi) < AHEAD_RAD
    free = np.where(ahead[:, None], lengths, np.inf).min(axis=2)
    speed = np.maximum(np.hypot(forward, left), LEAST_SPEED)
    contact = np.minimum(free[:, layers // 2] / speed, LONGEST_S)
    return [*free.T, *lengths.min(axis=2).T, contact]


def _reliefs(observations: FloatArray, scan: Mapping[str, Any]) -> list[Array]:
    """Return rise, drop and the highest step in stretches of the ground ahead."""
    rows, cells = scan["shape"]
    start = scan["start"]
    heights = observations[:, start : start + rows * cells].reshape(-1, rows, cells)
    x = np.linspace(float(scan["x_m"][0]), float(scan["x_m"][1]), rows)
    y = np.linspace(float(scan["y_m"][0]), float(scan["y_m"][1]), cells)
    heights = heights[:, :, np.abs(y) <= HALF_WIDTH_M]
    columns: list[Array] = []
    for nearest, farthest in BANDS_M:
        inside = heights[:, (x >= nearest) & (x < farthest)].astype(np.float64)
        if inside.shape[1] < 2 or not inside.shape[2]:
            continue
        steps = np.abs(np.diff(inside, axis=1))
        columns += [inside.max((1, 2)), inside.min((1, 2)), steps.max((1, 2))]
    return columns
