"""Heights to colours as seen from above: light, shadow and contour lines show the shape.

Height is shown several times over, so that nobody has to rely on hue: by lightness, by
light on the slopes, by contour lines where the ground is hilly, and by cast shadows.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from iml_robot_envs.rendering_tint import Colours, Floats, fine_factor, refined, tinted

CONTOUR_M = 0.5
"""Difference in height between neighbouring contour lines."""
# Lines at a quarter of a metre and three: nearly level ground about 0 has none.
_CONTOUR_FROM_M = 0.25
_STRONG_CONTOURS = 5
_HILLY_M = 1.2
_LINE_M = 0.03
_LINE_STRENGTH = np.array((0.34, 0.38, 0.42), dtype=np.float32)
_LIGHTER_UP = 0.12
_LIGHT_ELEVATION_RAD = np.deg2rad(42.0)
_AMBIENT, _DARKEST, _LIGHTEST = 0.40, 0.50, 1.22
_SHADOW = 0.45
_SHADOW_REACH_M = 0.6
_SHADOW_STEP_M = 0.1


class Relief:
    """The shaded surface of one map, to be lit from any side.

    Args:
        heights: Ground height [m], shape (rows, cols), rows along y and columns along x.
        cell_m: Side of a cell [m].
        soil_colours: Colour of the bare ground, shape (rows, cols, 3), uint8; None for a
            tint by height.

    Attributes:
        cell_m: Side of a cell of the relief, which is finer than the map [m].
    """

    def __init__(
        self,
        heights: npt.NDArray[np.floating],
        cell_m: float,
        *,
        soil_colours: Colours | None = None,
    ) -> None:
        self._ground = np.asarray(heights, dtype=np.float32)
        self._ground_cell_m = cell_m
        self._factor = fine_factor(self._ground.shape, cell_m)
        self.cell_m = cell_m / self._factor
        self._heights = refined(self._ground, self._factor)
        self._soil = soil_colours

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns of the relief."""
        return self._heights.shape

    @cached_property
    def base_colours(self) -> Floats:
        """Unlit colours in [0, 255], shape (rows, cols, 3)."""
        colours = tinted(self._ground, self._ground_cell_m, self._soil)
        smooth = gaussian_filter(self._ground, 0.3 / self._ground_cell_m, mode="nearest")
        low, high = (float(v) for v in np.percentile(smooth, (3, 97)))
        if high - low > _HILLY_M:
            fine = refined(smooth, self._factor)
            share = np.clip((fine - low) / (high - low), 0, 1)
            colours *= (1 + _LIGHTER_UP * (2 * share - 1))[..., None]
            colours *= 1 - self._contours(fine)[..., None] * _LINE_STRENGTH
        return colours

    def _contours(self, heights: Floats) -> Floats:
        """Return how much of each cell a contour line covers; strong lines count double."""
        slope = np.hypot(*_gradient(heights, self.cell_m))
        level = (heights - np.float32(_CONTOUR_FROM_M)) / np.float32(CONTOUR_M)
        nearest = np.rint(level)
        away_m = np.abs(level - nearest)
        away_m *= CONTOUR_M
        away_m /= np.maximum(slope, np.float32(0.02))
        # Half a cell of softness on either side, so that slanted lines have no steps.
        cover = np.clip((_LINE_M - away_m) / self.cell_m + 0.5, 0, 1)
        strong = nearest % _STRONG_CONTOURS == 0
        # On cliffs only the strong lines are left: the others would run into each other.
        cover *= np.where(strong, np.float32(1.6), np.clip(1.5 - slope, 0, 1))
        return np.asarray(cover * np.clip(slope / 0.04 - 0.5, 0, 1), dtype=np.float32)

    @cached_property
    def _slopes(self) -> tuple[Floats, Floats, Floats]:
        """Slope along x and along y, and one over the length of the normal."""
        along_x, along_y = _gradient(self._heights, self.cell_m)
        return along_x, along_y, np.asarray(1 / np.sqrt(1 + along_x**2 + along_y**2))

    def lit(self, azimuth: float, shadows: Floats | None = None) -> Colours:
        """Return the colours under light from one side, shape (rows, cols, 3), uint8.

        Args:
            azimuth: Direction towards the light [rad], counter-clockwise from +x.
            shadows: How much of each cell lies in the shadow of what stands on the
                ground, in [0, 1], shape of the relief.
        """
        slope_x, slope_y, upright = self._slopes
        tilt = np.tan(_LIGHT_ELEVATION_RAD)
        brightness = slope_x * np.float32(-np.cos(azimuth) / tilt)
        brightness -= slope_y * np.float32(np.sin(azimuth) / tilt)
        brightness += 1
        brightness *= upright
        np.maximum(brightness, 0, out=brightness)
        brightness *= 1 - _AMBIENT
        brightness += _AMBIENT
        dark = self._shadow(azimuth)
        if shadows is not None:
            dark = np.maximum(dark, shadows)
        brightness *= 1 - _SHADOW * dark
        np.clip(brightness, _DARKEST, _LIGHTEST, out=brightness)
        lit = self.base_colours * brightness[..., None]
        np.minimum(lit, 255, out=lit)
        return lit.astype(np.uint8)

    def _shadow(self, azimuth: float) -> Floats:
        """Return how far each cell lies in a shadow cast by the ground, in [0, 1]."""
        heights = self._heights
        shadow = np.zeros_like(heights)
        tilt = np.tan(_LIGHT_ELEVATION_RAD)
        slope_x, slope_y, _ = self._slopes
        if max(np.abs(slope_x).max(), np.abs(slope_y).max()) * np.sqrt(2) < tilt:
            return shadow
        stride = max(1, round(_SHADOW_STEP_M / self.cell_m))
        reach = int(np.ceil(_SHADOW_REACH_M / self.cell_m))
        pad = np.pad(heights, reach, mode="edge")
        rows, cols = heights.shape
        for steps in range(stride, reach + 1, stride):
            row = reach + round(steps * float(np.sin(azimuth)))
            col = reach + round(steps * float(np.cos(azimuth)))
            above = pad[row : row + rows, col : col + cols] - heights
            above -= np.float32(steps * self.cell_m * tilt)
            np.maximum(shadow, above, out=shadow)
        shadow *= 1 / 0.05
        return np.minimum(shadow, 1, out=shadow)


def _gradient(heights: Floats, cell_m: float) -> tuple[Floats, Floats]:
    """Return the slopes along x and along y."""
    along_y, along_x = np.gradient(heights, cell_m)
    return np.asarray(along_x, dtype=np.float32), np.asarray(along_y, dtype=np.float32)
