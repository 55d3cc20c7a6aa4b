"""A bar that is filled to a share."""

from __future__ import annotations

import pygame

from iml_robot.station.palette import Colour
from iml_robot.station.text import Scribe


def draw_bar(scribe: Scribe, area: pygame.Rect, share: float, colour: Colour) -> None:
    """Draw a bar filled to a share in [0, 1]."""
    radius = area.height // 2
    pygame.draw.rect(scribe.surface, scribe.theme.background, area, border_radius=radius)
    filled = pygame.Rect(
        area.left, area.top, round(area.width * min(1.0, max(0.0, share))), area.height
    )
    if filled.width > 0:
        pygame.draw.rect(scribe.surface, colour, filled, border_radius=radius)
    pygame.draw.rect(scribe.surface, scribe.theme.line, area, 1, border_radius=radius)


def draw_tick(scribe: Scribe, area: pygame.Rect, share: float) -> None:
    """Mark a share of a bar with a line and a notch above it."""
    x = area.left + round(area.width * min(1.0, max(0.0, share)))
    over = scribe.px(4)
    top, bottom = (x, area.top - over), (x, area.bottom + over)
    pygame.draw.line(scribe.surface, scribe.theme.text, top, bottom, scribe.px(2))
