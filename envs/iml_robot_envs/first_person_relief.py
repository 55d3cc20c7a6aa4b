"""Colours of the ground as a camera near to it sees them.

Seen from the side, height shows by itself. So, other than on the map from above, only
what is abrupt is set off: stones are pale and holes dark; hills and valleys keep the
colour of their soil.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, grey_closing, grey_opening, zoom

from iml_robot_envs.rendering_relief import GROUND, HOLE, LOWLAND, ROCK

Floats = npt.NDArray[np.float32]
Colours = npt.NDArray[np.uint8]

SUN_AZIMUTH_RAD = float(np.deg2rad(125.0))
SUN_ELEVATION_RAD = float(np.deg2rad(45.0))

_FINE_CELL_M = 0.05
_MAX_FINE_CELLS = 700_000
_SURROUNDINGS_M, _TOLERANCE_M = 0.9, 0.07
_ABRUPT_SIZE_M = 3.2
# Width below which a rise is a stone and a dip is a hole, and the height that counts.
_ABRUPT_FROM_M, _ABRUPT_SPAN_M = 0.05, 0.12
_SHADOW_REACH_M = 8.0
_AMBIENT = 0.50
_DARKEST, _LIGHTEST = 0.42, 1.25


def lit_ground(
    heights: npt.NDArray[np.floating], cell_m: float, soil_colours: Colours | None
) -> Colours:
    """Return the sunlit colours of a map; arguments and shape as in `bare_ground`."""
    ground = np.asarray(heights, dtype=np.float32)
    factor = _factor(ground, cell_m)
    fine = _fine(ground, factor)
    colours = _tinted(ground, cell_m, soil_colours)
    brightness = _sunlight(fine, cell_m / factor)
    brightness *= 1 - 0.6 * _stretched(_cast_shadow(ground, cell_m), factor)
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
    colours = _tinted(np.asarray(heights, dtype=np.float32), cell_m, soil_colours)
    return np.clip(colours, 0, 255).astype(np.uint8)


def _factor(ground: Floats, cell_m: float) -> int:
    most = int(np.sqrt(_MAX_FINE_CELLS / ground.size))
    return max(1, min(round(cell_m / _FINE_CELL_M), most))


def _fine(ground: Floats, factor: int) -> Floats:
    """Return the heights on the finer grid, without the edges of the coarser one."""
    smooth = gaussian_filter(_stretched(ground, factor), 0.4 * factor, mode="nearest")
    return np.asarray(smooth, dtype=np.float32)


def _tinted(ground: Floats, cell_m: float, soil_colours: Colours | None) -> Floats:
    factor = _factor(ground, cell_m)
    colours = _stretched(_soil(ground, cell_m, soil_colours), factor)
    # Opening takes off what is narrower than its window, closing fills it: so the feet of
    # slopes and wide valleys stay as they are, which the local mean alone takes for holes.
    window = max(3, round(_ABRUPT_SIZE_M / cell_m) | 1)
    above = ground - _usual_ground(ground, cell_m)
    raised = np.minimum(above, ground - grey_opening(ground, window, mode="nearest"))
    dug = np.minimum(-above, grey_closing(ground, window, mode="nearest") - ground)
    # Soils stay to be told apart on stones and in dips, too.
    pale, dark, power = (0.9, 0.92, 0.5) if soil_colours is None else (0.3, 0.6, 1.5)
    for difference, colour, share in ((raised, ROCK, pale), (dug, HOLE, dark)):
        strength = np.clip((difference - _ABRUPT_FROM_M) / _ABRUPT_SPAN_M, 0, 1)
        soft = gaussian_filter(_stretched(strength**power, factor), 0.3 * factor)
        colours += (colour - colours) * (share * soft[..., None])
    return colours


def _usual_ground(ground: Floats, cell_m: float) -> Floats:
    """Return a local mean in which stones and holes count little, shape of the ground."""
    sigma = _SURROUNDINGS_M / cell_m
    weight = np.ones_like(ground)
    usual = ground
    for _ in range(4):
        usual = gaussian_filter(ground * weight, sigma, mode="nearest")
        usual /= gaussian_filter(weight, sigma, mode="nearest") + np.float32(1e-6)
        weight = np.exp(-(((ground - usual) / _TOLERANCE_M) ** 2)) + np.float32(1e-4)
    return usual


def _soil(ground: Floats, cell_m: float, soil_colours: Colours | None) -> Floats:
    if soil_colours is not None:
        return np.asarray(soil_colours, dtype=np.float32)
    wide = gaussian_filter(ground, 0.5 / cell_m, mode="nearest")
    low, high = np.percentile(wide, (5, 95))
    share = np.clip((wide - low) / max(float(high - low), 0.6), 0, 1)[..., None]
    return np.asarray(LOWLAND * (1 - share) + GROUND * share, dtype=np.float32)


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


def _stretched(values: Floats, factor: int) -> Floats:
    """Return values (rows, cols, ...) linearly refined along rows and columns."""
    if factor == 1:
        return values.copy()
    layers = values.reshape(*values.shape[:2], -1)
    parts = [
        zoom(layers[..., k], factor, order=1, grid_mode=True, mode="nearest")
        for k in range(layers.shape[2])
    ]
    fine = np.stack(parts, axis=-1)
    return np.asarray(fine.reshape(*fine.shape[:2], *values.shape[2:]), dtype=np.float32)
