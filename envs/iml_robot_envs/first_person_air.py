"""Sky and haze: what is far looks pale, and the horizon stays a crisp line."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Packed = npt.NDArray[np.uint32]

ZENITH = np.array((74, 128, 196), dtype=np.float32)
HORIZON = np.array((222, 233, 240), dtype=np.float32)
HAZE = np.array((158, 172, 180), dtype=np.float32)

FULL = 256
_MOST_HAZE = 0.80
# Share of the range at which the haze has two thirds of its strength.
_HAZE_REACH = 0.75

_SKY_STEPS = 256
_SKY_SLOPE = 1.2
RED_BLUE = np.uint32(0x00FF00FF)
GREEN = np.uint32(0x0000FF00)


def pack(colours: npt.NDArray[np.floating] | npt.NDArray[np.uint8]) -> Packed:
    """Return colours (..., 3) in [0, 255] as RGBX pixels, shape (...)."""
    parts = np.clip(colours, 0, 255).astype(np.uint32)
    packed = parts[..., 0] | parts[..., 1] << 8 | parts[..., 2] << 16
    return np.asarray(packed, dtype=np.uint32)


def haze_share(distances: npt.NDArray[np.floating], range_m: float) -> Floats:
    """Return how much of the haze's colour is seen at distances [m], in [0, 1]."""
    depth = np.clip(np.asarray(distances) / (range_m * _HAZE_REACH), 0, None)
    return np.asarray(_MOST_HAZE * (1 - np.exp(-(depth**1.4))), dtype=np.float32)


def hazed(
    colours: npt.NDArray[np.floating], distances: npt.NDArray[np.floating], range_m: float
) -> npt.NDArray[np.floating]:
    """Return colours (n, ..., 3) as seen through the air over distances (n,) [m]."""
    share = haze_share(distances, range_m)
    share = share.reshape(-1, *[1] * (np.ndim(colours) - 1))
    return np.asarray(colours + (HAZE - colours) * share)


def mix_into(pixels: Packed, colour: np.uint32, strength: Packed | np.uint32) -> None:
    """Mix one colour into packed pixels in place; their fourth byte becomes 0.

    Args:
        pixels: RGBX pixels.
        colour: RGBX pixel.
        strength: Share of the colour in 1/256, at most 256, same shape or a scalar.
    """
    # Red and blue lie far enough apart to be multiplied in one go.
    clear = np.uint32(FULL) - strength
    red_blue = pixels & RED_BLUE
    red_blue *= clear
    red_blue += strength * (colour & RED_BLUE)
    red_blue >>= 8
    red_blue &= RED_BLUE
    green = pixels & GREEN
    green >>= 8
    green *= clear
    green += strength * ((colour & GREEN) >> 8)
    green &= GREEN
    np.bitwise_or(red_blue, green, out=pixels)


def between(first: Packed, second: Packed, share: Packed | np.uint32) -> Packed:
    """Return packed pixels between two pictures; `share` of the second in 1/256."""
    clear = np.uint32(FULL) - share
    red_blue = (first & RED_BLUE) * clear
    red_blue += (second & RED_BLUE) * share
    red_blue >>= 8
    red_blue &= RED_BLUE
    green = ((first & GREEN) >> 8) * clear
    green += ((second & GREEN) >> 8) * share
    green &= GREEN
    red_blue |= green
    return red_blue


def sky_table() -> Packed:
    """Return the sky's pixels by slope, shape (257,): element 0 is below the horizon."""
    slope = (np.arange(_SKY_STEPS) + 0.5) / _SKY_STEPS * _SKY_SLOPE
    share = (np.minimum(slope, 1.0) ** 0.55)[:, None]
    sky = HORIZON + (ZENITH - HORIZON) * share
    return np.concatenate([pack(HAZE)[None], pack(sky)])


def sky_index(slopes: Floats) -> npt.NDArray[np.intp]:
    """Return the elements of `sky_table` for slopes up/ahead."""
    index = np.ceil(slopes * np.float32(_SKY_STEPS / _SKY_SLOPE))
    np.clip(index, 0, _SKY_STEPS, out=index)
    return np.asarray(index, dtype=np.intp)
