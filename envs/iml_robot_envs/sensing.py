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

    def measure(self, terrain: Terrain, pose: Array, base_m: float) -> Array:
        """Return heights above `base_m`, clipped, shape (nx, ny).

        Args:
            terrain: The map.
            pose: World x, y [m] and heading [rad], shape (3,).
            base_m: Height that counts as zero [m].
        """
        cos, sin = np.cos(pose[2]), np.sin(pose[2])
        x = pose[0] + cos * self.x_m[:, None] - sin * self.y_m[None, :]
        y = pose[1] + sin * self.x_m[:, None] + cos * self.y_m[None, :]
        return np.clip(terrain.height_at(x, y) - base_m, -self.limit_m, self.limit_m)
