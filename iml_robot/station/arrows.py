"""Arrows beside a list that has more lines than are seen."""

from __future__ import annotations

import pygame

from iml_robot.station.text import Scribe


def draw_arrows(scribe: Scribe, area: pygame.Rect, *, above: bool, below: bool) -> None:
    """Draw arrows into the margin at the right of a list.

    Args:
        scribe: Draws and writes.
        area: The list; 20 pixels of the design at its right must be free.
        above: Whether there are lines above those that are seen.
        below: Whether there are lines below.
    """
    x, size = area.right + scribe.px(11), scribe.px(7)
    for shown, y, tip in (
        (above, area.top + size, -size),
        (below, area.bottom - size, size),
    ):
        if shown:
            base = y - tip // 2
            corners = [(x - size, base), (x + size, base), (x, y + tip // 2)]
            pygame.draw.polygon(scribe.surface, scribe.theme.text, corners)
