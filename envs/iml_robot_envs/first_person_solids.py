"""Posts, beams and the goal's flag: cylinders drawn into a picture with depth.

A cylinder is drawn as the rectangle through its axis that faces the camera. On the
picture everything about that rectangle is a plane in the pixel's column and row: one over
its depth, and the distances to its four sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from iml_robot_envs.first_person_air import FULL, between, hazed, pack
from iml_robot_envs.first_person_lens import Lens
from iml_robot_envs.first_person_paint import Canvas, Floats, Packed
from iml_robot_envs.first_person_relief import SUN_AZIMUTH_RAD, SUN_ELEVATION_RAD

Array = npt.NDArray[np.float64]

_NEAREST_M = 0.05
# Thinner cylinders would come and go between the middles of the pixels.
_THINNEST_HALF_PX = 0.6
_SHADES = 64
# Share of light's own colour, in 1/256.
_LIGHT = np.uint32(0.36 * FULL)


@dataclass(frozen=True)
class Cylinders:
    """Cylinders in the world.

    Attributes:
        axes: Ends of the axes, shape (n, 2, 3) [m].
        radii: Radii [m], shape (n,).
        colours: Colours in [0, 255], shape (n, 3).
        flat: True for those drawn in one colour, as flags are; shape (n,).
        light: True for those of light, through which what is behind is seen; shape (n,).
    """

    axes: Array
    radii: Array
    colours: Array
    flat: npt.NDArray[np.bool_]
    light: npt.NDArray[np.bool_]

    def joined(self, other: Cylinders) -> Cylinders:
        """Return these and other cylinders."""
        return Cylinders(
            np.concatenate([self.axes, other.axes]),
            np.concatenate([self.radii, other.radii]),
            np.concatenate([self.colours, other.colours]),
            np.concatenate([self.flat, other.flat]),
            np.concatenate([self.light, other.light]),
        )


@dataclass(frozen=True)
class _Faces:
    """Facing rectangles of cylinders; planes are factors of (1, across, down).

    Attributes:
        nearness: One over the depth, shape (n, 3).
        side: Distance from the axis' plane over the depth, shape (n, 3).
        begin: Not negative beyond the first end, shape (n, 3).
        end: Not negative before the second end, shape (n, 3).
        half: Half of the width [m], shape (n,).
        shades: Pixels across the width, shape (n, 64).
        corners: Pixels of the four corners in order, shape (n, 4, 2).
        light: True for cylinders of light, shape (n,).
    """

    nearness: Array
    side: Array
    begin: Array
    end: Array
    half: Array
    shades: Packed
    corners: Array
    light: npt.NDArray[np.bool_]


def draw_cylinders(
    canvas: Canvas, lens: Lens, cylinders: Cylinders, range_m: float
) -> None:
    """Draw cylinders where nothing on the canvas is nearer; those of light come last."""
    faces = _faces(lens, cylinders, range_m)
    depth, pixels = canvas.nearness.ravel(), canvas.pixels.ravel()
    for light in (False, True):
        chosen = np.flatnonzero(faces.light == light)
        if not len(chosen):
            continue
        pieces = _fragments(faces, chosen, lens)
        seen = np.flatnonzero(pieces.nearness > depth.take(pieces.pixel))
        where = pieces.pixel.take(seen)
        colours = faces.shades.ravel().take(pieces.shade.take(seen))
        if light:
            pixels[where] = between(pixels.take(where), colours, _LIGHT)
            continue
        # The farthest cylinders come first, and the last value given to a pixel stays.
        pixels[where] = colours
        depth[where] = pieces.nearness.take(seen)


@dataclass(frozen=True)
class _Fragments:
    """Pixels that faces cover, one element a pixel and face, the farthest faces first.

    Attributes:
        pixel: Number of the pixel in the flat picture, shape (m,).
        nearness: One over the depth [1/m], shape (m,).
        shade: Number of the shade in the flat table of the faces, shape (m,).
    """

    pixel: npt.NDArray[np.intp]
    nearness: Floats
    shade: npt.NDArray[np.intp]


def _fragments(faces: _Faces, chosen: npt.NDArray[np.intp], lens: Lens) -> _Fragments:
    """Return what some faces cover, found row by row as spans between two columns."""
    width, height = lens.size
    number, row = _face_rows(faces.corners[chosen, :, 1], height)
    face = chosen[number]
    down = np.asarray((row + 0.5 - height / 2) / lens.focal_px, np.float64)
    first, last = _spans(faces, face, down, lens)
    count = np.maximum(last - first, 0)
    some = np.flatnonzero(count)
    face, row, first, count = (v[some] for v in (face, row, first, count))
    down = down[some]
    start = np.cumsum(count) - count
    step = np.arange(count.sum()) - np.repeat(start, count)
    left = (first + 0.5 - width / 2) / lens.focal_px
    right = left + (count - 1) / lens.focal_px
    pixel = np.repeat(row * width + first, count)
    pixel += step
    steps = step.astype(np.float32)
    nearness, ends = (
        faces.nearness[face, 0]
        + down * faces.nearness[face, 2]
        + faces.nearness[face, 1] * x
        for x in (left, right)
    )
    shades = []
    for x, near in ((left, nearness), (right, ends)):
        side = faces.side[face, 0] + faces.side[face, 1] * x + faces.side[face, 2] * down
        place = np.clip(side / (near * faces.half[face]), -1, 1)
        shades.append((place + 1) * (_SHADES / 2 - 0.01) + face * _SHADES)
    shade = _ramp(shades[0], shades[1], count, steps)
    return _Fragments(pixel, _ramp(nearness, ends, count, steps), shade.astype(np.intp))


def _ramp(begin: Array, end: Array, count: npt.NDArray[np.intp], steps: Floats) -> Floats:
    """Return values that go evenly from begin to end within each span."""
    slope = ((end - begin) / np.maximum(count - 1, 1)).astype(np.float32)
    values = np.repeat(slope, count)
    values *= steps
    values += np.repeat(begin.astype(np.float32), count)
    return values


def _face_rows(
    rows: Array, height: int
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return face and row of every row of pixels that faces may reach.

    Args:
        rows: Rows of the faces' corners [pixels], shape (n, 4).
        height: Height of the picture [pixels].
    """
    top = np.clip(np.floor(rows.min(axis=1)), 0, height).astype(np.intp)
    bottom = np.clip(np.ceil(rows.max(axis=1)), 0, height).astype(np.intp)
    count = bottom - top
    face = np.repeat(np.arange(len(count)), count)
    row = np.arange(len(face)) - np.repeat(np.cumsum(count) - count, count)
    return face, row + top[face]


def _spans(
    faces: _Faces, face: npt.NDArray[np.intp], down: Array, lens: Lens
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the first column inside each face on each row, and the one after the last.

    In a row, each of a face's four sides (and a depth of at least the nearest) leaves a
    half-line of columns.
    """
    wide = faces.nearness * faces.half[:, None]
    nearest = np.array([1 / _NEAREST_M, 0, 0]) - faces.nearness
    sides = np.array(
        [wide - faces.side, wide + faces.side, faces.begin, faces.end, nearest]
    )
    slope = sides[:, :, 1]
    slope = np.where(np.abs(slope) > 1e-12, slope, 1e-12)
    # The column of each side is `start + lean * down`.
    start, lean = -sides[:, :, 0] / slope, -sides[:, :, 2] / slope
    low = np.full(len(face), -np.inf)
    high = np.full(len(face), np.inf)
    for side in range(len(sides)):
        edge = start[side].take(face) + lean[side].take(face) * down
        rising = slope[side].take(face) > 0
        np.maximum(low, edge, out=low, where=rising)
        np.minimum(high, edge, out=high, where=~rising)
    width = lens.size[0]
    columns = [
        np.clip(np.ceil(edge * lens.focal_px + width / 2 - 0.5), 0, width).astype(np.intp)
        for edge in (low, high)
    ]
    return columns[0], columns[1]


def _faces(lens: Lens, cylinders: Cylinders, range_m: float) -> _Faces:
    """Return the faces of the cylinders before the camera, the farthest first."""
    count = len(cylinders.radii)
    ends = lens.in_camera(cylinders.axes.reshape(-1, 3)).reshape(count, 2, 3)
    along = ends[:, 1] - ends[:, 0]
    length = np.linalg.norm(along, axis=1)
    along /= np.maximum(length, 1e-9)[:, None]
    across = np.cross(along, ends[:, 0])
    distance = np.linalg.norm(across, axis=1)
    radii = cylinders.radii
    # From inside of a cylinder, or along its axis, there is no face to see.
    keep = (distance > 1.02 * radii) & (length > 1e-6) & (ends[:, :, 0].max(1) > _NEAREST_M)
    order = np.flatnonzero(keep)
    order = order[np.argsort(-_least_distance(ends, along, length)[order])]
    ends, along, length = ends[order], along[order], length[order]
    distance, radii = distance[order], radii[order]
    across = across[order] / distance[:, None]
    # The lines of sight that touch a cylinder leave its axis' plane wider than its radius.
    half = radii * distance / np.sqrt(distance**2 - radii**2)
    half = np.maximum(half, _THINNEST_HALF_PX / lens.focal_px * distance)
    normal = np.cross(across, along)
    offset = np.einsum("nk,nk->n", normal, ends[:, 0])
    nearness = normal / offset[:, None]
    first = np.einsum("nk,nk->n", along, ends[:, 0])
    return _Faces(
        nearness=nearness,
        side=across,
        begin=along - first[:, None] * nearness,
        end=(first + length)[:, None] * nearness - along,
        half=half,
        shades=_shades(lens, cylinders, order, (across, normal, distance), range_m),
        corners=_corners(lens, ends, across * half[:, None]),
        light=cylinders.light[order],
    )


def _least_distance(ends: Array, along: Array, length: Array) -> Array:
    """Return the distance [m] of the point of each axis that is nearest to the camera."""
    reach = np.clip(-np.einsum("nk,nk->n", along, ends[:, 0]), 0, length)
    nearest = ends[:, 0] + reach[:, None] * along
    return np.asarray(np.linalg.norm(nearest, axis=1), dtype=np.float64)


def _shades(
    lens: Lens,
    cylinders: Cylinders,
    order: npt.NDArray[np.intp],
    face: tuple[Array, Array, Array],
    range_m: float,
) -> Packed:
    """Return the pixels across the width of each face, lit by the sun."""
    across, normal, distance = face
    sun = np.array(
        [
            np.cos(SUN_ELEVATION_RAD) * np.cos(SUN_AZIMUTH_RAD),
            np.cos(SUN_ELEVATION_RAD) * np.sin(SUN_AZIMUTH_RAD),
            np.sin(SUN_ELEVATION_RAD),
        ]
    )
    sun = lens.in_camera(np.array([sun + lens.place]))[0]
    place = (np.arange(_SHADES) + 0.5) / _SHADES * 2 - 1
    out = np.sqrt(1 - place**2)
    facing = -np.sign(normal[:, :1]) * normal
    from_side = np.einsum("nk,k->n", across, sun)[:, None] * place
    light = from_side + np.einsum("nk,k->n", facing, sun)[:, None] * out
    # Round also where the sun does not reach: what faces the camera is a little lighter.
    brightness = 0.52 + 0.62 * np.clip(light, 0, None) + 0.14 * (out - 1)
    brightness *= _bark()
    brightness = np.where(cylinders.flat[order][:, None], 1.0, brightness)
    colours = cylinders.colours[order][:, None] * brightness[:, :, None]
    return pack(hazed(colours, distance, range_m))


@cache
def _bark() -> Array:
    """Return streaks along a cylinder that tell near bark from a far wall, shape (64,)."""
    rough = np.random.default_rng(3).standard_normal(_SHADES)
    smooth = np.convolve(np.tile(rough, 3), (0.25, 0.5, 0.25), "same")[_SHADES:-_SHADES]
    return np.asarray(1 + 0.07 * smooth / smooth.std())


def _corners(lens: Lens, ends: Array, side: Array) -> Array:
    """Return the pixels of the faces' corners, cut off where they come too near."""
    depth = ends[:, :, 0]
    rise = depth[:, 1] - depth[:, 0]
    rise = np.where(np.abs(rise) > 1e-9, rise, 1e-9)
    cut = np.clip((_NEAREST_M - depth[:, 0]) / rise, 0, 1)[:, None]
    middle = ends[:, 0] + cut * (ends[:, 1] - ends[:, 0])
    first = np.where((depth[:, 0] < _NEAREST_M)[:, None], middle, ends[:, 0])
    second = np.where((depth[:, 1] < _NEAREST_M)[:, None], middle, ends[:, 1])
    corners = np.stack([first + side, second + side, second - side, first - side], axis=1)
    # So near that its corners lie beside the camera: search the whole picture.
    close = corners[:, :, 0].min(axis=1) < _NEAREST_M / 2
    pixels = lens.to_pixels(corners.reshape(-1, 3)).reshape(-1, 4, 2)
    pixels[close] = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * lens.size
    return pixels
