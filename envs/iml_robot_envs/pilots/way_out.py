"""What the rest of the way costs from every cell of a scan: the shortest path on a grid."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from iml_robot_envs.height_scan import HeightScan
from iml_robot_envs.terrain import Array

UNKNOWN = 1.3
"""What a metre beyond the scan costs: more than a free one, for something may be there."""
BEHIND_M = 3.0
"""What it costs to leave the scan behind the robot, where hardly anything is seen [m]."""
ARRIVED_M = 0.6
FAR = 1e6
NEIGHBOURS = ((0, 1), (1, 0), (1, 1), (1, -1), (0, -1), (-1, 0), (-1, -1), (-1, 1))


class WayOut:
    """Finds what it costs to get from the cells of a scan to a goal, in it or beyond it.

    Args:
        scan: The grid.
    """

    def __init__(self, scan: HeightScan) -> None:
        rows, columns = scan.shape
        self._count = rows * columns
        x, y = np.meshgrid(scan.x_m, scan.y_m, indexing="ij")
        self._points = np.stack([x.ravel(), y.ravel()], axis=1)
        edge = np.zeros((rows, columns), np.bool_)
        edge[[0, -1], :] = edge[:, [0, -1]] = True
        self._leaving = np.where(edge, 0.0, FAR)
        self._leaving[0] += BEHIND_M
        self._leaving = self._leaving.ravel()
        heads, tails, lengths = self._edges(rows, columns, scan.x_m[1] - scan.x_m[0])
        # The last node is the goal; from it all cells can be reached.
        heads = np.concatenate([heads, np.full(self._count, self._count)])
        tails = np.concatenate([tails, np.arange(self._count)])
        order = np.lexsort((tails, heads))
        starts = np.searchsorted(heads[order], np.arange(self._count + 2))
        self._order, self._lengths = order, lengths
        self._heads, self._tails = heads[: len(lengths)], tails[: len(lengths)]
        size = self._count + 1
        self._graph = csr_matrix(
            (np.ones(len(order)), tails[order].astype(np.int32), starts.astype(np.int32)),
            shape=(size, size),
        )

    def costs(self, per_metre: Array, goal: Array) -> Array:
        """Return what the cheapest way to the goal costs from each cell, (cells,).

        Args:
            per_metre: What a metre costs in each cell, shape (cells,); at least 1.
            goal: In the robot's frame [m], shape (2,).
        """
        inner = self._lengths * (per_metre[self._heads] + per_metre[self._tails])
        off = self._points - goal
        off *= off
        away = np.sqrt(off[:, 0] + off[:, 1])
        last = np.minimum(
            UNKNOWN * away + self._leaving, np.where(away < ARRIVED_M, away, FAR)
        )
        self._graph.data = np.concatenate([inner, last])[self._order]
        found = dijkstra(self._graph, indices=self._count)
        return np.asarray(found[: self._count])

    @staticmethod
    def _edges(
        rows: int, columns: int, spacing: float
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Array]:
        """Return both ends of all edges between neighbours, and half their lengths."""
        cells = np.arange(rows * columns)
        row, column = np.divmod(cells, columns)
        heads, tails, lengths = [], [], []
        for down, right in NEIGHBOURS:
            ok = (row + down >= 0) & (row + down < rows)
            ok &= (column + right >= 0) & (column + right < columns)
            heads.append(cells[ok])
            tails.append(cells[ok] + down * columns + right)
            lengths.append(np.full(ok.sum(), spacing * np.hypot(down, right) / 2))
        return np.concatenate(heads), np.concatenate(tails), np.concatenate(lengths)
