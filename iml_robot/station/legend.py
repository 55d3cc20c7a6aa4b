"""The keys: a strip that is always there, and a page with everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pygame

from iml_robot.core.types import Mode
from iml_robot.station.layout import columns
from iml_robot.station.shapes import draw_shape
from iml_robot.station.text import Scribe

Bindings = Sequence[tuple[str, str]]

HELP_KEY = ("F1", "all keys")

#: Words in the meaning of the key that leads out of a state.
WAYS_OUT: Mapping[Mode, str] = {
    Mode.ESTOP: "reset",
    Mode.ASKING: "give back",
    Mode.HOLD: "give back",
    Mode.HUMAN: "give back",
    Mode.PAUSED: "go on",
}


def draw_keys(
    scribe: Scribe, area: pygame.Rect, bindings: Bindings, *, mode: Mode = Mode.AUTO
) -> None:
    """Draw as many keys as fit into one line.

    The way to all of them comes first, then the one that leads out of the present state.

    Args:
        scribe: Draws and writes.
        area: Box of the line.
        bindings: Keys and their meanings, the most important first.
        mode: State of the arbiter.
    """
    way_out = WAYS_OUT.get(mode)
    if way_out is not None:
        bindings = sorted(bindings, key=lambda entry: way_out not in entry[1])
    pygame.draw.rect(scribe.surface, scribe.theme.card, area, border_radius=scribe.px(8))
    inner = area.inflate(-scribe.px(20), -scribe.px(12))
    left = inner.left
    for label, meaning in (_in_short(entry) for entry in (HELP_KEY, *bindings)):
        cap = scribe.width(label, 14, bold=True) + scribe.px(16)
        words = scribe.width(meaning, 14) + scribe.px(2)
        wide = cap + scribe.px(7) + words
        if left + wide > inner.right:
            continue
        draw_cap(scribe, pygame.Rect(left, inner.top, cap, inner.height), label, 14)
        text = pygame.Rect(left + cap + scribe.px(7), inner.top, words, inner.height)
        scribe.write(meaning, text, 14, colour=scribe.theme.quiet)
        left += wide + scribe.px(18)


def _in_short(entry: tuple[str, str]) -> tuple[str, str]:
    """Return a binding without its alternatives and remarks, which the help page has."""
    label, meaning = entry
    return label.split(" or ")[0], meaning.split(" (")[0]


def draw_help(scribe: Scribe, area: pygame.Rect, bindings: Bindings) -> None:
    """Draw the page with every key and the meaning of every state and line."""
    veil = pygame.Surface(area.size, pygame.SRCALPHA)
    veil.fill((12, 13, 17, 238))
    scribe.surface.blit(veil, area)
    inner = area.inflate(-scribe.px(40), -scribe.px(28))
    keys, signs = columns(inner, (1.0, 0.92))
    keys.width -= scribe.px(22)
    _draw_all_keys(scribe, keys, bindings)
    _draw_signs(scribe, signs)


def _draw_all_keys(scribe: Scribe, area: pygame.Rect, bindings: Bindings) -> None:
    entries = [*bindings, ("F1 or H", "show or hide this page")]
    step, head = _page(scribe, area, "KEYS", len(entries))
    cap_wide = round(area.width * 0.40)
    for index, (label, meaning) in enumerate(entries):
        row = pygame.Rect(area.left, head + index * step, area.width, step)
        wanted = scribe.width(label, 15, bold=True) + scribe.px(18)
        cap = pygame.Rect(
            row.left, row.top, min(cap_wide, wanted), step - max(2, step // 6)
        )
        draw_cap(scribe, cap, label, 15)
        text = pygame.Rect(row.left + cap_wide + scribe.px(12), cap.top, 0, cap.height)
        text.width = row.right - text.left
        scribe.write(meaning, text, 15)


def _draw_signs(scribe: Scribe, area: pygame.Rect) -> None:
    step, top = _page(scribe, area, "WHO DRIVES", len(scribe.theme.modes) + 3)
    for index, style in enumerate(scribe.theme.modes.values()):
        row = pygame.Rect(area.left, top + index * step, area.width, step)
        plate = pygame.Rect(row.left, row.top, round(row.width * 0.44), step - step // 6)
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
    lines = ((True, "what the policy wants"), (False, "what the robot does"))
    for index, (dotted, meaning) in enumerate(lines, start=len(scribe.theme.modes) + 1):
        row = pygame.Rect(area.left, top + index * step, area.width, step)
        _draw_sample(scribe, row, dotted=dotted)
        text = pygame.Rect(
            row.left + round(row.width * 0.44) + scribe.px(12), row.top, 0, step
        )
        text.width = row.right - text.left
        scribe.write(meaning, text, 15)


def _draw_sample(scribe: Scribe, row: pygame.Rect, *, dotted: bool) -> None:
    start, end = row.left + scribe.px(8), row.left + round(row.width * 0.44)
    if dotted:
        for x in range(start, end, scribe.px(13)):
            pygame.draw.circle(
                scribe.surface, scribe.theme.policy, (x, row.centery), scribe.px(4)
            )
    else:
        line = pygame.Rect(start, row.centery - scribe.px(2), end - start, scribe.px(5))
        pygame.draw.rect(scribe.surface, scribe.theme.applied, line)


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
