"""Noise of sensors, looked up by the step of the episode."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.grounds import Floats, Grounds
from iml_robot_envs.terrain import Indices


def noise_now(grounds: Grounds, steps: Indices) -> Floats:
    """Return standard normal numbers of the moment, shape (N, channels).

    Args:
        grounds: The maps and their weather.
        steps: Control steps since each reset, shape (N,).
    """
    tables = [weather.noise for weather in grounds.weather]
    moments = steps.tolist()
    return np.array(
        [table[step % len(table)] for table, step in zip(tables, moments, strict=True)]
    )
