"""A picture of the point's square, drawn with NumPy alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from iml_robot_envs.terrain import Array, Terrain

_GROUND = (235, 235, 235)
_GOAL = (0, 158, 115)
_POINT = (0, 114, 178)
_SIDE_M = 3.0


class PointPicture:
    """Shows the square [-1.5, 1.5] m with north up, the goal green, the point blue.

    Args:
        terrain: The map.
    """

    def __init__(self, terrain: Terrain) -> None:
        self._goal = terrain.goal
        self._size = (240, 240)

    def draw(
        self,
        pose: tuple[float, float, float],
        trail: Array,
        *,
        size: tuple[int, int],
        outcome: str,
    ) -> npt.NDArray[np.uint8]:
        """Return the picture, shape (height, width, 3); trail and outcome are left out."""
        del trail, outcome
        self._size = size
        picture = np.full((size[1], size[0], 3), _GROUND, np.uint8)
        half = max(min(size) // 48, 1)
        places = self.project(np.array([self._goal, pose[:2]]))
        for (column, row), colour in zip(places, (_GOAL, _POINT), strict=True):
            # A point beyond the edge is shown at the edge.
            x = int(np.clip(column, half, size[0] - 1 - half))
            y = int(np.clip(row, half, size[1] - 1 - half))
            picture[y - half : y + half + 1, x - half : x + half + 1] = colour
        return picture

    def project(self, points_world: Array) -> Array:
        """Return pixels of the last picture for world points, (n, 2) -> (n, 2)."""
        scale = min(self._size) / _SIDE_M
        centre = np.array(self._size) / 2
        return np.asarray(centre + np.asarray(points_world) * (scale, -scale))
