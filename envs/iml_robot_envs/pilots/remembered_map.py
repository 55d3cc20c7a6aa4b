"""What a driver remembers of a place: where things stood, and the way round them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

CELL_M = 0.4
HALF_M = 66.0
"""Half the side of the map; the goal is in its middle."""
SEEN_M = 5.0
"""How far what is seen is worth remembering: farther out the bearing is too coarse."""
AROUND_M = 12.0
"""Half the side of the window in which a way is looked for."""
MOST_STEPS = 160


class RememberedMap:
    """A grid around the goal, with what the lidar has seen from wherever it was.

    The place of a robot follows from the goal's distance and direction; how it has turned
    is added up from its yaw rate.

    Args:
        control_dt: Time between two calls of `turn` [s].
    """

    def __init__(self, control_dt: float) -> None:
        self._dt = control_dt
        self._size = 2 * round(HALF_M / CELL_M) + 1
        reach = round(SEEN_M / CELL_M)
        steps = np.arange(-reach, reach + 1)
        self._rows, self._columns = (g.ravel() for g in np.meshgrid(steps, steps))
        self.forget()

    def forget(self) -> None:
        """Begin with an empty map."""
        self._blocked = np.zeros((self._size, self._size), np.bool_)
        self._turned = 0.0

    def turn(self, yaw_rate: float) -> None:
        """Take note of how fast the robot turns [rad/s]."""
        self._turned += yaw_rate * self._dt

    def note(self, ranges: Array, goal: float, distance: float) -> None:
        """Remember what is seen.

        Args:
            ranges: Distance of what is in the way in each direction [m], shape (n,).
            goal: Direction of the goal to the left of ahead [rad].
            distance: Its distance [m].
        """
        column, row = self._cell(goal, distance)
        x, y = (self._columns + round(column) - column), (self._rows + round(row) - row)
        sector = 2 * np.pi / len(ranges)
        ray = np.rint((np.arctan2(y, x) - self._turned) / sector).astype(np.int64)
        beyond = np.hypot(x, y) * CELL_M - ranges[ray % len(ranges)]
        rows = (self._rows + round(row)).clip(0, self._size - 1)
        columns = (self._columns + round(column)).clip(0, self._size - 1)
        seen = beyond < 0.3
        self._blocked[rows[seen], columns[seen]] = beyond[seen] > -0.3

    def way(self, goal: float, distance: float) -> float:
        """Return in which direction the shortest way begins, to the left of ahead [rad].

        What was never seen counts as free.
        """
        column, row = self._cell(goal, distance)
        reach = round(AROUND_M / CELL_M)
        middle = self._size // 2
        low = [min(max(round(c) - reach, 0), self._size - 1) for c in (row, column)]
        high = [min(max(round(c) + reach + 1, 1), self._size) for c in (row, column)]
        window = self._blocked[low[0] : high[0], low[1] : high[1]]
        rows, columns = np.ogrid[low[0] : high[0], low[1] : high[1]]
        left_over = np.hypot(columns - middle, rows - middle)
        ways = _ways(window, left_over)
        here = (
            min(max(round(row), low[0]), high[0] - 1) - low[0],
            min(max(round(column), low[1]), high[1] - 1) - low[1],
        )
        there = _descend(ways, here, steps=5)
        angle = np.arctan2(there[0] - here[0], there[1] - here[1])
        return float((angle - self._turned + np.pi) % (2 * np.pi) - np.pi)

    def _cell(self, goal: float, distance: float) -> tuple[float, float]:
        """Return column and row of the robot."""
        angle, cells = goal + self._turned, distance / CELL_M
        middle = self._size // 2
        return middle - cells * float(np.cos(angle)), middle - cells * float(np.sin(angle))


def _ways(blocked: Bools, left_over: Array) -> Array:
    """Return the way from each cell to the goal [cells].

    Args:
        blocked: Cells with something in them, shape (rows, columns).
        left_over: The way from there as the crow flies, good for the cells on the edge.
    """
    near = np.pad(blocked, 1)
    grown = blocked.copy()
    for rows, columns in _neighbours():
        grown |= near[rows, columns]
    # To be close to something costs a detour; to be in it costs more than any.
    closer = np.pad(grown, 1)
    close = grown.copy()
    for rows, columns in _neighbours():
        close |= closer[rows, columns]
    cost = 1.0 + 1.0 * close + 100.0 * grown
    ways = np.full((blocked.shape[0] + 2, blocked.shape[1] + 2), np.inf)
    inner = ways[1:-1, 1:-1]
    edge = np.ones(blocked.shape, np.bool_)
    edge[1:-1, 1:-1] = False
    edge |= left_over < 1.5
    inner[edge] = left_over[edge]
    for _ in range(MOST_STEPS):
        before = inner.copy()
        for rows, columns in _neighbours():
            length = 1.0 if _SAME in (rows, columns) else np.sqrt(2)
            np.minimum(inner, ways[rows, columns] + length * cost, out=inner)
        if (before == inner).all():
            break
    return inner


_SAME = slice(1, -1)


def _neighbours() -> list[tuple[slice, slice]]:
    shifts = (slice(0, -2), _SAME, slice(2, None))
    return [(r, c) for r in shifts for c in shifts if r != _SAME or c != _SAME]


def _descend(ways: Array, here: tuple[int, int], *, steps: int) -> tuple[int, int]:
    """Return the cell some steps down the shortest way."""
    row, column = here
    for _ in range(steps):
        low = max(row - 1, 0), max(column - 1, 0)
        around = ways[low[0] : row + 2, low[1] : column + 2]
        best = int(np.argmin(around))
        row, column = low[0] + best // around.shape[1], low[1] + best % around.shape[1]
    return row, column
