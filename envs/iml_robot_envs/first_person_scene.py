"""What there is to see on a map: the inputs that the views from the robot share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NotRequired, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

POST = (112, 80, 58)
"""Colour of posts in full light."""
BEAM = (150, 118, 92)
"""Colour of beams in full light."""


class SceneContents(TypedDict):
    """What lies and stands on the ground; keyword arguments of the views.

    Attributes:
        goal: Position (x, y) [m] to reach.
        goal_radius_m: Distance from `goal` that counts as there [m].
        soil_colours: Colour of the bare ground, shape (rows, cols, 3), uint8; None for a
            tint by height.
        posts: Upright cylinders on the ground: x, y, radius, height of the top z [m],
            shape (P, 4).
        beams: Cylinders between two points: x0, y0, z0, x1, y1, z1, radius [m], shape
            (B, 7).
    """

    goal: tuple[float, float]
    goal_radius_m: float
    soil_colours: NotRequired[npt.NDArray[np.uint8] | None]
    posts: NotRequired[npt.ArrayLike]
    beams: NotRequired[npt.ArrayLike]


@dataclass(frozen=True)
class Scene:
    """A checked map with everything on it; see `SceneContents`.

    Attributes:
        heights: Ground height [m], shape (rows, cols), rows along y, columns along x.
        cell_m: Side of a cell [m].
        origin: Position (x, y) [m] of `heights[0, 0]`.
        goal: Position (x, y) [m].
        goal_radius_m: Radius of the goal's area [m].
        soil_colours: Colours, shape (rows, cols, 3), uint8, or None.
        posts: Shape (P, 4).
        beams: Shape (B, 7).
    """

    heights: Array
    cell_m: float
    origin: tuple[float, float]
    goal: tuple[float, float]
    goal_radius_m: float
    soil_colours: npt.NDArray[np.uint8] | None
    posts: Array
    beams: Array

    @classmethod
    def checked(
        cls,
        heights: npt.NDArray[np.floating],
        cell_m: float,
        origin: tuple[float, float],
        **contents: Unpack[SceneContents],
    ) -> Scene:
        """Return the scene.

        Args:
            heights: Ground height [m], shape (rows, cols), at least 2 x 2.
            cell_m: Side of a cell [m].
            origin: Position (x, y) [m] of `heights[0, 0]`.
            **contents: What lies and stands on the ground, see `SceneContents`.

        Raises:
            ValueError: If an array has another shape or is not finite.
        """
        ground = np.asarray(heights, dtype=np.float64)
        if ground.ndim != 2 or min(ground.shape) < 2 or not np.isfinite(ground).all():
            raise ValueError(
                "heights must be finite numbers of shape (rows, cols), 2 x 2 or more, "
                f"got shape {ground.shape}"
            )
        if not cell_m > 0:
            raise ValueError(f"cell_m must be greater than 0, got {cell_m}")
        soil = contents.get("soil_colours")
        if soil is not None and np.shape(soil) != (*ground.shape, 3):
            raise ValueError(
                f"soil_colours must have shape {(*ground.shape, 3)}, got {np.shape(soil)}"
            )
        goal = contents["goal"]
        return cls(
            ground,
            float(cell_m),
            (float(origin[0]), float(origin[1])),
            (float(goal[0]), float(goal[1])),
            float(contents["goal_radius_m"]),
            soil,
            _table(contents.get("posts", ()), 4, "posts"),
            _table(contents.get("beams", ()), 7, "beams"),
        )


def _table(rows: npt.ArrayLike, columns: int, name: str) -> Array:
    table = np.asarray(rows, dtype=np.float64)
    if table.size == 0:
        return np.zeros((0, columns))
    if table.ndim != 2 or table.shape[1] != columns or not np.isfinite(table).all():
        raise ValueError(
            f"{name} must be finite numbers of shape (n, {columns}), "
            f"got shape {table.shape}"
        )
    return table
