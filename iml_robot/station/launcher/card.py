"""The picture of a task, what it is about, and the command that runs it."""

from __future__ import annotations

import pygame

from iml_robot.station.launcher.preview import Picture
from iml_robot.station.settings.paragraph import SIZES, draw_paragraph, height_of
from iml_robot.station.text import Scribe

_LARGE, _SMALL = 17.0, 14.0
_SMALLEST_PICTURE = 60


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
    gap, inset, head_px = scribe.px(8), scribe.px(10), scribe.px(22)
    wide = area.width - 2 * inset
    box = pygame.Rect(area.left, 0, area.width, 0)
    box.height = head_px + height_of(scribe, wide, (command,), _SMALL) + inset
    box.bottom = area.bottom
    words = pygame.Rect(area.left, 0, area.width, 0)
    words.height = height_of(scribe, area.width, (about,), _LARGE)
    words.bottom = box.top - gap
    # The words come first; the picture takes what is left, but no more than half.
    upper = pygame.Rect(area.left, area.top, area.width, area.height // 2)
    upper.height = max(0, min(upper.height, words.top - gap - area.top))
    words.top = upper.bottom + gap
    if upper.height >= scribe.px(_SMALLEST_PICTURE):
        pygame.draw.rect(scribe.surface, theme.card, upper)
        if picture is None:
            scribe.write(without, upper, 16, colour=theme.quiet, align="centre")
        else:
            _fit(scribe.surface, upper, picture)
    draw_paragraph(scribe, words, (about,), sizes=(_LARGE, *SIZES))
    pygame.draw.rect(scribe.surface, theme.card, box, border_radius=scribe.px(8))
    head = pygame.Rect(box.left + inset, box.top, wide, head_px)
    scribe.write("The same in a terminal:", head, 14, colour=theme.quiet)
    inner = pygame.Rect(head.left, head.bottom, wide, box.bottom - head.bottom)
    draw_paragraph(scribe, inner, (command,), sizes=(_SMALL,))


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
