"""What a robot senses of the ground around it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot_envs.terrain import Array, Terrain


@dataclass(frozen=True)
class HeightScan:
    """Ground heights on a grid that turns with the robot.

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

    def measure(
        self, terrain: Terrain, pose: tuple[float, float, float], base_m: float
    ) -> Array:
        """Return heights above `base_m`, clipped, shape (nx, ny).

        Args:
            terrain: The map.
            pose: World x, y [m] and heading [rad].
            base_m: Height that counts as zero [m].
        """
        x, y, heading = pose
        cos, sin = np.cos(heading), np.sin(heading)
        # Rows and columns are turned apart and then added: two short products for a
        # grid instead of a long one.
        points = np.empty((2, *self.shape))
        np.subtract.outer(x + cos * self.x_m, sin * self.y_m, out=points[0])
        np.add.outer(y + sin * self.x_m, cos * self.y_m, out=points[1])
        heights = terrain.interpolate(points)
        heights -= base_m
        np.maximum(heights, -self.limit_m, out=heights)
        np.minimum(heights, self.limit_m, out=heights)
        return heights
