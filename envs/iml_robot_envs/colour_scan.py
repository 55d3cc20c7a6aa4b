"""Which colour the ground around a robot shows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot_envs.compiled import compiled
from iml_robot_envs.grid_lookup import Frame, nearest_sample, place_of, pose
from iml_robot_envs.grounds import Floats, Grounds, Soils
from iml_robot_envs.height_scan import HeightScan
from iml_robot_envs.robot import Motion
from iml_robot_envs.soils import COLOUR_OF_SOIL, COLOURS
from iml_robot_envs.terrain import Array


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
        self._points = scan.points
        # The last column is the soil of the margin, which shows nothing.
        shows = [[COLOURS[c] == name for c in COLOUR_OF_SOIL] + [False] for name in colours]
        self._shown = np.array(shows, np.float32)

    def measure(self, grounds: Grounds, motion: Motion, *, first: int, out: Floats) -> None:
        """Write what each cell shows; cells outside the map show no colour at all.

        Args:
            grounds: The maps.
            motion: Of the robots, of which position and heading count.
            first: Where in the observations the scans begin.
            out: Observations, shape (N, size); colours x cells of them are written.
        """
        if grounds.soils is None:
            out[:, first : first + len(self._shown) * len(self._points)] = 0.0
            return
        write_colours(
            out,
            first,
            soils=grounds.soils,
            frame=grounds.frame,
            points=self._points,
            position=motion.position,
            heading=motion.heading,
            shown=self._shown,
        )


@compiled
def write_colours(
    out: Floats,
    first: int,
    *,
    soils: Soils,
    frame: Frame,
    points: Array,
    position: Array,
    heading: Array,
    shown: Floats,
) -> None:
    """Write the colours of the samples nearest to points around robots.

    Args:
        out: Shape (N, size); colours x cells are written, colour by colour.
        first: Where in `out` they begin.
        soils: Of `Grounds`.
        frame: Of `Grounds`.
        points: Forward and left of the robots [m], shape (cells, 2).
        position: World x, y, z of the robots [m], shape (N, 3).
        heading: Their headings [rad], shape (N,).
        shown: What each soil shows, 0 or 1, shape (colours, soils).
    """
    cells, shape = len(points), soils.shape[1:]
    for robot in range(len(out)):
        viewer = pose(position[robot, 0], position[robot, 1], heading[robot])
        for cell in range(cells):
            place = place_of(frame, viewer, points[cell, 0], points[cell, 1])
            row, column = nearest_sample(shape, *place)
            soil = soils[robot, row, column]
            for colour in range(len(shown)):
                out[robot, first + colour * cells + cell] = shown[colour, soil]
