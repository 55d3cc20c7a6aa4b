"""The keys: a strip that is always there, and a page with everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pygame

from iml_robot.core.types import Mode
from iml_robot.station.instruments.confidence import Level, colour_of
from iml_robot.station.layout import columns
from iml_robot.station.overlay import draw_dotted, draw_solid
from iml_robot.station.shapes import draw_shape
from iml_robot.station.text import Scribe

Bindings = Sequence[tuple[str, str]]

_SMALLEST = 0.68
"""Share of their size to which letters of the most important keys shrink."""
_CAPS, _SIGNS = 0.40, 0.45
"""Share of a column of the help page that keys and signs take."""
_ONE_COLUMN = 20
"""Most keys in one column of the help page."""
_LINES: tuple[tuple[Level | None, str], ...] = (
    (Level.SURE, "what the policy wants"),
    (Level.UNSURE, "the same, not so sure"),
    (Level.LOST, "the same, and needs help"),
    (None, "what the robot does"),
)

#: Words in the meaning of the key that leads out of a state.
WAYS_OUT: Mapping[Mode, str] = {
    Mode.ESTOP: "reset",
    Mode.ASKING: "give back",
    Mode.HOLD: "give back",
    Mode.DISARMED: "give back",
    Mode.HUMAN: "give back",
    Mode.PAUSED: "go on",
}


def draw_keys(
    scribe: Scribe, area: pygame.Rect, bindings: Bindings, *, mode: Mode = Mode.AUTO
) -> None:
    """Draw as many keys as fit into one line.

    The first of them, which leads to all keys, stays there; then come the emergency stop
    and what leads out of the present state. These three are written smaller where they do
    not fit.

    Args:
        scribe: Draws and writes.
        area: Box of the line.
        bindings: Keys and their meanings, the most important first.
        mode: State of the arbiter.
    """
    way_out = WAYS_OUT.get(mode)
    ranked = sorted(bindings[1:], key=lambda entry: _rank(entry[1], way_out))
    pygame.draw.rect(scribe.surface, scribe.theme.card, area, border_radius=scribe.px(8))
    inner = area.inflate(-scribe.px(20), -scribe.px(12))
    entries = [_in_short(entry) for entry in (*bindings[:1], *ranked)]
    first = entries[: 2 if way_out is None else 3]
    gap = scribe.px(18)
    needed = sum(sum(_widths(scribe, *entry, 14)) + gap for entry in first) - gap
    size = 14 * min(1.0, max(_SMALLEST, inner.width / max(1, needed)))
    left = inner.left
    for label, meaning in entries:
        cap, words = _widths(scribe, label, meaning, size)
        room = inner.right - left - cap
        if (label, meaning) in first and room >= 0.75 * words:
            # The scribe writes the last of them smaller still.
            words = min(words, room)
        if words > room:
            continue
        draw_cap(scribe, pygame.Rect(left, inner.top, cap, inner.height), label, size)
        text = pygame.Rect(left + cap, inner.top, words, inner.height)
        text = text.inflate(-scribe.px(4), 0).move(scribe.px(2), 0)
        scribe.write(meaning, text, size, colour=scribe.theme.quiet, align="right")
        left += cap + words + gap


def _rank(meaning: str, way_out: str | None) -> int:
    """Return how early a key comes in the line: stop, the way out, everything else."""
    if "emergency stop" in meaning.lower() and "reset" not in meaning.lower():
        return 0
    return 1 if way_out is not None and way_out in meaning else 2


def _widths(scribe: Scribe, label: str, meaning: str, size: float) -> tuple[int, int]:
    """Return the widths of the cap of a key and of its meaning with the gap before it."""
    cap = scribe.width(label, size, bold=True) + scribe.px(16)
    return cap, scribe.width(meaning, size) + scribe.px(10)


def _in_short(entry: tuple[str, str]) -> tuple[str, str]:
    """Return a binding without its alternatives and remarks, which the help page has."""
    label, meaning = entry
    return label.split(" or ")[0], meaning.split(" (")[0]


def draw_help(scribe: Scribe, area: pygame.Rect, bindings: Bindings) -> None:
    """Draw the page with every key and the meaning of every state and line."""
    pygame.draw.rect(scribe.surface, scribe.theme.card, area, border_radius=scribe.px(8))
    inner = area.inflate(-scribe.px(40), -scribe.px(24))
    entries = list(bindings)
    # A pad and a keyboard together have too many for one column.
    half = (len(entries) + 1) // 2
    parts = [entries[:half], entries[half:]] if len(entries) > _ONE_COLUMN else [entries]
    *keys, signs = columns(inner, (1.0,) * len(parts) + (0.85,))
    scribe = _fitted(scribe, keys[0], signs, entries)
    for index, (column, part) in enumerate(zip(keys, parts, strict=True)):
        column.width -= scribe.px(22)
        _draw_all_keys(scribe, column, part, title="" if index else "KEYS", most=half)
    _draw_signs(scribe, signs)


def _fitted(
    scribe: Scribe, keys: pygame.Rect, signs: pygame.Rect, entries: Bindings
) -> Scribe:
    """Return who writes the page: with smaller letters where the longest line needs it."""
    gap = scribe.px(34)
    wanted = max(scribe.width(meaning, 15) for _, meaning in entries)
    share = (keys.width * (1 - _CAPS) - gap) / max(1, wanted)
    styles = scribe.theme.modes.values()
    lines = [style.meaning for style in styles] + [line for _, line in _LINES]
    wanted = max(scribe.width(line, 15) for line in lines)
    share = min(share, (signs.width * (1 - _SIGNS) - gap) / wanted)
    # Each line shrinks on its own, too, down to three quarters.
    smaller = Scribe(scribe.surface, scribe.unit * min(1.0, share / 0.75), scribe.theme)
    smaller.placed = scribe.placed
    return smaller


def _draw_all_keys(
    scribe: Scribe, area: pygame.Rect, entries: Bindings, *, title: str, most: int
) -> None:
    step, head = _page(scribe, area, title, max(most, len(entries)))
    cap_wide = round(area.width * _CAPS)
    for index, (label, meaning) in enumerate(entries):
        row = pygame.Rect(area.left, head + index * step, area.width, step)
        wanted = scribe.width(label, 15, bold=True) + scribe.px(18)
        cap = pygame.Rect(
            row.left, row.top, min(cap_wide, wanted), step - max(2, step // 6)
        )
        draw_cap(scribe, cap, label, 15)
        text = pygame.Rect(row.left + cap_wide + scribe.px(10), cap.top, 0, cap.height)
        text.width = row.right - text.left
        scribe.write(meaning, text, 15)


def _draw_signs(scribe: Scribe, area: pygame.Rect) -> None:
    step, top = _page(scribe, area, "WHO DRIVES", len(scribe.theme.modes) + 1 + len(_LINES))
    for index, style in enumerate(scribe.theme.modes.values()):
        row = pygame.Rect(area.left, top + index * step, area.width, step)
        plate = pygame.Rect(row.left, row.top, round(row.width * _SIGNS), step - step // 6)
        pygame.draw.rect(scribe.surface, style.colour, plate, border_radius=scribe.px(5))
        size = plate.height * 3 // 5
        spot = (plate.left + scribe.px(8) + size // 2, plate.centery)
        draw_shape(scribe.surface, style.shape, spot, size, style.ink)
        word = pygame.Rect(spot[0] + size // 2 + scribe.px(7), plate.top, 0, plate.height)
        word.width = plate.right - scribe.px(5) - word.left
        scribe.write(style.word, word, 15, colour=style.ink, bold=True)
        text = pygame.Rect(plate.right + scribe.px(12), plate.top, 0, plate.height)
        text.width = row.right - text.left
        scribe.write(style.meaning, text, 15)
    for index, (level, meaning) in enumerate(_LINES, start=len(scribe.theme.modes) + 1):
        row = pygame.Rect(area.left, top + index * step, area.width, step)
        _draw_sample(scribe, row, level)
        text = pygame.Rect(
            row.left + round(row.width * _SIGNS) + scribe.px(12), row.top, 0, step
        )
        text.width = row.right - text.left
        scribe.write(meaning, text, 15)


def _draw_sample(scribe: Scribe, row: pygame.Rect, level: Level | None) -> None:
    """Draw a path as it looks over the world: dots of the policy, or the solid one."""
    start, end = row.left + scribe.px(8), row.left + round(row.width * _SIGNS)
    path = np.array([[start, row.centery], [end - scribe.px(8), row.centery]], dtype=float)
    if level is None:
        draw_solid(scribe, path, scribe.theme.operator)
    else:
        draw_dotted(scribe, path, colour_of(level, scribe.theme), level)


def _page(scribe: Scribe, area: pygame.Rect, title: str, count: int) -> tuple[int, int]:
    """Write a heading; return the height of each of `count` rows and where they start."""
    head = pygame.Rect(area.left, area.top, area.width, scribe.px(32))
    scribe.write(title, head, 18, colour=scribe.theme.text, bold=True)
    line = head.bottom + scribe.px(2)
    pygame.draw.line(
        scribe.surface, scribe.theme.line, (area.left, line), (area.right, line)
    )
    top = line + scribe.px(12)
    return min(scribe.px(38), (area.bottom - top) // max(1, count)), top


def draw_cap(scribe: Scribe, cap: pygame.Rect, label: str, size: float) -> None:
    """Draw the cap of a key with its label into a box."""
    pygame.draw.rect(scribe.surface, scribe.theme.text, cap, border_radius=scribe.px(5))
    room = cap.inflate(-scribe.px(8), -2)
    scribe.write(
        label, room, size, colour=scribe.theme.background, bold=True, align="centre"
    )
