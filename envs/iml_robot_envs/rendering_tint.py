"""Colours of the ground before light falls on it, for every way to look at a map.

What is abrupt is set off: stones are pale, holes dark, cliffs grey-brown rock. Hills and
valleys keep the colour of their soil; light and contour lines show those.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, maximum_filter, minimum_filter

Floats = npt.NDArray[np.float32]
Colours = npt.NDArray[np.uint8]

GROUND = np.array((172, 160, 134), dtype=np.float32)
LOWLAND = np.array((146, 148, 122), dtype=np.float32)
ROCK = np.array((236, 232, 222), dtype=np.float32)
HOLE = np.array((24, 24, 34), dtype=np.float32)
CLIFF = np.array((146, 126, 110), dtype=np.float32)

_FINE_CELL_M = 0.05
_MAX_FINE_CELLS = 700_000
_SURROUNDINGS_M, _TOLERANCE_M = 0.9, 0.07
# Width below which a rise is a stone and a dip is a hole, and the heights that count. A
# rover with wheels of 0.1 m radius climbs about 0.07 m.
_ABRUPT_SIZE_M = 3.2
_ABRUPT_FROM_M, _ABRUPT_SPAN_M = 0.05, 0.12
# Stones and holes have, somewhere near, a flank that is this much steeper than the ground
# is over half a metre; knolls and dells do not, however steep.
_FLANK_SLOPES, _FLANK_OVER_M = (0.25, 0.4), 0.5
_FLANK_WITHIN_M = 1.6
# Rises within the width of a stone that no stone has: there, what is steep is a cliff.
_CLIFF_RISES_M = (1.5, 2.0)
_CLIFF_SLOPES = (0.73, 1.28)
_MOST_SOILS = 8


def fine_factor(shape: tuple[int, ...], cell_m: float) -> int:
    """Return how many cells of the finer grid, on which maps are drawn, lie along one."""
    most = int(np.sqrt(_MAX_FINE_CELLS / (shape[0] * shape[1])))
    return max(1, min(round(cell_m / _FINE_CELL_M), most))


def refined(values: npt.NDArray[np.floating], factor: int) -> Floats:
    """Return values on a grid `factor` times finer, edges softened by a cell.

    The cubic B-spline over the samples: light on it shows no edges of the coarser grid.

    Args:
        values: Any values, shape (rows, cols).
        factor: Finer cells along one cell.

    Returns:
        The values, shape (rows * factor, cols * factor).
    """
    coarse = np.asarray(values, dtype=np.float32)
    if factor == 1:
        return coarse.copy()
    across = _finer_rows(np.ascontiguousarray(coarse.T), factor)
    return _finer_rows(np.ascontiguousarray(across.T), factor)


def tinted(
    heights: npt.NDArray[np.floating], cell_m: float, soil_colours: Colours | None
) -> Floats:
    """Return the unlit colours of a map in [0, 255], on the finer grid, (m, k, 3).

    Args:
        heights: Ground height [m], shape (rows, cols), rows along y, columns along x.
        cell_m: Side of a cell [m].
        soil_colours: Colour of the bare ground, shape (rows, cols, 3), uint8; None for a
            tint by height.
    """
    ground = np.asarray(heights, dtype=np.float32)
    factor = fine_factor(ground.shape, cell_m)
    if soil_colours is None:
        share = refined(_share_of_height(ground, cell_m), factor)[..., None]
        colours = np.asarray(LOWLAND + (GROUND - LOWLAND) * share, dtype=np.float32)
    else:
        colours = _crisp(soil_colours, factor)
    if not np.ptp(ground) > _ABRUPT_FROM_M:
        return colours
    # Soils stay to be told apart on stones and in dips, too.
    plain = soil_colours is None
    most = (0.95, 0.94, 0.8) if plain else (0.3, 0.6, 0.5)
    raised, dug, cliff = _abrupt(ground, cell_m)
    for rise, colour, full in ((raised, ROCK, most[0]), (dug, HOLE, most[1])):
        if rise.max() > _ABRUPT_FROM_M:
            # Bounds are taken on the finer grid: there, stones have crisp edges.
            strength = refined(rise, factor)
            strength -= np.float32(_ABRUPT_FROM_M)
            strength *= np.float32(1 / _ABRUPT_SPAN_M)
            np.clip(strength, 0, 1, out=strength)
            _mix(colours, colour, np.float32(full) * strength ** (0.5 if plain else 1.5))
    if cliff.any():
        _mix(colours, CLIFF, np.float32(most[2]) * refined(cliff, factor))
    return colours


def _mix(colours: Floats, colour: Floats, share: Floats) -> None:
    """Mix one colour into a picture in place."""
    for layer in range(3):
        part = colours[..., layer]
        part += (colour[layer] - part) * share


def _finer_rows(values: Floats, factor: int) -> Floats:
    """Return values with `factor` rows for each one."""
    rows, columns = values.shape
    padded = np.pad(values, ((2, 2), (0, 0)), mode="edge")
    fine = np.empty((rows, factor, columns), np.float32)
    for k in range(factor):
        place = (k + 0.5) / factor - 0.5
        below = int(np.floor(place))
        t = place - below
        weights = (
            (1 - t) ** 3 / 6,
            (3 * t**3 - 6 * t**2 + 4) / 6,
            (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
            t**3 / 6,
        )
        part = np.zeros((rows, columns), np.float32)
        for j, weight in enumerate(weights):
            first = 1 + below + j
            part += np.float32(weight) * padded[first : first + rows]
        fine[:, k] = part
    return fine.reshape(rows * factor, columns)


def _share_of_height(ground: Floats, cell_m: float) -> Floats:
    """Return 0 for the lowest and 1 for the highest ground, stones aside."""
    wide = gaussian_filter(ground, 0.5 / cell_m, mode="nearest")
    low, high = np.percentile(wide, (5, 95))
    return np.asarray(
        np.clip((wide - low) / max(float(high - low), 0.6), 0, 1), dtype=np.float32
    )


def _crisp(soil_colours: Colours, factor: int) -> Floats:
    """Return colours on the finer grid, with smooth but sharp lines between soils."""
    rows, columns = soil_colours.shape[:2]
    parts = soil_colours.astype(np.int32)
    packed = parts[..., 0] << 16 | parts[..., 1] << 8 | parts[..., 2]
    kinds, number = np.unique(packed, return_inverse=True)
    number = number.reshape(rows, columns)
    parts = np.stack([kinds >> 16, kinds >> 8 & 255, kinds & 255], axis=1)
    palette: Floats = parts.astype(np.float32)
    if factor == 1 or len(kinds) == 1 or len(kinds) > _MOST_SOILS:
        most = number.repeat(factor, axis=0).repeat(factor, axis=1)
        return np.asarray(palette[most], dtype=np.float32)
    best = refined(number == 0, factor)
    most = np.zeros(best.shape, np.int64)
    for kind in range(1, len(kinds)):
        share = refined(number == kind, factor)
        most[share > best] = kind
        np.maximum(best, share, out=best)
    return np.asarray(palette[most], dtype=np.float32)


def _abrupt(ground: Floats, cell_m: float) -> tuple[Floats, Floats, Floats]:
    """Return rise of stones [m], depth of holes [m] and how much of a cliff it is."""
    # Opening takes off what is narrower than its window, closing fills it: so the feet of
    # slopes and wide valleys stay as they are, which the local mean alone takes for holes.
    window = max(3, round(_ABRUPT_SIZE_M / cell_m) | 1)
    low = minimum_filter(ground, window, mode="nearest")
    high = maximum_filter(ground, window, mode="nearest")
    above = ground - _usual_ground(ground, cell_m)
    raised = np.minimum(above, ground - maximum_filter(low, window, mode="nearest"))
    dug = np.minimum(-above, minimum_filter(high, window, mode="nearest") - ground)
    wide = gaussian_filter(ground, _FLANK_OVER_M / cell_m, mode="nearest")
    flank = np.hypot(*np.gradient(ground - wide, cell_m))
    near = max(3, round(_FLANK_WITHIN_M / cell_m) | 1)
    flank = maximum_filter(flank, near, mode="nearest")
    # As far from a cliff as its flank is felt, dips of the floor are no holes.
    rugged = maximum_filter(_rising(high - low, _CLIFF_RISES_M), near, mode="nearest")
    abrupt = _rising(flank, _FLANK_SLOPES) * (1 - rugged)
    slope = np.hypot(*np.gradient(ground, cell_m))
    return raised * abrupt, dug * abrupt, rugged * _rising(slope, _CLIFF_SLOPES)


def _rising(values: Floats, bounds: tuple[float, float]) -> Floats:
    """Return 0 up to the first bound, 1 from the second, and between them in between."""
    share = np.clip((values - bounds[0]) / (bounds[1] - bounds[0]), 0, 1)
    return np.asarray(share, dtype=np.float32)


def _usual_ground(ground: Floats, cell_m: float) -> Floats:
    """Return a local mean in which stones and holes count little, shape of the ground.

    A plain mean would rise between many stones and make ground look dug.
    """
    sigma = _SURROUNDINGS_M / cell_m
    weight = np.ones_like(ground)
    usual = ground
    for _ in range(4):
        usual = gaussian_filter(ground * weight, sigma, mode="nearest")
        usual /= gaussian_filter(weight, sigma, mode="nearest") + np.float32(1e-6)
        weight = np.exp(-(((ground - usual) / _TOLERANCE_M) ** 2)) + np.float32(1e-4)
    return usual
