"""Which colour the ground around a robot shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.height_scan import Floats, HeightScan
from iml_robot_envs.soils import COLOUR_OF_SOIL, COLOURS


class ColourScan:
    """One picture for each colour on the grid of a height scan: 1 where it shows.

    Args:
        scan: The grid.
        colours: Of `COLOURS`, those that are told apart.

    Raises:
        ValueError: If a colour is unknown.
    """

    def __init__(self, scan: HeightScan, colours: Sequence[str]) -> None:
        unknown = sorted(set(colours) - set(COLOURS))
        if unknown:
            raise ValueError(
                f"unknown colours {', '.join(unknown)} (known: {', '.join(COLOURS)})"
            )
        self._cells = scan.shape[0] * scan.shape[1]
        soil_shows = [[COLOURS[c] == name for c in COLOUR_OF_SOIL] for name in colours]
        self._shown = np.array(soil_shows, np.float32)

    def measure(self, grounds: Grounds, places: Floats) -> Floats:
        """Return what each cell shows, shape (N, colours x cells).

        Cells outside the map show no colour at all.

        Args:
            grounds: The maps.
            places: Of `HeightScan.places`, shape (2, N, nx, ny).
        """
        count = places.shape[1]
        if grounds.soils is None:
            return np.zeros((count, len(self._shown) * self._cells), np.float32)
        rows, columns = grounds.heights.shape[1:]
        column, row = np.rint(places).astype(np.int32).reshape(2, count, -1)
        outside = (column < 0) | (column >= columns) | (row < 0) | (row >= rows)
        index = np.where(outside, 0, row * columns + column)
        index += np.arange(count, dtype=np.int32)[:, None] * (rows * columns)
        soils = grounds.soils.ravel().take(index)
        shown = self._shown.take(soils, axis=1).transpose(1, 0, 2)
        shown = np.where(outside[:, None], np.float32(0), shown)
        return shown.reshape(count, -1)
