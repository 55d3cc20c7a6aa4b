"""How the colours and the size of letters look, beside the lines that change them."""

from __future__ import annotations

import pygame

from iml_robot.station.layout import rows
from iml_robot.station.shapes import draw_shape
from iml_robot.station.text import Scribe


def draw_colours(scribe: Scribe, area: pygame.Rect) -> None:
    """Draw the plate of each state into a box."""
    styles = tuple(scribe.theme.modes.values())
    tall = min(area.height, len(styles) * scribe.px(50))
    box = pygame.Rect(area.left, area.top, area.width, tall)
    for row, style in zip(rows(box, len(styles)), styles, strict=True):
        plate = row.inflate(0, -scribe.px(6))
        pygame.draw.rect(scribe.surface, style.colour, plate, border_radius=scribe.px(6))
        size = plate.height * 3 // 5
        spot = (plate.left + scribe.px(12) + size // 2, plate.centery)
        draw_shape(scribe.surface, style.shape, spot, size, style.ink)
        left = spot[0] + size // 2 + scribe.px(12)
        word = pygame.Rect(left, plate.top, round(plate.width * 0.34), plate.height)
        scribe.write(style.word, word, 17, colour=style.ink, bold=True)
        rest = pygame.Rect(word.right + scribe.px(8), plate.top, 0, plate.height)
        rest.width = plate.right - scribe.px(8) - rest.left
        scribe.write(style.meaning, rest, 15, colour=style.ink)
