"""Sentences in a box, cut into lines, smaller where there are many."""

from __future__ import annotations

from collections.abc import Sequence

import pygame

from iml_robot.station.text import Scribe

SIZES = (18.0, 16.0, 14.0, 12.0)


def height_of(scribe: Scribe, width: int, sentences: Sequence[str], size: float) -> int:
    """Return the height that sentences need in letters of some size [pixels]."""
    step, gap = _steps(scribe, size)
    blocks = [_lines(scribe, sentence, width, size) for sentence in sentences]
    return sum(len(block) * step + gap for block in blocks)


def draw_paragraph(
    scribe: Scribe,
    area: pygame.Rect,
    sentences: Sequence[str],
    *,
    sizes: Sequence[float] = SIZES,
) -> None:
    """Write sentences below each other.

    Args:
        scribe: Draws and writes.
        area: The box; what does not fit even in small letters is left out.
        sentences: One paragraph each.
        sizes: Sizes of letters, the best first [design pixels].
    """
    fitting = (
        s for s in sizes if height_of(scribe, area.width, sentences, s) <= area.height
    )
    size = next(fitting, sizes[-1])
    step, gap = _steps(scribe, size)
    blocks = [_lines(scribe, sentence, area.width, size) for sentence in sentences]
    top = area.top
    for block in blocks:
        for line in block:
            if top + step > area.bottom:
                return
            row = pygame.Rect(area.left, top, area.width, step)
            scribe.write(line, row, size)
            top += step
        top += gap


def _steps(scribe: Scribe, size: float) -> tuple[int, int]:
    """Return the height of a line and the gap below a paragraph [pixels]."""
    return scribe.px(size * 1.5), scribe.px(8)


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
