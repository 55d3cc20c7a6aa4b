"""Where each ray of a picture meets the height field, found column by column.

On an upright picture plane (right over ahead, up over ahead) every column is one
vertical slice of the world. The ground is sampled along each slice; the slope to the
highest sample so far never falls, so that one count per cell of the plane says which
sample its ray meets first. A tilted picture is a look-up in that plane.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot_envs.first_person_lens import Lens

Floats = npt.NDArray[np.float32]

NEAREST_M = 0.1
_GROWTH = 0.045
_FAR_GROWTH = 0.018
_COLUMNS_PER_PIXEL = 0.5
_COLUMNS_AT_MOST = 1.5
_ROWS_AT_MOST = 2.5


def sample_distances(range_m: float, cell_m: float) -> Floats:
    """Return distances ahead [m] at which the ground is sampled, rising.

    Steps grow with the distance as the picture shrinks, but as long as a rock can be made
    out they stay below a cell of the grid, else it would be stepped over.
    """
    distances = [NEAREST_M]
    while distances[-1] < range_m:
        last = distances[-1]
        longest = max(cell_m, range_m / 400, _FAR_GROWTH * last)
        distances.append(last + min(_GROWTH * last, longest))
    return np.array(distances, dtype=np.float32)


@dataclass(frozen=True)
class Slices:
    """The ground in vertical slices through the pinhole.

    Attributes:
        first: Number of samples below each cell of the upright plane, that is the number
            of the sample met first; equal to the number of samples for the sky. Shape
            (rows, columns), row 0 lowest.
        base: One over the distance ahead [1/m] at which the ground before each sample
            meets a ray of slope 0, shape (samples * columns,).
        rise: Change of that per slope (up/ahead), same shape. Seen from the pinhole, one
            over the distance is linear in the slope along any straight line.
        side: right/ahead of column 0's left edge, and columns per unit.
        slope: up/ahead of row 0's lower edge, and rows per unit.
    """

    first: npt.NDArray[np.int16]
    base: Floats
    rise: Floats
    side: tuple[float, float]
    slope: tuple[float, float]


class GroundMarch:
    """Searches one height field.

    Args:
        heights: Ground height [m], shape (rows, cols), rows along y, columns along x.
        cell_m: Distance of neighbouring samples [m].
        origin: Position (x, y) [m] of `heights[0, 0]`.
        range_m: Distance ahead to which the ground is searched [m].
    """

    def __init__(
        self,
        heights: npt.NDArray[np.floating],
        cell_m: float,
        origin: tuple[float, float],
        range_m: float,
    ) -> None:
        self._heights = np.ascontiguousarray(heights, dtype=np.float32)
        self._cell_m = cell_m
        self._origin = origin
        self.distances = sample_distances(range_m, cell_m)

    def height_at(self, points: npt.NDArray[np.floating]) -> Floats:
        """Return the height [m] under points (n, 2) [m]; the rim's height outside."""
        x, y = (np.asarray(points, dtype=np.float64) - self._origin).T / self._cell_m
        return self._interpolated(x.astype(np.float32), y.astype(np.float32))

    def slices(self, lens: Lens) -> Slices:
        """Return the ground seen from a camera."""
        (left, right), (low, high) = lens.bounds()
        width, height = lens.size
        wanted = _COLUMNS_PER_PIXEL * lens.focal_px * (right - left)
        columns = min(int(wanted), int(_COLUMNS_AT_MOST * width)) + 1
        rows = min(int((high - low) * lens.focal_px) + 1, int(_ROWS_AT_MOST * height) + 1)
        per_side = columns / (right - left)
        per_slope = rows / (high - low)
        sides = np.asarray(left + (np.arange(columns) + 0.5) / per_side, np.float64)
        top = self._slopes(lens, sides)
        base, rise = self._crossings(top, 0.5 / per_slope)
        # Row by row this is several times faster than `maximum.accumulate`.
        for sample in range(1, len(top)):
            np.maximum(top[sample], top[sample - 1], out=top[sample])
        top -= low
        top *= per_slope
        top += 0.5
        np.clip(top, 0, rows, out=top)
        cell = top.astype(np.int32)
        cell *= columns
        cell += np.arange(columns, dtype=np.int32)
        counts = np.bincount(cell.ravel(), minlength=(rows + 1) * columns)
        first = counts.reshape(rows + 1, columns)[:rows].astype(np.int16)
        for row in range(1, rows):
            np.add(first[row], first[row - 1], out=first[row])
        return Slices(first, base.ravel(), rise.ravel(), (left, per_side), (low, per_slope))

    def _crossings(self, slopes: Floats, least: float) -> tuple[Floats, Floats]:
        """Return `base` and `rise` of `Slices`.

        Args:
            slopes: Up over ahead of each sample, shape (samples, columns).
            least: Smallest rise of the slope from sample to sample that is told apart;
                ground that falls away from a ray is never what the ray meets.
        """
        inverse = 1 / self.distances
        rise = np.empty_like(slopes)
        np.subtract(slopes[1:], slopes[:-1], out=rise[1:])
        rise[0] = rise[1]
        np.maximum(rise, np.float32(least), out=rise)
        np.divide(np.diff(inverse, prepend=inverse[:1])[:, None], rise, out=rise)
        base = np.empty_like(slopes)
        np.multiply(slopes[:-1], rise[1:], out=base[1:])
        base[0] = 0
        np.subtract(np.append(inverse[:1], inverse[:-1])[:, None], base, out=base)
        return base, rise

    def _slopes(self, lens: Lens, sides: npt.NDArray[np.float64]) -> Floats:
        sin_h, cos_h = np.sin(lens.heading), np.cos(lens.heading)
        ahead = self.distances[:, None]
        x0 = (lens.place[0] - self._origin[0]) / self._cell_m
        y0 = (lens.place[1] - self._origin[1]) / self._cell_m
        x = ahead * ((cos_h + sides * sin_h) / self._cell_m).astype(np.float32)
        y = ahead * ((sin_h - sides * cos_h) / self._cell_m).astype(np.float32)
        x += np.float32(x0)
        y += np.float32(y0)
        height = self._interpolated(x, y)
        height -= np.float32(lens.place[2])
        height /= ahead
        return height

    def _interpolated(self, x: Floats, y: Floats) -> Floats:
        """Return bilinear heights at places in cells, and overwrite the arguments."""
        rows, columns = self._heights.shape
        np.clip(x, 0, columns - 1.001, out=x)
        np.clip(y, 0, rows - 1.001, out=y)
        left, low = x.astype(np.int32), y.astype(np.int32)
        x -= left
        y -= low
        low *= columns
        low += left
        corner = low.astype(np.intp)
        flat = self._heights.ravel()
        height, upper = flat.take(corner), flat[columns:].take(corner)
        step = flat[1:].take(corner)
        step -= height
        step *= x
        height += step
        step = flat[columns + 1 :].take(corner)
        step -= upper
        step *= x
        upper += step
        upper -= height
        upper *= y
        height += upper
        return height
