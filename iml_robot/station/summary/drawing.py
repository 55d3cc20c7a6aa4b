"""How the summary of a session looks: figures to read at the left, charts at the right."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pygame

from iml_robot.station.arrows import draw_arrows
from iml_robot.station.layout import columns
from iml_robot.station.legend import Bindings
from iml_robot.station.shapes import draw_shape
from iml_robot.station.strip import draw_strip, strip_height
from iml_robot.station.summary.charts import Chart, draw_chart, draw_good_legend
from iml_robot.station.summary.figures import SessionFigures, SummaryLine, lines_of
from iml_robot.station.text import Scribe

_LINE = 27
_SIZE = 16
_SIGN = 24
_LOWEST_CHART = 110
"""Height below which a chart says nothing any more."""


@dataclass(frozen=True, slots=True)
class Scroll:
    """Which lines are seen.

    Attributes:
        first: Number of the first one.
        fit: How many fit.
        count: How many there are.
    """

    first: int
    fit: int
    count: int

    @property
    def last_first(self) -> int:
        """The furthest that one can scroll."""
        return max(0, self.count - self.fit)


def draw_summary(
    scribe: Scribe, figures: SessionFigures, keys: Bindings, *, first: int
) -> Scroll:
    """Draw a summary over the whole window.

    Args:
        scribe: Draws and writes.
        figures: What is told.
        keys: What to press.
        first: Number of the first line that is wanted.

    Returns:
        Which lines are seen.
    """
    screen = scribe.surface.get_rect()
    inner = screen.inflate(-2 * scribe.px(30), -2 * scribe.px(16))
    tall = strip_height(scribe, inner.width, keys)
    strip = pygame.Rect(inner.left, inner.bottom - tall, inner.width, tall)
    draw_strip(scribe, strip, keys)
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(44))
    scribe.write(f"What came of it: {figures.name}", head, 26, bold=True)
    top = head.bottom + scribe.px(6)
    body = pygame.Rect(inner.left, top, inner.width, strip.top - scribe.px(10) - top)
    left, right = columns(body, (0.5, 0.5))
    left.width -= scribe.px(40)
    scroll = _draw_lines(scribe, left, figures, first)
    _draw_charts(scribe, right, figures)
    return scroll


def _draw_charts(scribe: Scribe, area: pygame.Rect, figures: SessionFigures) -> None:
    legend = pygame.Rect(area.left, area.bottom - scribe.px(24), area.width, scribe.px(24))
    gap = scribe.px(10)
    half = (legend.top - area.top - 2 * gap) // 2
    both = half >= scribe.px(_LOWEST_CHART)
    half = half if both else legend.top - area.top - gap
    upper = pygame.Rect(area.left, area.top, area.width, half)
    lower = pygame.Rect(area.left, upper.bottom + gap, area.width, half)
    episodes = figures.episodes
    good = [None if e.discarded else e.success for e in episodes]
    often = Chart("takeovers by episode", [e.takeovers for e in episodes], good=good)
    shares = [e.human_s / e.duration_s if e.duration_s else 0.0 for e in episodes]
    long = Chart("share that you drove", shares, percent=True, good=good)
    draw_chart(scribe, upper, often, scribe.theme.operator)
    if both:
        draw_chart(scribe, lower, long, scribe.theme.operator)
    draw_good_legend(scribe, legend)


def _draw_lines(
    scribe: Scribe, area: pygame.Rect, figures: SessionFigures, first: int
) -> Scroll:
    lines = _wrapped(scribe, lines_of(figures), area.width)
    step = scribe.px(_LINE)
    fit = max(1, area.height // step)
    first = max(0, min(first, len(lines) - fit))
    for place, line in enumerate(lines[first : first + fit]):
        row = pygame.Rect(area.left, area.top + place * step, area.width, step)
        _draw_line(scribe, row, line)
    scroll = Scroll(first, fit, len(lines))
    below = scroll.first < scroll.last_first
    draw_arrows(scribe, area, above=scroll.first > 0, below=below)
    return scroll


def _wrapped(scribe: Scribe, lines: list[SummaryLine], width: int) -> list[SummaryLine]:
    """Return lines none of which is wider than the column."""
    fitting = []
    for line in lines:
        if line.kind not in ("text", "sign"):
            fitting.append(line)
            continue
        room = width - scribe.px(_SIGN) * (line.kind == "sign")
        parts = _parts(scribe, line, room)
        fitting.append(replace(line, text=parts[0]))
        # What belongs to a sign stands below its text, without another sign.
        kind = "more" if line.kind == "sign" else "text"
        fitting += [replace(line, kind=kind, text=part) for part in parts[1:]]
    return fitting


def _parts(scribe: Scribe, line: SummaryLine, width: int) -> list[str]:
    if line.breaks == " ":
        return scribe.wrapped(line.text, width, _SIZE) or [""]
    parts = [""]
    for place, piece in enumerate(line.text.split(line.breaks)):
        joint = line.breaks if place else ""
        if parts[-1] and scribe.width(parts[-1] + joint + piece, _SIZE) > width:
            parts.append("")
        parts[-1] += joint + piece
    return parts


def _draw_line(scribe: Scribe, row: pygame.Rect, line: SummaryLine) -> None:
    theme = scribe.theme
    if line.kind == "head":
        scribe.write(line.text, row, 17, bold=True)
        ends = (row.left, row.bottom - scribe.px(2)), (row.right, row.bottom - scribe.px(2))
        pygame.draw.line(scribe.surface, theme.line, *ends, scribe.px(1))
        return
    if line.kind == "pair":
        wide = min(row.width * 2 // 3, scribe.width(line.value, _SIZE, bold=True))
        value = pygame.Rect(row.right - wide - scribe.px(2), row.top, 0, row.height)
        value.width = row.right - value.left
        scribe.write(line.value, value, _SIZE, bold=True, align="right")
        label = pygame.Rect(row.left, row.top, 0, row.height)
        label.width = value.left - scribe.px(8) - row.left
        scribe.write(line.text, label, _SIZE, colour=theme.quiet)
        return
    text = pygame.Rect(row)
    if line.kind in ("sign", "more"):
        text.left += scribe.px(_SIGN)
        text.width -= scribe.px(_SIGN)
    if line.kind == "sign":
        shape, colour = {
            True: ("circle", theme.policy),
            False: ("cross", theme.alarm),
            None: ("diamond", theme.quiet),
        }[line.good]
        spot = (row.left + scribe.px(8), row.centery)
        draw_shape(scribe.surface, shape, spot, scribe.px(13), colour)
    scribe.write(line.text, text, _SIZE)
