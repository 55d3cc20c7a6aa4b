"""What robots see of the ground around them: heights and colours on a turning grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from iml_robot_envs.compiled import compiled
from iml_robot_envs.grid_lookup import Frame, bilinear, place_of, pose
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Array, Indices

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class HeightScan:
    """A grid that turns with the robot.

    Attributes:
        x_m: Forward coordinates of the rows [m], shape (nx,).
        y_m: Left coordinates of the columns [m], shape (ny,), symmetric about 0.
        limit_m: Heights relative to the robot are clipped to this [m].
    """

    x_m: Array
    y_m: Array
    limit_m: float = 1.0

    @property
    def shape(self) -> tuple[int, int]:
        """Rows (forward) and columns (left) of the grid."""
        return len(self.x_m), len(self.y_m)

    def nearest_cells(self, points: Array) -> Indices:
        """Return flat indices of the cells nearest to points of the robot's frame.

        Args:
            points: Forward and left [m], shape (..., 2); the edge's cells stand for what
                lies beyond.
        """
        spacing = self.x_m[1] - self.x_m[0]
        rows, columns = self.shape
        row = np.rint((points[..., 0] - self.x_m[0]) / spacing)
        column = np.rint((points[..., 1] - self.y_m[0]) / spacing)
        row = np.clip(row, 0, rows - 1).astype(np.int64)
        column = np.clip(column, 0, columns - 1).astype(np.int64)
        return np.asarray(row * columns + column)

    @property
    def reach_m(self) -> float:
        """Distance of the farthest corner from the robot [m]."""
        return float(np.hypot(np.abs(self.x_m).max(), np.abs(self.y_m).max()))

    @cached_property
    def points(self) -> Array:
        """The cells' points, forward and left [m], shape (nx * ny, 2)."""
        forward, left = np.meshgrid(self.x_m, self.y_m, indexing="ij")
        return np.column_stack([forward.ravel(), left.ravel()])

    def measure(
        self, grounds: Grounds, motion: Motion, *, origin_m: float, out: Floats
    ) -> None:
        """Write heights above the ground that robots stand on; the limit beyond the map.

        Args:
            grounds: The maps.
            motion: Of the robots, of which position and heading count.
            origin_m: Height of a robot's origin above what counts as zero [m].
            out: Observations, shape (N, nx * ny or more); the first parts are written.
        """
        write_heights(
            out,
            grounds.heights,
            frame=grounds.frame,
            points=self.points,
            position=motion.position,
            heading=motion.heading,
            limits=(origin_m, self.limit_m),
        )


@compiled
def write_heights(
    out: Floats,
    heights: Floats,
    *,
    frame: Frame,
    points: Array,
    position: Array,
    heading: Array,
    limits: tuple[float, float],
) -> None:
    """Write bilinear heights around robots.

    Args:
        out: Shape (N, cells or more); the first parts are written.
        heights: Of `Grounds`.
        frame: Of `Grounds`.
        points: Forward and left of the robots [m], shape (cells, 2).
        position: World x, y, z of the robots [m], shape (N, 3).
        heading: Their headings [rad], shape (N,).
        limits: Height of a robot's origin above what counts as zero, and greatest
            magnitude of what is written [m].
    """
    origin_m, limit_m = limits
    for robot in range(len(out)):
        x, y, z = position[robot, 0], position[robot, 1], position[robot, 2]
        viewer = pose(x, y, heading[robot])
        for cell in range(len(points)):
            place = place_of(frame, viewer, points[cell, 0], points[cell, 1])
            height = bilinear(heights[robot], *place) - (z - origin_m)
            out[robot, cell] = min(max(height, -limit_m), limit_m)
