"""A path on the ground: what is left of a line drawn by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]

SPACING_M = 0.1
"""Distance between the points of a path [m]."""
SMOOTHED_M = 0.5
"""Length over which the trembling of a hand is averaged [m]."""
SHORTEST_M = 0.5
"""Shorter lines are slips of the mouse [m]."""


@dataclass(frozen=True)
class DrawnPath:
    """Points at equal distances, with the way to each.

    Attributes:
        points: Positions (x, y) in the world [m], shape (n, 2), n >= 2.
        along: Way from the start to each point [m], shape (n,).
    """

    points: Points
    along: Points

    @classmethod
    def of(cls, line: npt.ArrayLike) -> DrawnPath | None:
        """Return the path of a line, smoothed; None if it is too short to be meant.

        Args:
            line: Positions (x, y) in the world [m], shape (n, 2).
        """
        drawn = np.asarray(line, dtype=float).reshape(-1, 2)
        drawn = drawn[np.isfinite(drawn).all(axis=1)]
        if len(drawn) < 2 or _ways(drawn)[-1] < SHORTEST_M:
            return None
        even = _resampled(_smoothed(_resampled(drawn)))
        return cls(even, _ways(even))

    @property
    def length_m(self) -> float:
        """The whole way [m]."""
        return float(self.along[-1])

    def nearest(self, position: npt.ArrayLike, *, after: float, before: float) -> float:
        """Return the way to the point that is nearest to a position [m].

        Args:
            position: Position (x, y) [m].
            after: Way from which to look [m]; a path may cross itself.
            before: Way up to which to look [m].
        """
        place = np.flatnonzero((self.along >= after - 1e-9) & (self.along <= before))
        if not len(place):
            return min(after, self.length_m)
        offset = self.points[place] - np.asarray(position, dtype=float)
        return float(self.along[place[np.hypot(*offset.T).argmin()]])

    def at(self, way_m: float) -> Points:
        """Return the position at a way from the start, shape (2,); the end beyond it."""
        x, y = (np.interp(way_m, self.along, self.points[:, k]) for k in (0, 1))
        return np.array([x, y])

    def direction(self, way_m: float) -> float:
        """Return the direction of the path at a way from the start [rad]."""
        x, y = self.at(way_m + SPACING_M) - self.at(way_m - SPACING_M)
        return float(np.arctan2(y, x))

    def bend(self, way_m: float, *, within_m: float) -> float:
        """Return the sharpest bend on the way ahead [1/m].

        Args:
            way_m: Way from the start [m].
            within_m: How far to look ahead [m].
        """
        place = (self.along >= way_m - SPACING_M) & (self.along <= way_m + within_m)
        ahead = self.points[place]
        # Over a length, and not from point to point: the eye sees no bend in a tremble.
        over = min(round(SMOOTHED_M / SPACING_M), (len(ahead) - 1) // 2)
        if over < 1:
            return 0.0
        chords = ahead[over:] - ahead[:-over]
        headings = np.unwrap(np.arctan2(chords[:, 1], chords[:, 0]))
        turns = headings[over:] - headings[:-over]
        return float(np.abs(turns).max() / (over * SPACING_M))

    def off_track_m(self, position: npt.ArrayLike) -> float:
        """Return the distance of a position from the whole path [m]."""
        start, step = self.points[:-1], np.diff(self.points, axis=0)
        offset = np.asarray(position, dtype=float) - start
        share = (offset * step).sum(axis=1) / np.maximum((step**2).sum(axis=1), 1e-12)
        foot = start + np.clip(share, 0.0, 1.0)[:, None] * step
        return float(np.hypot(*(foot - np.asarray(position, dtype=float)).T).min())


def _ways(points: Points) -> Points:
    steps = np.hypot(*np.diff(points, axis=0).T)
    ways: Points = np.r_[0.0, np.cumsum(steps)]
    return ways


def _resampled(points: Points) -> Points:
    """Return points at equal distances on the line, with its start and end."""
    ways = _ways(points)
    count = max(2, round(float(ways[-1]) / SPACING_M) + 1)
    wanted = np.linspace(0.0, ways[-1], count)
    return np.column_stack([np.interp(wanted, ways, points[:, k]) for k in (0, 1)])


def _smoothed(points: Points) -> Points:
    """Return the moving average; it shrinks towards the ends, which stay where they are."""
    half = round(SMOOTHED_M / SPACING_M / 2)
    smooth = points.copy()
    for place in range(len(points)):
        room = min(half, place, len(points) - 1 - place)
        smooth[place] = points[place - room : place + room + 1].mean(axis=0)
    return smooth
