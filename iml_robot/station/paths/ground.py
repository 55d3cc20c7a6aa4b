"""From a point on the screen back to the ground it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pygame

Points = npt.NDArray[np.float64]
Mapping = Callable[[Points], Points]

WORST_PX = 1.0
"""A map whose points are farther from where they should be is no map from above [px]."""


@dataclass(frozen=True)
class Ground:
    """The ground that a picture shows from above.

    Attributes:
        matrix: Screen from world, linear part [pixels/m], shape (2, 2).
        corner: Where the origin of the world is on the screen [pixels], shape (2,).
    """

    matrix: Points
    corner: Points

    @classmethod
    def seen(cls, to_screen: Mapping, area: pygame.Rect) -> Ground | None:
        """Return the ground of a picture; None if it does not look from straight above.

        Args:
            to_screen: From world points to pixels of the screen, (n, 2) -> (n, 2).
            area: Box of the picture on the screen [pixels].
        """
        base = np.asarray(to_screen(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])), float)
        if base.shape != (3, 2) or not np.isfinite(base).all():
            return None
        matrix = (base[1:] - base[0]).T
        if abs(np.linalg.det(matrix)) < 1e-9:
            return None
        fitted = cls(matrix, base[0])
        # The corners show whether the same holds where somebody is going to draw.
        corners = np.array(
            [area.topleft, area.topright, area.bottomleft, area.bottomright], dtype=float
        )
        off = np.asarray(to_screen(fitted.at(corners)), dtype=float) - corners
        return fitted if bool(np.all(np.abs(off) < WORST_PX)) else None

    def at(self, pixels: npt.ArrayLike) -> Points:
        """Return the world points that pixels of the screen show, (n, 2) -> (n, 2) [m]."""
        offset = np.asarray(pixels, dtype=float).reshape(-1, 2) - self.corner
        return np.asarray(np.linalg.solve(self.matrix, offset.T).T, dtype=float)

    def shown(self, points: npt.ArrayLike) -> Points:
        """Return the pixels of the screen that show world points, (n, 2) -> (n, 2)."""
        pixels: Points = np.asarray(points, dtype=float) @ self.matrix.T + self.corner
        return pixels
