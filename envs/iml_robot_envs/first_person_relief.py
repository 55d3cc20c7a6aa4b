"""Colours of the ground in the light of the sun, as a camera near to it sees them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from iml_robot_envs.rendering_tint import Colours, Floats, fine_factor, refined, tinted

SUN_AZIMUTH_RAD = float(np.deg2rad(125.0))
SUN_ELEVATION_RAD = float(np.deg2rad(45.0))

_SHADOW_REACH_M = 8.0
_AMBIENT = 0.50
_DARKEST, _LIGHTEST = 0.42, 1.25


def lit_ground(
    heights: npt.NDArray[np.floating], cell_m: float, soil_colours: Colours | None
) -> Colours:
    """Return the sunlit colours of a map; arguments and shape as in `bare_ground`."""
    ground = np.asarray(heights, dtype=np.float32)
    factor = fine_factor(ground.shape, cell_m)
    colours = tinted(ground, cell_m, soil_colours)
    brightness = _sunlight(refined(ground, factor), cell_m / factor)
    brightness *= 1 - 0.6 * refined(_cast_shadow(ground, cell_m), factor)
    brightness += _AMBIENT
    colours *= np.clip(brightness, _DARKEST, _LIGHTEST)[..., None]
    return np.clip(colours, 0, 255).astype(np.uint8)


def bare_ground(
    heights: npt.NDArray[np.floating], cell_m: float, soil_colours: Colours | None
) -> Colours:
    """Return the colours of a map without light, on a finer grid, (m, k, 3), uint8.

    Args:
        heights: Ground height [m], shape (rows, cols), rows along y, columns along x.
        cell_m: Side of a cell [m].
        soil_colours: Colour of the bare ground, shape (rows, cols, 3), uint8; None for a
            tint by height.
    """
    colours = tinted(heights, cell_m, soil_colours)
    return np.clip(colours, 0, 255).astype(np.uint8)


def _sunlight(heights: Floats, cell_m: float) -> Floats:
    """Return direct light, 1 - ambient on level ground, shape of the heights."""
    along_y, along_x = np.gradient(heights, cell_m)
    facing = along_x * np.float32(-np.cos(SUN_AZIMUTH_RAD))
    facing -= along_y * np.float32(np.sin(SUN_AZIMUTH_RAD))
    facing /= np.float32(np.tan(SUN_ELEVATION_RAD))
    facing += 1
    facing /= np.sqrt(1 + along_x**2 + along_y**2)
    return np.asarray(np.clip(facing, 0, None) * (1 - _AMBIENT), dtype=np.float32)


def _cast_shadow(heights: Floats, cell_m: float) -> Floats:
    """Return how far each sample lies in a shadow of the ground, in [0, 1]."""
    rows, cols = heights.shape
    reach = int(np.ceil(_SHADOW_REACH_M / cell_m))
    rise = float(np.ptp(heights))
    reach = min(reach, int(rise / np.tan(SUN_ELEVATION_RAD) / cell_m) + 1)
    pad = np.pad(heights, reach, mode="edge")
    shadow = np.zeros_like(heights)
    for steps in range(1, reach + 1):
        row = reach + round(steps * float(np.sin(SUN_AZIMUTH_RAD)))
        col = reach + round(steps * float(np.cos(SUN_AZIMUTH_RAD)))
        drop = steps * cell_m * float(np.tan(SUN_ELEVATION_RAD))
        above = pad[row : row + rows, col : col + cols] - heights
        above -= drop
        np.maximum(shadow, above, out=shadow)
    soft = gaussian_filter(np.clip(shadow / 0.15, 0, 1), 0.6, mode="nearest")
    return np.asarray(soft, dtype=np.float32)
