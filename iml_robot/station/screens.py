"""Pages between episodes: progress of training, messages, summaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pygame

from iml_robot.station.layout import columns
from iml_robot.station.panel import draw_bar
from iml_robot.station.text import Align, Scribe

_ROW = 36

Lines = Sequence[str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says.

    Attributes:
        title: Heading.
        lines: Sentences, or the cells of one row of a table.
        fraction: Finished share in [0, 1] for a progress bar; None for no bar.
        footer: What the operator can do now.
    """

    title: str
    lines: Lines = ()
    fraction: float | None = None
    footer: str = ""


def draw_page(scribe: Scribe, page: Page) -> None:
    """Draw a page over the whole window."""
    scribe.surface.fill(scribe.theme.background)
    card = scribe.surface.get_rect()
    card.inflate_ip(-round(card.width * 0.24), 0)
    bar = 52 if page.fraction is not None else 0
    wanted = scribe.px(166 + bar + _ROW * len(page.lines))
    card.height = min(wanted, round(card.height * 0.92))
    card.centery = scribe.surface.get_height() // 2
    pygame.draw.rect(scribe.surface, scribe.theme.card, card, border_radius=scribe.px(16))
    pygame.draw.rect(
        scribe.surface, scribe.theme.line, card, 1, border_radius=scribe.px(16)
    )
    inner = card.inflate(-scribe.px(72), -scribe.px(52))
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(52))
    scribe.write(page.title, head, 32, bold=True)
    foot = pygame.Rect(inner.left, inner.bottom - scribe.px(30), inner.width, scribe.px(30))
    scribe.write(page.footer, foot, 16, colour=scribe.theme.quiet)
    top = head.bottom + scribe.px(12)
    if page.fraction is not None:
        top = _draw_progress(scribe, pygame.Rect(inner.left, top, inner.width, 0), page)
    body = pygame.Rect(inner.left, top, inner.width, foot.top - top - scribe.px(8))
    _draw_lines(scribe, body, page.lines)


def _draw_progress(scribe: Scribe, area: pygame.Rect, page: Page) -> int:
    """Draw the bar with its per cent; return where free room begins [pixels]."""
    fraction = min(1.0, max(0.0, page.fraction or 0.0))
    row = pygame.Rect(area.left, area.top, area.width, scribe.px(40))
    bar, per_cent = columns(row, (0.86, 0.14))
    draw_bar(scribe, bar.inflate(0, -scribe.px(18)), fraction, scribe.theme.policy)
    scribe.write(f"{fraction:.0%}", per_cent, 20, bold=True, align="right")
    return row.bottom + scribe.px(12)


def _draw_lines(scribe: Scribe, area: pygame.Rect, lines: Lines) -> None:
    if not lines:
        return
    height = min(scribe.px(_ROW), area.height // len(lines))
    for index, line in enumerate(lines):
        row = pygame.Rect(area.left, area.top + index * height, area.width, height)
        if isinstance(line, str):
            scribe.write(line, row, 19)
            continue
        cells = columns(row, (1.6, *[1.0] * (len(line) - 1)))
        for place, (cell, text) in enumerate(zip(cells, line, strict=True)):
            cell.width -= scribe.px(10)
            first = place == 0
            align: Align = "left" if first else "right"
            header = not line[0]
            colour = scribe.theme.quiet if first or header else scribe.theme.text
            scribe.write(text, cell, 19, colour=colour, bold=not first, align=align)
