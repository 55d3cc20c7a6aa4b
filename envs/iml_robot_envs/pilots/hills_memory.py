"""What a driver remembers of where it has been, drawn onto what it sees now."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from iml_robot_envs.height_scan import HeightScan
from iml_robot_envs.terrain import Array

EVERY_STEPS = 10
"""Control steps between remembered places."""
RECENT_PLACES = 8
"""The last places do not count: the rover is still there."""
STUCK_WEIGHT = 10.0
"""A place where wheels spun counts as so many visits."""
STUCK_AHEAD_M = 0.8
"""How far ahead of the rover lies what its wheels could not climb [m]."""


class Memory:
    """Places in a frame that a driver keeps by counting its own way and turns.

    Args:
        scan: The grid that the places are drawn onto.
        control_dt: Time between two calls of `move` [s].
    """

    def __init__(self, scan: HeightScan, control_dt: float = 0.05) -> None:
        self._scan, self._dt = scan, control_dt
        self._spacing = float(scan.x_m[1] - scan.x_m[0])
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._steps = 0
        self._x = self._y = self._heading = 0.0
        self._visited: list[tuple[float, float]] = []
        self._stuck: list[tuple[float, float]] = []

    def move(self, speed: float, sideways: float, yaw_rate: float) -> None:
        """Note a control step.

        Args:
            speed: Forward [m/s].
            sideways: To the left [m/s].
            yaw_rate: Counter-clockwise [rad/s].
        """
        self._heading += yaw_rate * self._dt
        cos, sin = np.cos(self._heading), np.sin(self._heading)
        self._x += (cos * speed - sin * sideways) * self._dt
        self._y += (sin * speed + cos * sideways) * self._dt
        if self._steps % EVERY_STEPS == 0:
            self._visited.append((self._x, self._y))
        self._steps += 1

    def mark_stuck(self) -> None:
        """Note that the ground just ahead cannot be climbed."""
        ahead = STUCK_AHEAD_M * np.cos(self._heading), STUCK_AHEAD_M * np.sin(self._heading)
        self._stuck.append((self._x + ahead[0], self._y + ahead[1]))

    def visits(self, *, trail: bool) -> Array | None:
        """Return how often places near each cell of the scan were visited, (nx, ny).

        Args:
            trail: Whether all places count, or only those where wheels spun.

        Returns:
            The counts; None where there is nothing to remember.
        """
        places = self._visited[:-RECENT_PLACES] if trail else []
        if not places and not self._stuck:
            return None
        points = np.array(places + self._stuck) - (self._x, self._y)
        weights = np.ones(len(points))
        weights[len(places) :] = STUCK_WEIGHT
        cos, sin = np.cos(self._heading), np.sin(self._heading)
        rows, columns = self._scan.shape
        ahead = points[:, 0] * cos + points[:, 1] * sin - self._scan.x_m[0]
        left = points[:, 1] * cos - points[:, 0] * sin - self._scan.y_m[0]
        row = np.rint(ahead / self._spacing).astype(np.int64)
        column = np.rint(left / self._spacing).astype(np.int64)
        seen = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        if not seen.any():
            return None
        cells = row[seen] * columns + column[seen]
        counts = np.bincount(cells, weights[seen], minlength=rows * columns)
        near = ndimage.uniform_filter(counts.reshape(rows, columns), 3, mode="constant")
        return np.asarray(9.0 * near)
