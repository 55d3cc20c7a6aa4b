"""Ground and sky as pixels, with the depth of each for what stands on the ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot_envs.first_person_air import (
    FULL,
    HAZE,
    between,
    haze_share,
    mix_into,
    pack,
    sky_index,
    sky_table,
)
from iml_robot_envs.first_person_ground import GroundTexture
from iml_robot_envs.first_person_lens import Lens
from iml_robot_envs.first_person_march import NEAREST_M, Slices

Floats = npt.NDArray[np.float32]
Packed = npt.NDArray[np.uint32]
Index = npt.NDArray[np.intp]

# Pixels worked on at a time: their arrays then stay in the processor's cache.
_BLOCK = 30_000
# One over the distances [1/m] between which ground is drawn.
_LEAST_INVERSE, _MOST_INVERSE = np.float32(1e-4), np.float32(1 / NEAREST_M)
# Share of a block's pixels whose texels must look large for smooth texels.
_MAGNIFIED = 0.5


@dataclass
class Canvas:
    """A picture under way.

    Attributes:
        pixels: RGBX pixels, shape (height, width).
        nearness: One over the depth along the optical axis [1/m], 0 for the sky, shape
            (height, width).
    """

    pixels: Packed
    nearness: Floats

    @classmethod
    def blank(cls, size: tuple[int, int]) -> Canvas:
        """Return a canvas of this width and height."""
        shape = (size[1], size[0])
        return cls(np.empty(shape, np.uint32), np.empty(shape, np.float32))


class GroundPainter:
    """Paints ground and sky of one map.

    Args:
        texture: The ground's colours.
        distances: Distances ahead of the samples of `Slices` [m], shape (samples,).
        range_m: Distance at which the haze is as strong as it gets [m].
    """

    def __init__(self, texture: GroundTexture, distances: Floats, range_m: float) -> None:
        self._texture = texture
        self._distances = distances
        self._haze = (haze_share(distances, range_m) * FULL).astype(np.uint32)
        self._haze_colour = np.uint32(pack(HAZE))
        self._sky = sky_table()

    def paint(self, canvas: Canvas, lens: Lens, slices: Slices) -> None:
        """Fill the canvas."""
        width, height = lens.size
        scales, rows = self._levels(lens)
        block = max(1, _BLOCK // width)
        for top in range(0, height, block):
            part = slice(top, min(top + block, height))
            ahead, side, slope = _rays(lens, part)
            first, column = _first_samples(slices, side, slope)
            sky = first >= len(self._distances)
            pixels, nearness = canvas.pixels[part], canvas.nearness[part]
            if not sky.all():
                sample = np.minimum(first, len(self._distances) - 1)
                inverse = _crossed(slices, sample, column, slope)
                np.multiply(ahead, inverse, out=nearness)
                distance = np.reciprocal(inverse, out=inverse)
                pixels[...] = self._colour(lens, distance, side, (scales, rows), sample)
            if sky.any():
                np.copyto(pixels, self._sky.take(sky_index(slope)), where=sky)
                np.copyto(nearness, np.float32(0), where=sky)

    def _levels(self, lens: Lens) -> tuple[Floats, npt.NDArray[np.int64]]:
        """Return shrinkage and first texel of the level that fits each sample."""
        footprint = 1.6 * self._distances / lens.focal_px * self._texture.texels_per_m[0]
        levels = len(self._texture.first_rows)
        level = np.clip(np.round(np.log2(footprint)), 0, levels - 1).astype(np.intp)
        scales = (0.5**level).astype(np.float32)
        return scales, self._texture.first_rows[level] * self._texture.columns

    def _colour(
        self,
        lens: Lens,
        distance: Floats,
        side: Floats,
        levels: tuple[Floats, npt.NDArray[np.int64]],
        sample: Index,
    ) -> Packed:
        texture = self._texture
        sin_h, cos_h = np.sin(lens.heading), np.cos(lens.heading)
        shrink = levels[0].take(sample)
        coarsest = 1 << (len(texture.first_rows) - 1)
        places = []
        ways = ((sin_h, cos_h), (-cos_h, sin_h))
        for axis, (by_side, straight) in enumerate(ways):
            scale = texture.texels_per_m[axis]
            place = side * np.float32(by_side * scale)
            place += np.float32(straight * scale)
            place *= distance
            place += np.float32((lens.place[axis] - texture.corner[axis]) * scale)
            # Two texels of the coarsest level are border everywhere.
            np.clip(place, 1, texture.size[axis] - coarsest - 1, out=place)
            place *= shrink
            places.append(place)
        index = levels[1].take(sample)
        whole = [place.astype(np.int32) for place in places]
        index += whole[1] * np.int32(texture.columns)
        index += whole[0]
        pixels = texture.pixels.take(index)
        near_m = lens.focal_px / max(texture.texels_per_m) / 2.5
        if np.count_nonzero(distance < near_m) > _MAGNIFIED * distance.size:
            parts = [_share(place, low) for place, low in zip(places, whole, strict=True)]
            pixels = self._smooth(index, pixels, parts)
        mix_into(pixels, self._haze_colour, self._haze.take(sample))
        return pixels

    def _smooth(self, index: Index, pixels: Packed, shares: list[Packed]) -> Packed:
        """Return the bilinear texels whose lower left corners are at `index`."""
        texels, columns = self._texture.pixels, self._texture.columns
        lower = between(pixels, texels[1:].take(index), shares[0])
        upper = between(
            texels[columns:].take(index), texels[columns + 1 :].take(index), shares[0]
        )
        return between(lower, upper, shares[1])


def _share(place: Floats, whole: npt.NDArray[np.int32]) -> Packed:
    """Return the fraction of a place within its texel in 1/256; overwrites `place`."""
    place -= whole
    place *= np.float32(FULL)
    return place.astype(np.uint32)


def _rays(lens: Lens, rows: slice) -> tuple[Floats, Floats, Floats]:
    """Return ahead/depth, right/ahead and up/ahead of a block of pixels' rays."""
    width, height = lens.size
    across = (np.arange(width) + 0.5 - width / 2) / lens.focal_px
    down = (np.arange(rows.start, rows.stop) + 0.5 - height / 2) / lens.focal_px
    parts = []
    for axis in range(3):
        along_row = (lens.axes[0, axis] + across * lens.axes[1, axis]).astype(np.float32)
        along_column = (down * lens.axes[2, axis]).astype(np.float32)
        parts.append(along_column[:, None] + along_row)
    ahead, side, slope = parts
    inverse = np.float32(1) / ahead
    side *= inverse
    slope *= inverse
    return ahead, side, slope


def _first_samples(slices: Slices, side: Floats, slope: Floats) -> tuple[Index, Index]:
    """Return the number of the sample that each ray meets first, and its column."""
    rows, columns = slices.first.shape
    column = side - np.float32(slices.side[0])
    column *= np.float32(slices.side[1])
    np.clip(column, 0, columns - 1, out=column)
    row = slope - np.float32(slices.slope[0])
    row *= np.float32(slices.slope[1])
    np.clip(row, 0, rows - 1, out=row)
    column_index = column.astype(np.intp)
    cell = row.astype(np.intp)
    cell *= columns
    cell += column_index
    return slices.first.ravel().take(cell).astype(np.intp), column_index


def _crossed(slices: Slices, sample: Index, column: Index, slope: Floats) -> Floats:
    """Return one over the distance ahead [1/m] at which rays meet the ground."""
    place = sample * slices.first.shape[1]
    place += column
    inverse = slices.rise.take(place)
    inverse *= slope
    inverse += slices.base.take(place)
    # A camera inside of the ground would see what is behind it.
    np.clip(inverse, _LEAST_INVERSE, _MOST_INVERSE, out=inverse)
    return np.asarray(inverse)
