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
        np.subtract((x + cos * self.x_m)[:, None], sin * self.y_m, out=points[0])
        np.add((y + sin * self.x_m)[:, None], cos * self.y_m, out=points[1])
        heights = terrain.interpolate(points, inside=self._is_inside(points, terrain))
        heights -= base_m
        np.maximum(heights, -self.limit_m, out=heights)
        np.minimum(heights, self.limit_m, out=heights)
        return heights

    def _is_inside(self, points: Array, terrain: Terrain) -> bool:
        """Return True if the corners, and so the whole grid, lie on the map."""
        rows, columns = self.shape
        corners = points[:, :: max(rows - 1, 1), :: max(columns - 1, 1)].ravel().tolist()
        edge = min(terrain.half_extent_m.tolist()) - 1e-6
        return bool(-edge < min(corners) and max(corners) < edge)
