"""Pages between episodes: progress of training, messages, summaries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pygame

from iml_robot.station.layout import columns, rows
from iml_robot.station.legend import Bindings, draw_cap
from iml_robot.station.panel import draw_bar
from iml_robot.station.text import Align, Scribe

_ROW = 36
_KEY_ROW = 38
_CARD = 980

Lines = Sequence[str | tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says.

    Attributes:
        title: Heading.
        lines: Sentences, or the cells of one row of a table.
        fraction: Finished share in [0, 1] for a progress bar; None for no bar.
        footer: What the operator can do now.
        keys: What to press for what, below the lines.
    """

    title: str
    lines: Lines = ()
    fraction: float | None = None
    footer: str = ""
    keys: Bindings = ()


def draw_page(scribe: Scribe, page: Page) -> None:
    """Draw a page over the whole window."""
    scribe.surface.fill(scribe.theme.background)
    card = scribe.surface.get_rect()
    # Large letters take more of the width.
    wide = min(max(round(card.width * 0.76), scribe.px(_CARD)), round(card.width * 0.96))
    card.inflate_ip(wide - card.width, 0)
    lines = _wrapped(scribe, page.lines, card.width - 2 * scribe.px(36))
    bar = 52 if page.fraction is not None else 0
    keys = (len(page.keys) + 1) // 2
    wanted = scribe.px(166 + bar + _ROW * len(lines) + _KEY_ROW * keys + 12 * (keys > 0))
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
    if keys:
        room = min(scribe.px(_KEY_ROW) * keys, body.height * 3 // 5)
        below = pygame.Rect(body.left, body.bottom - room, body.width, room)
        _draw_caps(scribe, below, page.keys)
        body.height = below.top - scribe.px(12) - body.top
    _draw_lines(scribe, body, lines)


def _wrapped(scribe: Scribe, lines: Lines, width: int) -> Lines:
    """Return the lines with sentences in parts that would be too small in one."""
    fitting: list[str | tuple[str, ...]] = []
    for line in lines:
        whole = not isinstance(line, str) or scribe.width(line, 19) <= width / 0.8
        fitting += [line] if whole else scribe.wrapped(str(line), width, 19)
    return fitting


def _draw_caps(scribe: Scribe, area: pygame.Rect, keys: Bindings) -> None:
    """Draw caps of keys with their meanings in two columns."""
    half = (len(keys) + 1) // 2
    for column, part in zip(
        columns(area, (1.0, 1.0)), (keys[:half], keys[half:]), strict=True
    ):
        column.width -= scribe.px(16)
        widest = max((scribe.width(key, 15, bold=True) for key, _ in part), default=0)
        wide = min(widest + scribe.px(18), column.width * 3 // 5)
        for (key, meaning), row in zip(part, rows(column, half), strict=False):
            cap = pygame.Rect(row.left, row.top, wide, row.height - max(2, row.height // 6))
            draw_cap(scribe, cap, key, 15)
            text = pygame.Rect(cap.right + scribe.px(10), cap.top, 0, cap.height)
            text.width = row.right - text.left
            scribe.write(meaning, text, 16)


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
