"""Which colour the ground around a robot shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.height_scan import Floats, HeightScan, Places
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
        # The last column is the soil of the margin, which shows nothing.
        shows = [[COLOURS[c] == name for c in COLOUR_OF_SOIL] + [False] for name in colours]
        self._shown = np.array(shows, np.float32)

    def measure(self, grounds: Grounds, places: Places) -> Floats:
        """Return what each cell shows, shape (N, colours x cells).

        Cells outside the map show no colour at all.

        Args:
            grounds: The maps.
            places: Of `HeightScan.places`, shape (N, nx * ny).
        """
        count = len(places)
        if grounds.soils is None:
            return np.zeros((count, len(self._shown) * self._cells), np.float32)
        rows, columns = grounds.heights.shape[1:]
        row = np.rint(places.imag)
        row *= columns
        row += np.rint(places.real)
        index = row.astype(np.intp)
        if count > 1:
            index += np.arange(count)[:, None] * (rows * columns)
        soils = grounds.soils.ravel().take(index, mode="clip")
        shown = self._shown.take(soils, axis=1)
        return np.ascontiguousarray(shown.transpose(1, 0, 2)).reshape(count, -1)
