"""Keys and their meanings in as many lines as they need, and the page with all of them."""

from __future__ import annotations

from collections.abc import Sequence

import pygame

from iml_robot.station.legend import Bindings, draw_cap
from iml_robot.station.text import Scribe

_SIZE = 14
_LINE = 30


def strip_height(scribe: Scribe, width: int, bindings: Bindings) -> int:
    """Return the height that the keys need in a box of some width [pixels]."""
    lines = len(_lines(scribe, width, bindings))
    return lines * scribe.px(_LINE) + scribe.px(10)


def draw_strip(scribe: Scribe, area: pygame.Rect, bindings: Bindings) -> None:
    """Draw all keys with their meanings into a box of the height that they need."""
    pygame.draw.rect(scribe.surface, scribe.theme.card, area, border_radius=scribe.px(8))
    top = area.top + scribe.px(5)
    for line in _lines(scribe, area.width, bindings):
        left = area.left + scribe.px(10)
        for label, meaning in line:
            cap, words = _widths(scribe, label, meaning)
            box = pygame.Rect(left, top + scribe.px(3), cap, scribe.px(_LINE - 6))
            draw_cap(scribe, box, label, _SIZE)
            text = pygame.Rect(box.right + scribe.px(6), box.top, words, box.height)
            scribe.write(meaning, text, _SIZE, colour=scribe.theme.quiet)
            left = text.right + scribe.px(14)
        top += scribe.px(_LINE)


def draw_key_page(scribe: Scribe, title: str, bindings: Bindings, note: str = "") -> None:
    """Draw a page with every key over the whole window."""
    scribe.surface.fill(scribe.theme.background)
    screen = scribe.surface.get_rect()
    inner = screen.inflate(-round(screen.width * 0.2), -scribe.px(60))
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(44))
    scribe.write(title, head, 26, bold=True)
    pygame.draw.line(scribe.surface, scribe.theme.line, head.bottomleft, head.bottomright)
    foot = pygame.Rect(inner.left, inner.bottom - scribe.px(28), inner.width, scribe.px(28))
    scribe.write(f"{note} Any key goes back.".strip(), foot, 16, colour=scribe.theme.quiet)
    top = head.bottom + scribe.px(12)
    step = min(scribe.px(40), (foot.top - top) // max(1, len(bindings)))
    wide = round(inner.width * 0.3)
    for index, (label, meaning) in enumerate(bindings):
        row = pygame.Rect(inner.left, top + index * step, inner.width, step)
        cap = min(wide, scribe.width(label, 16, bold=True) + scribe.px(20))
        draw_cap(
            scribe, pygame.Rect(row.left, row.top, cap, row.height - step // 5), label, 16
        )
        text = pygame.Rect(row.left + wide + scribe.px(14), row.top, 0, row.height)
        text.height -= step // 5
        text.width = row.right - text.left
        scribe.write(meaning, text, 16)


def _widths(scribe: Scribe, label: str, meaning: str) -> tuple[int, int]:
    cap = scribe.width(label, _SIZE, bold=True) + scribe.px(16)
    return cap, scribe.width(meaning, _SIZE) + scribe.px(2)


def _lines(
    scribe: Scribe, width: int, bindings: Bindings
) -> list[Sequence[tuple[str, str]]]:
    """Return the bindings line by line."""
    room = width - scribe.px(20)
    lines: list[list[tuple[str, str]]] = [[]]
    used = 0
    for label, meaning in bindings:
        wide = sum(_widths(scribe, label, meaning)) + scribe.px(20)
        if lines[-1] and used + wide - scribe.px(14) > room:
            lines.append([])
            used = 0
        lines[-1].append((label, meaning))
        used += wide
    return list(lines)
