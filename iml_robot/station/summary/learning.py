"""The page between two episodes: how far the learning is, and what it came to so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pygame

from iml_robot.station.bar import draw_bar
from iml_robot.station.layout import columns
from iml_robot.station.legend import Bindings
from iml_robot.station.shapes import draw_shape
from iml_robot.station.strip import draw_strip, strip_height
from iml_robot.station.summary.charts import Chart, draw_chart, draw_good_legend
from iml_robot.station.text import Scribe


@dataclass(frozen=True, slots=True)
class LearningPage:
    """What is told while, or after, the policy learns.

    Attributes:
        fraction: How far it is, in [0, 1]; None: nothing is being learned.
        title: Heading.
        text: What is being done; "": nothing is said.
        shares: Share of the steps that the person drove, for each episode.
        good: Whether each episode was a success; None where nobody knows.
        version: Number of the policy that drives.
        verdict: What became of the last candidate and why; "": there was none.
        accepted: Whether it drives now; None: nobody has judged it.
        figures: What the learner says, as (name, value).
        keys: What to press, for example (("F8", "take back policy 3"),).
        notice: A line about what was pressed; "": none.
    """

    fraction: float | None = None
    title: str = "The policy is learning from you"
    text: str = ""
    shares: Sequence[float] = ()
    good: Sequence[bool | None] = ()
    version: int = 0
    verdict: str = ""
    accepted: bool | None = None
    figures: Sequence[tuple[str, str]] = ()
    keys: Bindings = ()
    notice: str = ""


def draw_learning(scribe: Scribe, area: pygame.Rect, page: LearningPage) -> None:
    """Draw the page into a box, for example the whole window.

    Args:
        scribe: Draws and writes.
        area: The box [pixels], at least 700 x 420 of the design.
        page: What is told.
    """
    theme = scribe.theme
    pygame.draw.rect(scribe.surface, theme.background, area)
    inner = area.inflate(-2 * scribe.px(44), -2 * scribe.px(26))
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(46))
    scribe.write(page.title, head, 30, bold=True)
    top = _draw_progress(scribe, head, page)
    bottom = inner.bottom
    if page.keys:
        tall = strip_height(scribe, inner.width, page.keys)
        strip = pygame.Rect(inner.left, inner.bottom - tall, inner.width, tall)
        draw_strip(scribe, strip, page.keys)
        bottom = strip.top - scribe.px(10)
    body = pygame.Rect(inner.left, top, inner.width, bottom - top)
    left, right = columns(body, (0.44, 0.56))
    left.width -= scribe.px(22)
    _draw_verdict(scribe, left, page)
    legend = pygame.Rect(right.left, right.bottom - scribe.px(24), right.width, 0)
    legend.height = right.bottom - legend.top
    right.height = legend.top - scribe.px(6) - right.top
    chart = Chart("share that you drove", page.shares, True, page.good)
    draw_chart(scribe, right, chart, theme.operator)
    if page.good:
        draw_good_legend(scribe, legend)


def _draw_progress(scribe: Scribe, head: pygame.Rect, page: LearningPage) -> int:
    """Draw the bar and its line; return where free room begins [pixels]."""
    top = head.bottom
    if page.fraction is not None:
        row = pygame.Rect(head.left, top, head.width, scribe.px(34))
        bar, per_cent = columns(row, (0.9, 0.1))
        fraction = min(1.0, max(0.0, page.fraction))
        draw_bar(scribe, bar.inflate(0, -scribe.px(14)), fraction, scribe.theme.policy)
        scribe.write(f"{fraction:.0%}", per_cent, 20, bold=True, align="right")
        top = row.bottom
    said = pygame.Rect(head.left, top, head.width, scribe.px(28))
    colour = scribe.theme.warning if page.notice else scribe.theme.quiet
    scribe.write(page.notice or page.text, said, 17, colour=colour)
    return said.bottom + scribe.px(10)


def _draw_verdict(scribe: Scribe, area: pygame.Rect, page: LearningPage) -> None:
    """Draw what became of the last candidate, and what the learner says."""
    theme, step = scribe.theme, scribe.px(28)
    pygame.draw.rect(scribe.surface, theme.card, area, border_radius=scribe.px(8))
    inner = area.inflate(-scribe.px(28), -scribe.px(18))
    row = pygame.Rect(inner.left, inner.top, inner.width, step)
    scribe.write(f"policy {page.version} drives", row, 18, bold=True)
    row.top += step + scribe.px(6)
    lines = scribe.wrapped(
        page.verdict or "Nothing has been judged yet.", _room(scribe, row), 16
    )
    shape, colour = {
        True: ("circle", theme.policy),
        False: ("cross", theme.alarm),
        None: ("diamond", theme.quiet),
    }[page.accepted]
    spot = (row.left + scribe.px(8), row.centery)
    draw_shape(scribe.surface, shape, spot, scribe.px(14), colour)
    fit = max(1, (inner.bottom - row.top) // step)
    if len(lines) > fit:
        # The report has the rest.
        lines = [*lines[: fit - 1], f"{lines[fit - 1]} …"]
    for line in lines:
        text = pygame.Rect(row.right - _room(scribe, row), row.top, 0, step)
        text.width = row.right - text.left
        scribe.write(line, text, 16)
        row.top += step
    row.top += scribe.px(10)
    for name, value in page.figures:
        if row.bottom > inner.bottom:
            return
        scribe.write(name, row, 15, colour=theme.quiet)
        scribe.write(value, row, 15, bold=True, align="right")
        row.top += step


def _room(scribe: Scribe, row: pygame.Rect) -> int:
    """Return the width beside a sign [pixels]."""
    return row.width - scribe.px(26)
