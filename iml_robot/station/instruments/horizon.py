"""An artificial horizon: the ground leans as the world does through a windscreen."""

from __future__ import annotations

import math

import pygame

from iml_robot.station.palette import BLACK, WHITE, YELLOW, Colour
from iml_robot.station.text import Scribe

SKY: Colour = (70, 130, 190)
GROUND: Colour = (110, 70, 32)
"""Blue over brown as on every such instrument, and apart in lightness for all eyes."""
_FULL_PITCH_RAD = math.radians(45.0)
"""Pitch at which the horizon is at the rim."""
_RIM_POINTS = 24


def draw_horizon(
    scribe: Scribe, centre: tuple[int, int], size: int, *, roll: float, pitch: float
) -> None:
    """Draw the instrument.

    Args:
        scribe: Draws.
        centre: Its middle [pixels].
        size: Its width [pixels].
        roll: Right side down positive [rad].
        pitch: Nose down positive [rad].
    """
    radius = size / 2
    ground = ground_outline(centre, radius, roll=roll, pitch=pitch)
    pygame.draw.circle(scribe.surface, SKY, centre, radius)
    pygame.draw.polygon(scribe.surface, GROUND, ground)
    pygame.draw.line(scribe.surface, WHITE, ground[0], ground[-1], scribe.px(1.5))
    pygame.draw.circle(scribe.surface, scribe.theme.line, centre, radius, scribe.px(1.5))
    # The robot itself stays level: a nose and two wings.
    gap, tip = round(radius * 0.26), round(radius * 0.68)
    for ink, thick in ((BLACK, scribe.px(5)), (YELLOW, scribe.px(3))):
        for side in (-1, 1):
            wing = [(centre[0] + side * x, centre[1]) for x in (gap, tip)]
            pygame.draw.line(scribe.surface, ink, wing[0], wing[1], thick)
        pygame.draw.circle(scribe.surface, ink, centre, thick // 2 + 1)


def ground_outline(
    centre: tuple[int, int], radius: float, *, roll: float, pitch: float
) -> list[tuple[float, float]]:
    """Return the outline of the ground, from one end of the horizon round to the other.

    Args:
        centre: Middle of the instrument [pixels].
        radius: Its radius [pixels].
        roll: Right side down positive [rad].
        pitch: Nose down positive [rad].
    """
    # With the nose down the horizon is above the middle; a strip of both always shows.
    height = max(-0.94, min(0.94, pitch / _FULL_PITCH_RAD))
    first = math.asin(-height)
    angles = [
        first + (math.pi - 2 * first) * k / _RIM_POINTS for k in range(_RIM_POINTS + 1)
    ]
    # With the right side down the world turns to the left.
    return [
        (
            centre[0] + radius * math.cos(angle - roll),
            centre[1] + radius * math.sin(angle - roll),
        )
        for angle in angles
    ]
