"""Small charts of one figure for each episode."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import pygame

from iml_robot.station.palette import Colour
from iml_robot.station.shapes import draw_shape
from iml_robot.station.text import Scribe

_NARROWEST = 8
_WIDEST = 46
_AXIS = 52


@dataclass(frozen=True, slots=True)
class Chart:
    """One bar for each episode.

    Attributes:
        title: What the bars stand for.
        values: Their heights, at least 0, in order.
        percent: Whether 1 means 100 %.
        good: Whether each episode was a success, None where nobody knows; empty: that is
            not shown.
        first: Number of the first episode.
        nothing: What is said where there are no values.
    """

    title: str
    values: Sequence[float]
    percent: bool = False
    good: Sequence[bool | None] = ()
    first: int = 1
    nothing: str = "no episode yet"

    @property
    def top(self) -> float:
        """The height that the chart reaches up to."""
        highest = max(self.values, default=0.0)
        if self.percent:
            return 1.0
        if highest <= 1.0:
            return 1.0
        decade = 10.0 ** math.floor(math.log10(highest))
        steps = (decade * factor for factor in (1, 2, 5, 10))
        return next(top for top in steps if top >= highest - 1e-9)

    def label(self, value: float) -> str:
        """Return a height in words."""
        return f"{value:.0%}" if self.percent else f"{value:g}"


def binned(values: Sequence[float], most: int) -> tuple[list[float], int]:
    """Return at most so many means of equally many neighbours, and how many that are.

    Args:
        values: The values.
        most: How many there may be, at least 1.
    """
    size = max(1, math.ceil(len(values) / max(1, most)))
    means = [fmean(values[k : k + size]) for k in range(0, len(values), size)]
    return means, size


def draw_chart(scribe: Scribe, area: pygame.Rect, chart: Chart, colour: Colour) -> None:
    """Draw a chart into a box.

    Args:
        scribe: Draws and writes.
        area: The box [pixels].
        chart: What is shown.
        colour: Colour of the bars.
    """
    theme = scribe.theme
    pygame.draw.rect(scribe.surface, theme.card, area, border_radius=scribe.px(8))
    inner = area.inflate(-scribe.px(24), -scribe.px(10))
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(24))
    foot = pygame.Rect(inner.left, inner.bottom - scribe.px(20), inner.width, scribe.px(20))
    signs = scribe.px(18) if chart.good else scribe.px(4)
    plot = pygame.Rect(inner.left + scribe.px(_AXIS), head.bottom + scribe.px(8), 0, 0)
    plot.width = inner.right - plot.left
    plot.height = foot.top - signs - plot.top
    bars, size = binned(chart.values, plot.width // scribe.px(_NARROWEST))
    each = f", {size} episodes a bar" if size > 1 else ""
    scribe.write(chart.title + each, head, 16, bold=True)
    if not bars:
        scribe.write(chart.nothing, plot, 16, colour=theme.quiet, align="centre")
        return
    _draw_axis(scribe, plot, chart)
    step = min(plot.width / len(bars), float(scribe.px(_WIDEST)))
    for place, value in enumerate(bars):
        left = plot.left + round(place * step)
        wide = max(2, round((place + 1) * step) - round(place * step) - scribe.px(2))
        tall = round(plot.height * min(1.0, value / chart.top))
        bar = pygame.Rect(left, plot.bottom - tall, wide, tall)
        pygame.draw.rect(scribe.surface, colour, bar)
        if size == 1 and place < len(chart.good):
            spot = (bar.centerx, plot.bottom + scribe.px(10))
            _draw_good(scribe, spot, min(wide, scribe.px(13)), chart.good[place])
    _draw_numbers(scribe, foot, plot, chart, round(len(bars) * step))


def draw_good_legend(scribe: Scribe, area: pygame.Rect) -> None:
    """Draw what the signs under the bars mean, into one line."""
    left = area.left
    for good, words in ((True, "success"), (False, "failure"), (None, "not counted")):
        spot = (left + scribe.px(8), area.centery)
        _draw_good(scribe, spot, scribe.px(13), good)
        text = pygame.Rect(left + scribe.px(20), area.top, 0, area.height)
        text.width = scribe.width(words, 14) + scribe.px(4)
        scribe.write(words, text, 14, colour=scribe.theme.quiet)
        left = text.right + scribe.px(16)


def _draw_axis(scribe: Scribe, plot: pygame.Rect, chart: Chart) -> None:
    theme = scribe.theme
    for value in (0.0, chart.top / 2, chart.top):
        y = plot.bottom - round(plot.height * value / chart.top)
        ends = (plot.left, y), (plot.right, y)
        pygame.draw.line(scribe.surface, theme.line, *ends, scribe.px(1))
        if value == chart.top / 2:
            continue
        box = pygame.Rect(0, 0, scribe.px(_AXIS - 8), scribe.px(18))
        box.midright = (plot.left - scribe.px(6), y)
        scribe.write(chart.label(value), box, 14, colour=theme.quiet, align="right")


def _draw_numbers(
    scribe: Scribe, foot: pygame.Rect, plot: pygame.Rect, chart: Chart, wide: int
) -> None:
    """Write the numbers of the first and the last episode under the bars."""
    quiet = scribe.theme.quiet
    count = len(chart.values)
    first = f"episode {chart.first}"
    row = pygame.Rect(plot.left, foot.top, plot.width, foot.height)
    scribe.write(first, row, 14, colour=quiet)
    last = str(chart.first + count - 1)
    room = scribe.width(last, 14) + scribe.px(4)
    right = max(plot.left + wide, plot.left + scribe.width(first, 14) + 2 * room)
    if count > 1:
        end = pygame.Rect(min(right, plot.right) - room, foot.top, room, foot.height)
        scribe.write(last, end, 14, colour=quiet, align="right")


def _draw_good(scribe: Scribe, spot: tuple[int, int], size: int, good: bool | None) -> None:
    if good is None:
        dash = pygame.Rect(0, 0, size, max(2, size // 4))
        dash.center = spot
        pygame.draw.rect(scribe.surface, scribe.theme.quiet, dash)
    else:
        shape, colour = (
            ("circle", scribe.theme.policy) if good else ("cross", scribe.theme.alarm)
        )
        draw_shape(scribe.surface, shape, spot, size, colour)
