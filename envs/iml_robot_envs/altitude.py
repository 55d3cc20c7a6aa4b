"""How high robots are above the ground under them."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.terrain import Array


def ground_under(grounds: Grounds, position: Array) -> Array:
    """Return the height of the ground under each robot [m], shape (N,).

    Args:
        grounds: The maps.
        position: World x, y, z [m], shape (N, 3).
    """
    if grounds.flat:
        return np.zeros(len(position))
    return np.asarray(grounds.heights_at(position[:, None, :2])[:, 0])
