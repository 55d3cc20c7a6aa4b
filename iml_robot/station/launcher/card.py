"""The picture of a task, what it is about, and the command that runs it."""

from __future__ import annotations

import pygame

from iml_robot.station.launcher.preview import Picture
from iml_robot.station.settings.paragraph import draw_paragraph
from iml_robot.station.text import Scribe

_SHARE_OF_PICTURE = 0.50


def draw_card(
    scribe: Scribe,
    area: pygame.Rect,
    *,
    picture: Picture | None,
    without: str,
    about: str,
    command: str,
) -> None:
    """Draw the card into a box.

    Args:
        scribe: Draws and writes.
        area: The box.
        picture: Picture of the task, shape (H, W, 3); None: there is none.
        without: What to say where the picture would be.
        about: What the task is about.
        command: The command line that does the same.
    """
    theme = scribe.theme
    tall = round(area.height * _SHARE_OF_PICTURE)
    upper = pygame.Rect(area.left, area.top, area.width, tall)
    pygame.draw.rect(scribe.surface, theme.card, upper)
    if picture is None:
        scribe.write(without, upper, 16, colour=theme.quiet, align="centre")
    else:
        _fit(scribe.surface, upper, picture)
    rest = pygame.Rect(area.left, upper.bottom + scribe.px(8), area.width, 0)
    rest.height = (area.bottom - rest.top) * 2 // 5
    draw_paragraph(scribe, rest, (about,))
    box = pygame.Rect(area.left, rest.bottom + scribe.px(4), area.width, 0)
    box.height = area.bottom - box.top
    pygame.draw.rect(scribe.surface, theme.card, box, border_radius=scribe.px(8))
    inner = box.inflate(-scribe.px(20), -scribe.px(10))
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(22))
    scribe.write("The same in a terminal:", head, 14, colour=theme.quiet)
    inner.height -= head.height
    inner.top = head.bottom
    draw_paragraph(scribe, inner, (command,))


def _fit(surface: pygame.Surface, area: pygame.Rect, picture: Picture) -> None:
    """Draw a picture into a box, whole and undistorted."""
    drawn = pygame.surfarray.make_surface(picture.swapaxes(0, 1))
    scale = min(area.width / drawn.get_width(), area.height / drawn.get_height())
    size = (
        max(1, round(drawn.get_width() * scale)),
        max(1, round(drawn.get_height() * scale)),
    )
    fitted = pygame.transform.smoothscale(drawn, size)
    surface.blit(fitted, fitted.get_rect(center=area.center))
