"""Where robots have been in this episode."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.compiled import compiled
from iml_robot_envs.terrain import Array, Bools, Indices


class Trails:
    """Positions of N robots in order, in a buffer that grows by doubling.

    Args:
        count: Number of robots.

    Attributes:
        counts: Number of positions of each robot, shape (N,).
        buffer: Positions from the oldest to the newest [m], shape (N, room, 2), of which
            `counts` are in use.
    """

    def __init__(self, count: int) -> None:
        self.counts: Indices = np.zeros(count, np.int64)
        self.buffer = np.empty((count, 1024, 2))
        self._longest = 0

    def points(self, robot: int) -> Array:
        """Return all positions of a robot [m], shape (n, 2); a view that stays."""
        return self.buffer[robot, : self.counts[robot]]

    def begin(self, robot: int, points: Array) -> None:
        """Replace a robot's trail by positions, shape (n, 2) [m]."""
        while len(points) >= self.buffer.shape[1]:
            self._grow()
        self.buffer[robot, : len(points)] = points
        self.counts[robot] = len(points)
        self._longest = max(self._longest, len(points))

    def append(self, positions: Array, active: Bools) -> None:
        """Add the newest positions of some robots.

        Args:
            positions: Of all robots, x and y first [m], shape (N, 2 or more).
            active: Which robots, shape (N,).
        """
        if self._longest == self.buffer.shape[1]:
            self._grow()
        self._longest = append_positions(self.buffer, self.counts, positions, active)

    def _grow(self) -> None:
        self.buffer = np.concatenate([self.buffer, np.empty_like(self.buffer)], axis=1)


@compiled
def append_positions(
    buffer: Array, counts: Indices, positions: Array, active: Bools
) -> int:
    """Add positions of some robots, and return the greatest count of all.

    Args:
        buffer: Room for the positions, shape (N, room, 2); written.
        counts: How many there are, shape (N,); written.
        positions: The newest, shape (N, 2 or more).
        active: Which robots, shape (N,).
    """
    longest = 0
    for robot in range(len(counts)):
        if active[robot]:
            buffer[robot, counts[robot]] = positions[robot, :2]
            counts[robot] += 1
        longest = max(longest, counts[robot])
    return longest
