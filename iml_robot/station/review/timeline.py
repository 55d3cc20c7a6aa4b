"""The end of an episode as a line with what happened on it."""

from __future__ import annotations

import pygame

from iml_robot.core.types import Mode
from iml_robot.station.review.replay import Replay
from iml_robot.station.shapes import draw_shape
from iml_robot.station.text import Scribe

TALL = 96
"""Height of the timeline with its legend [pixels of the design]."""
_LEGEND = (
    ("takeover", "you drove"),
    ("ask", "it asked"),
    ("good", "good"),
    ("bad", "bad"),
)


def draw_timeline(
    scribe: Scribe, area: pygame.Rect, replay: Replay, step: int
) -> pygame.Rect:
    """Draw the timeline.

    Args:
        scribe: Draws and writes.
        area: A box `TALL` high.
        replay: What is shown.
        step: Where the person looks.

    Returns:
        The bar, whose width stands for the time that is shown [pixels].
    """
    theme = scribe.theme
    bar = pygame.Rect(area.left, area.top + scribe.px(22), area.width, scribe.px(20))
    pygame.draw.rect(scribe.surface, theme.card, bar)
    for begin, end in replay.takeovers:
        left, right = (_x(bar, replay, edge) for edge in (begin, end))
        if right > left:
            run = pygame.Rect(left, bar.top, right - left, bar.height)
            pygame.draw.rect(scribe.surface, theme.operator, run)
    pygame.draw.rect(scribe.surface, theme.line, bar, scribe.px(1))
    if replay.earliest_rewind is not None:
        # Before this line nothing can be gone back to.
        x = _x(bar, replay, replay.earliest_rewind)
        top, bottom = (x, bar.top), (x, bar.bottom + scribe.px(5))
        pygame.draw.line(scribe.surface, theme.text, top, bottom, scribe.px(2))
    for mark in replay.marks:
        if mark.step >= replay.first:
            spot = (_x(bar, replay, mark.step), bar.top - scribe.px(11))
            _draw_sign(scribe, mark.kind, spot)
    _draw_head(scribe, bar, _x(bar, replay, step))
    _draw_times(scribe, area, bar, replay, step)
    _draw_legend(scribe, area)
    return bar


def _x(bar: pygame.Rect, replay: Replay, step: int) -> int:
    return bar.left + round(bar.width * replay.share(step))


def _draw_head(scribe: Scribe, bar: pygame.Rect, x: int) -> None:
    size = scribe.px(7)
    top, bottom = (x, bar.top - scribe.px(2)), (x, bar.bottom + scribe.px(2))
    pygame.draw.line(scribe.surface, scribe.theme.background, top, bottom, scribe.px(7))
    pygame.draw.line(scribe.surface, scribe.theme.applied, top, bottom, scribe.px(3))
    corners = [
        (x, bar.bottom + scribe.px(1)),
        (x - size, bar.bottom + size),
        (x + size, bar.bottom + size),
    ]
    pygame.draw.polygon(scribe.surface, scribe.theme.applied, corners)


def _draw_times(
    scribe: Scribe, area: pygame.Rect, bar: pygame.Rect, replay: Replay, step: int
) -> None:
    row = pygame.Rect(area.left, bar.bottom + scribe.px(9), area.width, scribe.px(20))
    quiet = scribe.theme.quiet
    left_s = (replay.steps - step) * replay.dt_s
    scribe.write(f"-{replay.length_s:.0f} s", row, 14, colour=quiet)
    word = "the end" if step >= replay.steps else f"{left_s:.1f} s before the end"
    scribe.write(word, row, 14, bold=True, align="centre")
    scribe.write("end", row, 14, colour=quiet, align="right")


def _draw_legend(scribe: Scribe, area: pygame.Rect) -> None:
    row = pygame.Rect(area.left, area.bottom - scribe.px(22), area.width, scribe.px(22))
    left = row.left
    for kind, words in _LEGEND:
        spot = (left + scribe.px(8), row.centery)
        _draw_sign(scribe, kind, spot)
        text = pygame.Rect(left + scribe.px(20), row.top, 0, row.height)
        text.width = min(scribe.width(words, 14) + scribe.px(4), row.right - text.left)
        scribe.write(words, text, 14, colour=scribe.theme.quiet)
        left = text.right + scribe.px(16)


def _draw_sign(scribe: Scribe, kind: str, spot: tuple[int, int]) -> None:
    """Draw the sign of something that happened; each has its own shape."""
    theme, size = scribe.theme, scribe.px(15)
    if kind == "takeover":
        draw_shape(scribe.surface, "square", spot, size, theme.operator)
    elif kind == "ask":
        colour = theme.modes[Mode.ASKING].colour
        draw_shape(scribe.surface, "hexagon", spot, size, colour)
    else:
        half, wide = size // 2, scribe.px(3)
        x, y = spot
        across, up = ((x - half, y), (x + half, y)), ((x, y - half), (x, y + half))
        pygame.draw.line(scribe.surface, theme.text, *across, wide)
        if kind == "good":
            pygame.draw.line(scribe.surface, theme.text, *up, wide)
