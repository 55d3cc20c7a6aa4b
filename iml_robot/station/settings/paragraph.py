"""Sentences in a box, cut into lines, smaller where there are many."""

from __future__ import annotations

from collections.abc import Sequence

import pygame

from iml_robot.station.text import Scribe

_SIZES = (18, 16, 14, 12)


def draw_paragraph(scribe: Scribe, area: pygame.Rect, sentences: Sequence[str]) -> None:
    """Write sentences below each other.

    Args:
        scribe: Draws and writes.
        area: The box; what does not fit even in small letters is left out.
        sentences: One paragraph each.
    """
    for size in _SIZES:
        step, gap = scribe.px(size * 1.5), scribe.px(8)
        blocks = [_lines(scribe, sentence, area.width, size) for sentence in sentences]
        tall = sum(len(block) * step + gap for block in blocks)
        if tall <= area.height:
            break
    top = area.top
    for block in blocks:
        for line in block:
            if top + step > area.bottom:
                return
            row = pygame.Rect(area.left, top, area.width, step)
            scribe.write(line, row, size)
            top += step
        top += gap


def _lines(scribe: Scribe, sentence: str, width: int, size: float) -> list[str]:
    """Return the lines of a sentence; words that are too long, as of paths, are cut."""
    room = width - scribe.px(4)
    words: list[str] = []
    for word in sentence.split():
        rest = word
        while scribe.width(rest, size) > room and len(rest) > 1:
            fits = next(
                n for n in range(len(rest), 0, -1) if scribe.width(rest[:n], size) <= room
            )
            words.append(rest[:fits])
            rest = rest[fits:]
        words.append(rest)
    return scribe.wrapped(" ".join(words), room, size)
