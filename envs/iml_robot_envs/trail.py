"""Where a robot has been in this episode."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.terrain import Array


class Trail:
    """Positions in order, in a buffer that grows by doubling.

    Args:
        points: Positions so far, shape (n, 2) [m], n at least 1.
    """

    def __init__(self, points: Array) -> None:
        self._count = len(points)
        self._buffer = np.empty((max(2048, 2 * self._count), 2))
        self._buffer[: self._count] = points

    def __len__(self) -> int:
        return self._count

    @property
    def points(self) -> Array:
        """All positions, shape (n, 2) [m], a view that later positions do not change."""
        return self._buffer[: self._count]

    def append(self, x: float, y: float) -> None:
        """Add the newest position [m]."""
        if self._count == len(self._buffer):
            self._buffer = np.concatenate([self._buffer, np.empty_like(self._buffer)])
        row = self._buffer[self._count]
        row[0], row[1] = x, y
        self._count += 1
