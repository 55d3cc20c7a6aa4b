"""Posts and beams as they look from above: cut wood and brown bars, and their shadows."""

from __future__ import annotations

import itertools
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot_envs.first_person_scene import BEAM, POST, Scene
from iml_robot_envs.rendering_backend import load_pygame
from iml_robot_envs.rendering_tint import Floats

Array = npt.NDArray[np.float64]

_EDGE = (34, 24, 18)
_CUT = (196, 164, 128)
_EDGE_M = 0.035
_SHARP = 3
_SAMPLE_M = 0.1
# Radius from which a beam bars the way rather than a gap.
_THICK_M = 0.25
_BANDS = 9
# How far a shadow falls for each metre of height, and at most [m]: as long as to tell high
# from low, not so long that shadows hide the ways between trunks.
_SHADOW_PER_M = 0.45
_LONGEST_SHADOW_M = 0.75
_LONGEST_BEAM_SHADOW_M = 2.0


class Solids:
    """What stands on a map and hangs over it, to be drawn onto a picture of the ground.

    Pictures show least x in column 0 and least y in row 0; the light's azimuth is its
    direction [rad] in columns and rows, too.

    Args:
        scene: The map.
    """

    def __init__(self, scene: Scene) -> None:
        self._corner = np.asarray(scene.origin) - scene.cell_m / 2
        self._posts = scene.posts
        self._post_heights = scene.posts[:, 3] - _ground_at(scene, scene.posts[:, :2])
        self._runs = [run for beam in scene.beams for run in _seen_runs(scene, beam)]

    def thick_beams(self) -> list[tuple[Array, float]]:
        """Return those to fly over or under: points x, y [m] along each, its height [m].

        The height is that of its lower side above the lowest ground below.
        """
        return [
            (points, float(above.max()) - radius_m)
            for points, above, radius_m in self._runs
            if radius_m >= _THICK_M
        ]

    def shadows(
        self, shape: tuple[int, ...], cell_m: float, azimuth: float
    ) -> Floats | None:
        """Return how much of each cell lies in a shadow, in [0, 1]; None if there are none.

        Args:
            shape: Rows and columns of the grid, which begins at the corner of the map.
            cell_m: Side of a cell of the grid [m].
            azimuth: Direction towards the light [rad].
        """
        if not len(self._posts) and not self._runs:
            return None
        pygame = load_pygame()
        # One shade for all, so that crossing shadows are no darker than one alone.
        mask = pygame.Surface((shape[1], shape[0]), depth=32)
        away = -np.array([np.cos(azimuth), np.sin(azimuth)]) * _SHADOW_PER_M
        reach = np.minimum(self._post_heights, _LONGEST_SHADOW_M / _SHADOW_PER_M)
        feet = (self._posts[:, :2] - self._corner) / cell_m
        ends = feet + reach[:, None] * away / cell_m
        for foot, end, radius in zip(feet, ends, self._posts[:, 2] / cell_m, strict=True):
            _capsule(mask, foot, end, float(radius))
        for points, above, radius_m in self._runs:
            fall = np.minimum(above, _LONGEST_BEAM_SHADOW_M / _SHADOW_PER_M)
            places = (points - self._corner + fall[:, None] * away) / cell_m
            for place in places.tolist():
                pygame.draw.circle(mask, (255, 255, 255), place, radius_m / cell_m)
        shade = pygame.surfarray.array_blue(mask).T.astype(np.float32)
        shade *= 1 / 255
        return np.asarray(shade)

    def paint(self, surface: Any, scale: float, azimuth: float) -> None:
        """Draw everything, the highest last.

        Args:
            surface: Picture of the map.
            scale: Its scale [texels/m].
            azimuth: Direction towards the light [rad].
        """
        for points, _, radius_m in self._runs:
            ends = (points[[0, -1]] - self._corner) * scale
            _draw_bar(surface, ends, radius_m * scale, scale, azimuth)
        side = round(azimuth / (np.pi / 4)) % 8
        for (x, y), radius in zip(
            ((self._posts[:, :2] - self._corner) * scale).tolist(),
            (self._posts[:, 2] * scale).tolist(),
            strict=True,
        ):
            disc = _disc(max(1, round(2 * radius)) / 2, _EDGE_M * scale, side)
            half = disc.get_width() / 2
            surface.blit(disc, (round(x - half), round(y - half)))


def _ground_at(scene: Scene, places: Array) -> Array:
    """Return the height of the samples nearest to places (n, 2), shape (n,)."""
    rows, cols = scene.heights.shape
    cell = np.rint((places - scene.origin) / scene.cell_m).astype(np.int64)
    col, row = np.clip(cell, 0, (cols - 1, rows - 1)).T
    return np.asarray(scene.heights[row, col])


def _seen_runs(scene: Scene, beam: Array) -> list[tuple[Array, Array, float]]:
    """Return the pieces of a beam that lie above the ground.

    Each is points along its axis x, y [m], their heights above the ground and its radius.
    """
    first, last, radius = beam[:3], beam[3:6], float(beam[6])
    count = max(2, int(np.hypot(*(last - first)[:2]) / _SAMPLE_M) + 1)
    points = first + np.linspace(0, 1, count)[:, None] * (last - first)
    above = points[:, 2] - _ground_at(scene, points[:, :2])
    seen = above > -radius / 2
    cuts = np.flatnonzero(np.diff(seen.astype(int))) + 1
    pieces = np.split(np.arange(count), cuts)
    return [
        (points[piece, :2], np.maximum(above[piece], 0), radius)
        for piece in pieces
        if seen[piece[0]] and len(piece) > 1
    ]


def _capsule(surface: Any, start: Array, end: Array, radius: float) -> None:
    pygame = load_pygame()
    white = (255, 255, 255)
    along = end - start
    side = np.array([-along[1], along[0]]) * (radius / max(float(np.hypot(*along)), 1e-6))
    corners = (start + side, end + side, end - side, start - side)
    pygame.draw.polygon(surface, white, [corner.tolist() for corner in corners])
    for place in (start, end):
        pygame.draw.circle(surface, white, place.tolist(), radius)


@lru_cache(maxsize=256)
def _disc(radius: float, edge: float, light_side: int) -> Any:
    """Return a sawn-off post: bark around cut wood with a few rings; texels."""
    pygame = load_pygame()
    half = int(np.ceil(radius + edge)) + 1
    big = pygame.Surface((2 * half * _SHARP,) * 2, pygame.SRCALPHA)
    big.fill((*_EDGE, 0))
    middle = np.array([half, half], dtype=float) * _SHARP
    size = radius * _SHARP
    azimuth = light_side * np.pi / 4
    lit = 0.07 * size * np.array([np.cos(azimuth), np.sin(azimuth)])
    pygame.draw.circle(big, _EDGE, middle.tolist(), size + edge * _SHARP)
    pygame.draw.circle(big, POST, middle.tolist(), size)
    pygame.draw.circle(big, _CUT, (middle + lit).tolist(), 0.74 * size)
    for ring in (0.52, 0.3):
        width = max(1, round(0.07 * size))
        pygame.draw.circle(big, BEAM, (middle + lit).tolist(), ring * size, width)
    pygame.draw.circle(big, POST, (middle + lit).tolist(), max(1.0, 0.08 * size))
    return pygame.transform.smoothscale(big, (2 * half, 2 * half))


def _draw_bar(
    surface: Any, ends: Array, radius: float, scale: float, azimuth: float
) -> None:
    """Draw a round beam from above: bands along it, lighter towards the light."""
    pygame = load_pygame()
    edge = _EDGE_M * scale
    low = np.floor(ends.min(axis=0) - radius - edge - 1).astype(int)
    size = np.ceil(ends.max(axis=0) + radius + edge + 1).astype(int) - low
    big = pygame.Surface((size * _SHARP).tolist(), pygame.SRCALPHA)
    big.fill((*_EDGE, 0))
    start, end = (ends - low) * _SHARP
    along = (end - start) / max(float(np.hypot(*(end - start))), 1e-6)
    normal = np.array([-along[1], along[0]])
    facing = float(normal @ (np.cos(azimuth), np.sin(azimuth)))

    def band(first: float, last: float, colour: Any) -> None:
        corners = (start + normal * first, end + normal * first)
        back = (end + normal * last, start + normal * last)
        pygame.draw.polygon(big, colour, [c.tolist() for c in (*corners, *back)])

    reach = (radius + edge) * _SHARP
    band(-reach, reach, _EDGE)
    borders = np.linspace(-1, 1, _BANDS + 1)
    for first, last in itertools.pairwise(borders):
        across = (first + last) / 2
        light = 1.02 - 0.3 * across**2 + 0.28 * facing * across
        colour = np.clip(np.array(BEAM) * light, 0, 255).astype(int).tolist()
        band(first * radius * _SHARP, last * radius * _SHARP, colour)
    surface.blit(pygame.transform.smoothscale(big, size.tolist()), low.tolist())
