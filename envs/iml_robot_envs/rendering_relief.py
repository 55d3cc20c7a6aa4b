"""Heights to colours: what stands up looks raised, what is dug looks like a dark hole.

Height is shown three times over, so that nobody has to rely on hue: by lightness
relative to the surrounding ground, by light on the slopes, and by cast shadows.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, zoom

Array = npt.NDArray[np.float32]
Colours = npt.NDArray[np.uint8]

GROUND = np.array((172, 160, 134), dtype=np.float32)
LOWLAND = np.array((146, 148, 122), dtype=np.float32)
ROCK = np.array((236, 232, 222), dtype=np.float32)
HOLE = np.array((24, 24, 34), dtype=np.float32)

# Height above or below the surrounding ground [m] from which a cell begins to look
# like an obstacle, and at which it looks fully like one. A rover with wheels of 0.1 m
# radius climbs about 0.07 m.
OBSTACLE_FROM_M = 0.04
OBSTACLE_FULL_M = 0.16

_SURROUNDINGS_M = 0.9
_GROUND_TOLERANCE_M = 0.07
_FINEST_CELL_M = 0.05
_LIGHT_ELEVATION_RAD = np.deg2rad(42.0)
_SHADOW_REACH_M = 0.6


class Relief:
    """The shaded surface of one map, to be lit from any side.

    Args:
        heights: Ground height [m], shape (rows, cols), rows along y and columns along x.
        cell_m: Side of a cell [m].
        soil_colours: Colour of the bare ground, shape (rows, cols, 3), uint8; None for a
            tint by height.

    Attributes:
        refine: How many cells of the relief lie along one cell of `heights`.
        cell_m: Side of a cell of the relief [m].
    """

    def __init__(
        self,
        heights: npt.NDArray[np.floating],
        cell_m: float,
        *,
        soil_colours: Colours | None = None,
    ) -> None:
        self.refine = max(1, round(cell_m / _FINEST_CELL_M))
        self.cell_m = cell_m / self.refine
        self._heights = _refined(np.asarray(heights, dtype=np.float32), self.refine)
        self._soil = soil_colours

    @cached_property
    def above_ground(self) -> Array:
        """Height over the surrounding ground [m], shape of the relief.

        The ground is a local mean in which cells far from it (rocks, holes) count
        little; a plain mean would rise between many rocks and make ground look dug.
        """
        sigma = _SURROUNDINGS_M / self.cell_m
        coarse = max(1, round(0.15 / self.cell_m))
        small = self._heights[::coarse, ::coarse]
        weight = np.ones_like(small)
        for _ in range(4):
            ground = gaussian_filter(small * weight, sigma / coarse, mode="nearest")
            ground /= gaussian_filter(weight, sigma / coarse, mode="nearest") + 1e-6
            weight = np.exp(-(((small - ground) / _GROUND_TOLERANCE_M) ** 2)) + 1e-4
        return self._heights - _stretched(ground, self._heights.shape)

    @cached_property
    def base_colours(self) -> Array:
        """Unlit colours in [0, 255], shape (rows, cols, 3)."""
        if self._soil is not None:
            repeat = self._soil.repeat(self.refine, axis=0).repeat(self.refine, axis=1)
            colours = repeat.astype(np.float32)
        else:
            wide = gaussian_filter(self._heights, 0.5 / self.cell_m, mode="nearest")
            low, high = np.percentile(wide, (5, 95))
            share = np.clip((wide - low) / max(float(high - low), 0.6), 0, 1)[..., None]
            colours = LOWLAND * (1 - share) + GROUND * share
        span = OBSTACLE_FULL_M - OBSTACLE_FROM_M
        raised = np.clip((self.above_ground - OBSTACLE_FROM_M) / span, 0, 1)[..., None]
        dug = np.clip((-self.above_ground - OBSTACLE_FROM_M) / span, 0, 1)[..., None]
        colours += (ROCK - colours) * raised
        colours += (HOLE - colours) * np.sqrt(dug) * 0.94
        return np.asarray(colours, dtype=np.float32)

    @cached_property
    def _slopes(self) -> tuple[Array, Array]:
        along_y, along_x = np.gradient(self._heights, self.cell_m)
        return np.asarray(along_x), np.asarray(along_y)

    def lit(self, azimuth: float) -> Colours:
        """Return the colours under light from one side, shape (rows, cols, 3), uint8.

        Args:
            azimuth: Direction towards the light [rad], counter-clockwise from +x.
        """
        slope_x, slope_y = self._slopes
        facing = -(slope_x * np.cos(azimuth) + slope_y * np.sin(azimuth))
        tilt = np.tan(_LIGHT_ELEVATION_RAD)
        flat = np.sin(_LIGHT_ELEVATION_RAD)
        normal = np.sqrt(1 + slope_x**2 + slope_y**2)
        light = np.clip((facing / tilt + 1) / normal, 0, None) * flat
        brightness = 0.40 + 0.60 * light / flat
        brightness *= 1 - 0.45 * self._shadow(azimuth)
        lit = self.base_colours * np.clip(brightness, 0.30, 1.22)[..., None]
        return np.asarray(np.clip(lit, 0, 255), dtype=np.uint8)

    def _shadow(self, azimuth: float) -> Array:
        """Return how far each cell lies in a cast shadow, in [0, 1]."""
        heights = self._heights
        shadow = np.zeros_like(heights)
        reach = int(np.ceil(_SHADOW_REACH_M / self.cell_m))
        pad = np.pad(heights, reach, mode="edge")
        rows, cols = heights.shape
        for steps in range(1, reach + 1):
            row = reach + round(steps * float(np.sin(azimuth)))
            col = reach + round(steps * float(np.cos(azimuth)))
            blocker = pad[row : row + rows, col : col + cols]
            drop = steps * self.cell_m * np.tan(_LIGHT_ELEVATION_RAD)
            np.maximum(shadow, (blocker - heights - drop) / 0.05, out=shadow)
        return np.clip(shadow, 0, 1)


def _refined(heights: Array, factor: int) -> Array:
    """Return the heights on a grid `factor` times finer, edges softened by a cell."""
    if factor == 1:
        return heights
    fine = heights.repeat(factor, axis=0).repeat(factor, axis=1)
    return np.asarray(
        gaussian_filter(fine, 0.55 * factor, mode="nearest"), dtype=np.float32
    )


def _stretched(small: Array, shape: tuple[int, ...]) -> Array:
    factors = (shape[0] / small.shape[0], shape[1] / small.shape[1])
    return np.asarray(zoom(small, factors, order=1, grid_mode=True, mode="nearest"))
