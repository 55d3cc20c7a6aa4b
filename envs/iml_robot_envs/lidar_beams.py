"""How far a lidar's rays get until they meet cylinders that lie or lean."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from iml_robot_envs.compiled import compiled
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.terrain import Array

Floats = npt.NDArray[np.float32]
Vector = tuple[float, float, float]

TINY = 1e-6


class BeamRanges:
    """Distances to beams along rays in all directions.

    Args:
        rays: Unit vectors ahead, left and up, shape (layers, 36, 3).
        range_m: Distance beyond which nothing is seen [m].
    """

    def __init__(self, rays: Array, *, range_m: float) -> None:
        self._rays, self._range_m = rays, range_m

    def shorten(
        self, ranges: Floats, grounds: Grounds, *, position: Array, heading: Array
    ) -> None:
        """Shorten ranges where a beam is nearer; the ends of beams are open.

        Args:
            ranges: What is seen so far, shape (N, layers, 36) [m].
            grounds: The maps with the beams.
            position: World x, y, z [m], shape (N, 3).
            heading: Headings [rad], shape (N,).
        """
        _shorten(
            ranges,
            grounds.beams,
            position=position,
            heading=heading,
            rays=self._rays,
            range_m=self._range_m,
        )


@compiled
def _shorten(
    ranges: Floats,
    beams: Floats,
    *,
    position: Array,
    heading: Array,
    rays: Array,
    range_m: float,
) -> None:
    """Do what `BeamRanges.shorten` says.

    Args:
        ranges: As there.
        beams: Both ends and the radius, shape (N, beams, 7) [m].
        position: As there.
        heading: As there.
        rays: As of `BeamRanges`.
        range_m: As of `BeamRanges`.
    """
    for robot in range(len(ranges)):
        cosine, sine = math.cos(heading[robot]), math.sin(heading[robot])
        for beam in beams[robot]:
            first = _seen_from(position[robot], cosine, sine, beam[:3])
            second = _seen_from(position[robot], cosine, sine, beam[3:6])
            _see(ranges[robot], (first, second), beam[6], rays, range_m)


@compiled
def _see(
    ranges: Floats,
    ends: tuple[Vector, Vector],
    radius: float,
    rays: Array,
    range_m: float,
) -> None:
    """Shorten one robot's ranges where one beam is nearer.

    Args:
        ranges: Shape (layers, 36) [m].
        ends: How far ahead, left and up of the robot its ends are [m].
        radius: Its radius [m].
        rays: As of `BeamRanges`.
        range_m: As of `BeamRanges`.
    """
    first, second = ends
    axis = (second[0] - first[0], second[1] - first[1], second[2] - first[2])
    length = max(math.sqrt(_product(axis, axis)), TINY)
    axis = (axis[0] / length, axis[1] / length, axis[2] / length)
    middle = (
        0.5 * (first[0] + second[0]),
        0.5 * (first[1] + second[1]),
        0.5 * (first[2] + second[2]),
    )
    # Rays that miss a ball around the beam miss the beam.
    ball, away = 0.5 * length + radius, math.sqrt(_product(middle, middle))
    if away - ball > range_m:
        return
    least = math.sqrt(away * away - ball * ball) if away > ball else -away
    # Across the axis the beam is a circle at `off`.
    begin = _product(axis, first)
    off = (
        first[0] - begin * axis[0],
        first[1] - begin * axis[1],
        first[2] - begin * axis[2],
    )
    gap = _product(off, off) - radius * radius
    for layer in range(rays.shape[0]):
        for number in range(rays.shape[1]):
            ray = (rays[layer, number, 0], rays[layer, number, 1], rays[layer, number, 2])
            if _product(ray, middle) >= least:
                way = _meet(_product(axis, ray), _product(off, ray), gap, begin, length)
                ranges[layer, number] = min(ranges[layer, number], way)


@compiled
def _meet(along: float, toward: float, gap: float, begin: float, length: float) -> float:
    """Return the way along a ray to a beam; infinity where it passes.

    Args:
        along: Cosine of the angle between ray and axis.
        toward: Product of the ray and the shortest way to the axis [m].
        gap: Square of that way, less that of the radius [m^2].
        begin: Where along the axis the beam begins, seen from the robot [m].
        length: The beam's length [m].
    """
    spread = max(1.0 - along * along, TINY)
    root = toward * toward - spread * gap
    if root <= 0.0:
        return np.inf
    way = (toward - math.sqrt(root)) / spread
    place = way * along - begin
    return way if way > 0.0 and 0.0 <= place <= length else np.inf


@compiled
def _seen_from(place: Array, cosine: float, sine: float, point: Floats) -> Vector:
    """Return how far ahead, left and up of a robot a point is [m].

    Args:
        place: The robot's, world x, y, z, shape (3,) [m].
        cosine: Of its heading.
        sine: Of its heading.
        point: World x, y, z, shape (3,) [m].
    """
    east, north, up = point[0] - place[0], point[1] - place[1], point[2] - place[2]
    return cosine * east + sine * north, cosine * north - sine * east, up


@compiled
def _product(one: Vector, other: Vector) -> float:
    """Return the scalar product of two vectors."""
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
