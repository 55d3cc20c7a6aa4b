"""How knobs look: what was learned and how surely, what was shipped, what a person says."""

from __future__ import annotations

import math

import pygame

from iml_robot.station.knobs.board import KnobBoard
from iml_robot.station.layout import columns, rows
from iml_robot.station.legend import Bindings
from iml_robot.station.questions.differences import in_short
from iml_robot.station.shapes import draw_shape
from iml_robot.station.strip import draw_strip, strip_height
from iml_robot.station.text import Scribe

_ROW, _LOWEST_ROW = 58, 38
_SHARES = (0.35, 0.36, 0.29)


def draw_knobs(scribe: Scribe, board: KnobBoard, keys: Bindings, message: str) -> None:
    """Draw all knobs over the whole window.

    Args:
        scribe: Draws and writes.
        board: The knobs.
        keys: What to press, and its meaning.
        message: A line for the person; "" for none.
    """
    screen = scribe.surface.get_rect()
    inner = screen.inflate(-scribe.px(40), -scribe.px(20))
    tall = strip_height(scribe, inner.width, keys)
    strip = pygame.Rect(inner.left, inner.bottom - tall, inner.width, tall)
    draw_strip(scribe, strip, keys)
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(40))
    title = "What matters, and how much"
    wide = scribe.width(title, 25, bold=True) + scribe.px(20)
    scribe.write(title, head, 25, bold=True)
    said = pygame.Rect(head.left + wide, head.top, head.width - wide, head.height)
    scribe.write(message, said, 17, colour=scribe.theme.warning, bold=True, align="right")
    legend = pygame.Rect(inner.left, head.bottom, inner.width, scribe.px(24))
    _draw_legend(scribe, legend, board.reach)
    body = pygame.Rect(inner.left, legend.bottom, inner.width, 0)
    body.height = strip.top - legend.bottom - scribe.px(8)
    count = len(board.knobs.names)
    fitting = min(count, max(1, body.height // scribe.px(_LOWEST_ROW)))
    first = min(max(0, board.selected - fitting // 2), count - fitting)
    body.height = min(body.height, scribe.px(_ROW) * fitting)
    for place, row in enumerate(rows(body, max(1, fitting)), start=first):
        if place < count:
            _draw_row(scribe, row, board, place)
    if fitting < count:
        line = f"{first + 1} to {first + fitting} of {count}"
        scribe.write(line, legend, 13, colour=scribe.theme.quiet, align="right")


def _draw_legend(scribe: Scribe, area: pygame.Rect, reach: float) -> None:
    names, chart, _ = columns(area, _SHARES)
    left = names.left
    for kind, word in (("bar", "learned, ±1 sd"), ("tick", "shipped"), ("edit", "yours")):
        icon = pygame.Rect(left, names.top, scribe.px(16), names.height)
        if kind == "bar":
            pygame.draw.rect(
                scribe.surface, scribe.theme.policy, icon.inflate(0, -scribe.px(14))
            )
        elif kind == "tick":
            _tick(scribe, icon.center, icon.height // 2)
        else:
            draw_shape(
                scribe.surface, "diamond", icon.center, scribe.px(13), scribe.theme.operator
            )
        wide = scribe.width(word, 12) + scribe.px(3)
        text = pygame.Rect(icon.right + scribe.px(4), icon.top, wide, icon.height)
        scribe.write(word, text, 12, colour=scribe.theme.quiet)
        left = text.right + scribe.px(8)
    scribe.write(f"-{reach:g}  bad", chart, 13, colour=scribe.theme.quiet)
    scribe.write("0", chart, 13, colour=scribe.theme.quiet, align="centre")
    scribe.write(f"good  +{reach:g}", chart, 13, colour=scribe.theme.quiet, align="right")


def _draw_row(scribe: Scribe, row: pygame.Rect, board: KnobBoard, place: int) -> None:
    knobs = board.knobs
    box = row.inflate(0, -scribe.px(4))
    selected = place == board.selected
    pygame.draw.rect(scribe.surface, scribe.theme.card, box, border_radius=scribe.px(6))
    if selected:
        edge = scribe.px(2)
        pygame.draw.rect(
            scribe.surface, scribe.theme.warning, box, edge, border_radius=scribe.px(6)
        )
    names, chart, said = columns(box, _SHARES)
    left = pygame.Rect(names.left + scribe.px(12), names.top, 0, names.height)
    left.width = names.right - left.left - scribe.px(10)
    upper, lower = rows(left.inflate(0, -scribe.px(4)), 2)
    scribe.write(knobs.names[place].replace("_", " "), upper, 16, bold=True)
    scribe.write(in_short(knobs.meanings[place]), lower, 13, colour=scribe.theme.quiet)
    _draw_chart(scribe, chart, board, place)
    right = pygame.Rect(said.left + scribe.px(14), said.top, 0, said.height)
    right.width = said.right - right.left - scribe.px(10)
    upper, lower = rows(right.inflate(0, -scribe.px(4)), 2)
    learned = f"{knobs.means[place]:+.2f} ± {knobs.stds[place]:.2f}"
    scribe.write(
        _said(board, place) or learned, upper, 15, bold=True, colour=scribe.theme.text
    )
    conflict = knobs.conflicts.get(knobs.names[place], "")
    if conflict:
        scribe.write(f"! {conflict}", lower, 13, colour=scribe.theme.warning)
    elif _said(board, place):
        scribe.write(f"learned {learned}", lower, 13, colour=scribe.theme.quiet)


def _said(board: KnobBoard, place: int) -> str:
    """Return what the person says about a feature, in words."""
    edit = board.edit(place)
    parts = [] if edit.weight is None else [f"yours {edit.weight:+.2f}"]
    parts += ["locked"] if edit.locked else []
    if edit.sign:
        parts.append("always +" if edit.sign > 0 else "always -")
    return ", ".join(parts)


def _draw_chart(scribe: Scribe, area: pygame.Rect, board: KnobBoard, place: int) -> None:
    knobs, reach = board.knobs, board.reach
    track = area.inflate(0, -round(area.height * 0.5))
    pygame.draw.rect(scribe.surface, scribe.theme.background, track)
    mean, std = float(knobs.means[place]), float(knobs.stds[place])

    def at(weight: float) -> int:
        share = min(1.0, max(-1.0, weight / reach))
        return track.centerx + round(share * track.width / 2)

    edit = board.edit(place)
    if edit.sign:
        # The half where the weight may not be.
        half = pygame.Rect(track.left, track.top, track.width // 2, track.height)
        half.left = track.left if edit.sign > 0 else track.centerx
        pygame.draw.rect(scribe.surface, scribe.theme.line, half)
    if math.isfinite(mean) and math.isfinite(std):
        bar = pygame.Rect(min(at(mean), at(0.0)), 0, abs(at(mean) - at(0.0)), 0)
        bar.height = track.height // 2 + 2
        bar.centery = track.centery
        pygame.draw.rect(scribe.surface, scribe.theme.policy, bar)
        _whisker(scribe, track, at(mean - std), at(mean + std))
    pygame.draw.line(scribe.surface, scribe.theme.quiet, track.midtop, track.midbottom)
    if math.isfinite(knobs.shipped[place]):
        _tick(scribe, (at(float(knobs.shipped[place])), track.centery), track.height)
    if edit.weight is not None:
        size = scribe.px(15)
        spot = at(edit.weight), track.centery
        draw_shape(
            scribe.surface, "diamond", spot, size + scribe.px(4), scribe.theme.background
        )
        shape = "square" if edit.locked else "diamond"
        draw_shape(scribe.surface, shape, spot, size, scribe.theme.operator)


def _whisker(scribe: Scribe, track: pygame.Rect, low: int, high: int) -> None:
    thick, tall = scribe.px(2), track.height // 3
    y = track.centery
    pygame.draw.line(scribe.surface, scribe.theme.applied, (low, y), (high, y), thick)
    for x in (low, high):
        pygame.draw.line(
            scribe.surface, scribe.theme.applied, (x, y - tall), (x, y + tall), thick
        )


def _tick(scribe: Scribe, spot: tuple[int, int], height: int) -> None:
    half = height // 2 + scribe.px(3)
    x, y = spot
    pygame.draw.line(
        scribe.surface, scribe.theme.warning, (x, y - half), (x, y + half), scribe.px(3)
    )
