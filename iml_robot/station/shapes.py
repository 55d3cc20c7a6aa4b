"""The shapes that name a state, and stripes for the one that must not be missed."""

from __future__ import annotations

import math
from functools import lru_cache

import pygame

from iml_robot.station.palette import Colour

_SHARP = 3


def draw_shape(
    surface: pygame.Surface, shape: str, centre: tuple[int, int], size: int, colour: Colour
) -> None:
    """Draw a filled shape with smooth edges.

    Args:
        surface: Surface to draw on.
        shape: circle, square, triangle, bars, octagon, hexagon, cross or diamond.
        centre: Its middle [pixels].
        size: Its width and height [pixels].
        colour: Its colour.
    """
    picture = _shape(shape, max(4, size), colour)
    surface.blit(picture, picture.get_rect(center=centre))


@lru_cache(maxsize=256)
def _shape(shape: str, size: int, colour: Colour) -> pygame.Surface:
    side = size * _SHARP
    big = pygame.Surface((side, side), pygame.SRCALPHA)
    # Clear, but of the right colour: smoothing mixes it into the edge.
    big.fill((*colour, 0))
    if shape == "circle":
        pygame.draw.circle(big, colour, (side / 2, side / 2), side / 2)
    elif shape == "bars":
        for left in (0.12, 0.58):
            pygame.draw.rect(big, colour, (left * side, 0, 0.3 * side, side))
    else:
        corners = [(x * side, y * side) for x, y in _CORNERS[shape]]
        pygame.draw.polygon(big, colour, corners)
    return pygame.transform.smoothscale(big, (size, size))


def _regular(count: int, turn: float) -> list[tuple[float, float]]:
    angles = [turn + 2 * math.pi * k / count for k in range(count)]
    return [(0.5 + 0.53 * math.cos(a), 0.5 + 0.53 * math.sin(a)) for a in angles]


_CORNERS: dict[str, list[tuple[float, float]]] = {
    "square": [(0.06, 0.06), (0.94, 0.06), (0.94, 0.94), (0.06, 0.94)],
    "triangle": [(0.5, 0.04), (1.0, 0.94), (0.0, 0.94)],
    "hexagon": _regular(6, 0.0),
    "octagon": _regular(8, math.pi / 8),
    "diamond": [(0.5, 0.0), (1.0, 0.5), (0.5, 1.0), (0.0, 0.5)],
    "cross": [
        *((0.2, 0.02), (0.5, 0.32), (0.8, 0.02), (0.98, 0.2), (0.68, 0.5), (0.98, 0.8)),
        *((0.8, 0.98), (0.5, 0.68), (0.2, 0.98), (0.02, 0.8), (0.32, 0.5), (0.02, 0.2)),
    ],
}


@lru_cache(maxsize=2)
def hatching(
    size: tuple[int, int], stripe: int, first: Colour, second: Colour
) -> pygame.Surface:
    """Return a surface of slanted stripes of the given width [pixels]."""
    picture = pygame.Surface(size)
    picture.fill(first)
    width, height = size
    for left in range(-height, width + height, 2 * stripe):
        corners = [(left, height), (left + stripe, height)]
        corners += [(left + stripe + height, 0), (left + height, 0)]
        pygame.draw.polygon(picture, second, corners)
    return picture
