"""Where robots have been in this episode."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.terrain import Array, Indices


class Trails:
    """Positions of N robots in order, in a buffer that grows by doubling.

    Args:
        count: Number of robots.

    Attributes:
        counts: Number of positions of each robot, shape (N,).
    """

    def __init__(self, count: int) -> None:
        self.counts: Indices = np.zeros(count, np.int64)
        self._robots = np.arange(count)
        self._buffer = np.empty((count, 1024, 2))
        self._longest = 0

    def points(self, robot: int) -> Array:
        """Return all positions of a robot [m], shape (n, 2); a view that stays."""
        return self._buffer[robot, : self.counts[robot]]

    def ago(self, robots: Indices, steps: int) -> Array:
        """Return where some robots were a number of positions before the newest.

        Args:
            robots: Their numbers, each with more positions than that, shape (n,).
            steps: How many positions ago, 0 for the newest.

        Returns:
            Positions [m], shape (n, 2).
        """
        places: Array = self._buffer[robots, self.counts[robots] - (1 + steps)]
        return places

    def begin(self, robot: int, points: Array) -> None:
        """Replace a robot's trail by positions, shape (n, 2) [m]."""
        while len(points) >= self._buffer.shape[1]:
            self._grow()
        self._buffer[robot, : len(points)] = points
        self.counts[robot] = len(points)
        self._longest = max(self._longest, len(points))

    def append(self, positions: Array, which: Indices | None) -> None:
        """Add the newest positions of some robots; None for all.

        Args:
            positions: Of all robots, shape (N, 2) [m].
            which: The robots.
        """
        chosen = self._robots if which is None else which
        if self._longest >= self._buffer.shape[1]:
            self._longest = int(self.counts.max())
            if self._longest == self._buffer.shape[1]:
                self._grow()
        self._longest += 1
        self._buffer[chosen, self.counts[chosen]] = positions[chosen]
        self.counts[chosen] += 1

    def _grow(self) -> None:
        self._buffer = np.concatenate([self._buffer, np.empty_like(self._buffer)], axis=1)
