"""Draws the dials side by side: a picture, what it reads, and what that is."""

from __future__ import annotations

from collections.abc import Sequence

import pygame

from iml_robot.station.instruments.faces import FACES
from iml_robot.station.instruments.gauges import Gauge, most_important
from iml_robot.station.layout import columns
from iml_robot.station.text import Scribe

_NARROWEST = 100
"""Width of the narrowest dial [pixels of the design]."""


def draw_dials(scribe: Scribe, area: pygame.Rect, gauges: Sequence[Gauge]) -> None:
    """Draw dials into a box, all of the same width, as many as fit.

    Args:
        scribe: Draws and writes.
        area: The box [pixels].
        gauges: What they show; none: nothing is drawn.
    """
    if not gauges:
        return
    card = scribe.theme.card
    pygame.draw.rect(scribe.surface, card, area, border_radius=scribe.px(8))
    inner = area.inflate(-scribe.px(12), -scribe.px(8))
    shown = most_important(gauges, max(1, inner.width // scribe.px(_NARROWEST)))
    for cell, gauge in zip(columns(inner, (1.0,) * len(shown)), shown, strict=True):
        _draw_dial(scribe, cell.inflate(-scribe.px(8), 0), gauge)


def _draw_dial(scribe: Scribe, cell: pygame.Rect, gauge: Gauge) -> None:
    value = pygame.Rect(cell.left, 0, cell.width, scribe.px(22))
    caption = pygame.Rect(cell.left, 0, cell.width, scribe.px(17))
    caption.bottom = cell.bottom
    value.bottom = caption.top
    face = pygame.Rect(cell.left, cell.top, cell.width, value.top - cell.top)
    colour = scribe.theme.warning if gauge.marked else scribe.theme.quiet
    FACES[gauge.kind](scribe, face.inflate(0, -scribe.px(4)), gauge)
    scribe.write(gauge.value, value, 17, bold=True, align="centre")
    scribe.write(gauge.caption, caption, 13, colour=colour, align="centre")
