"""How the questions about the work look."""

from __future__ import annotations

import pygame

from iml_robot.station.arrows import draw_arrows
from iml_robot.station.layout import columns, rows
from iml_robot.station.legend import Bindings
from iml_robot.station.shapes import draw_shape
from iml_robot.station.strip import draw_strip, strip_height
from iml_robot.station.text import Scribe
from iml_robot.station.workload.form import LoadForm
from iml_robot.station.workload.scales import MIDDLE, MOST, SCALES, STEP, Scale

_ROW, _LOWEST_ROW = 88, 40
"""Height of a question, and the height down to which all are shown at once."""


def draw_load(
    scribe: Scribe, form: LoadForm, keys: Bindings, *, say: str
) -> tuple[dict[int, pygame.Rect], pygame.Rect]:
    """Draw the form over the whole window.

    Args:
        scribe: Draws and writes.
        form: The answers.
        keys: What to press.
        say: A line for the person; "": none.

    Returns:
        Where the bar of each slider that is seen is, by its number, and where the line
        "done" is [pixels].
    """
    screen = scribe.surface.get_rect()
    inner = screen.inflate(-2 * scribe.px(40), -2 * scribe.px(16))
    tall = strip_height(scribe, inner.width, keys)
    strip = pygame.Rect(inner.left, inner.bottom - tall, inner.width, tall)
    draw_strip(scribe, strip, keys)
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(40))
    scribe.write("How much work was this session?", head, 26, bold=True)
    note = pygame.Rect(inner.left, head.bottom, inner.width, scribe.px(26))
    usual = "Six questions; leave out what you like. Nobody is judged by the answers."
    colour = scribe.theme.warning if say else scribe.theme.quiet
    scribe.write(say or usual, note, 16, colour=colour)
    done = pygame.Rect(inner.left, 0, inner.width, scribe.px(32))
    done.bottom = strip.top - scribe.px(6)
    body = pygame.Rect(inner.left, note.bottom + scribe.px(4), inner.width, 0)
    body.height = done.top - scribe.px(4) - body.top
    fit = max(1, min(len(SCALES), body.height // scribe.px(_LOWEST_ROW)))
    body.height = min(body.height, scribe.px(_ROW) * fit)
    # Where letters are so large that not all fit, those around the cursor are shown.
    first = max(0, min(form.place - fit // 2, len(SCALES) - fit))
    bars = {}
    for place, row in enumerate(rows(body, fit), first):
        scale, chosen = SCALES[place], form.place == place
        value = form.value(scale.key)
        bars[place] = _draw_scale(scribe, row, scale, value, chosen=chosen)
    below = first + fit < len(SCALES)
    draw_arrows(scribe, body, above=first > 0, below=below)
    done.top = body.bottom + scribe.px(4)
    _draw_done(scribe, done, form)
    return bars, done


def _draw_scale(
    scribe: Scribe, row: pygame.Rect, scale: Scale, value: int | None, *, chosen: bool
) -> pygame.Rect:
    theme = scribe.theme
    box = row.inflate(0, -scribe.px(5))
    radius = scribe.px(8)
    pygame.draw.rect(scribe.surface, theme.card, box, border_radius=radius)
    if chosen:
        edge = scribe.px(3)
        pygame.draw.rect(scribe.surface, theme.policy, box, edge, border_radius=radius)
    inside = box.inflate(-scribe.px(24), -scribe.px(6))
    upper, lower = rows(inside, 2)
    label, question, figure = columns(upper, (0.15, 0.74, 0.11))
    scribe.write(scale.label, label, 18, bold=True)
    scribe.write(scale.question, question, 16)
    said = "open" if value is None else str(value)
    colour = theme.quiet if value is None else theme.text
    scribe.write(said, figure, 17, colour=colour, bold=value is not None, align="right")
    low, track, high = columns(lower, (0.15, 0.74, 0.11))
    scribe.write(scale.low, low, 14, colour=theme.quiet)
    scribe.write(scale.high, high, 14, colour=theme.quiet, align="right")
    bar = pygame.Rect(track.left, 0, track.width - scribe.px(20), scribe.px(12))
    bar.centery = track.centery
    _draw_slider(scribe, bar, value, knob=min(scribe.px(22), track.height))
    return bar


def _draw_slider(scribe: Scribe, bar: pygame.Rect, value: int | None, *, knob: int) -> None:
    theme = scribe.theme
    pygame.draw.rect(scribe.surface, theme.background, bar)
    for mark in range(0, MOST + 1, STEP):
        x = bar.left + round(bar.width * mark / MOST)
        tall = bar.height if mark % MIDDLE == 0 else bar.height // 2
        top, bottom = (x, bar.bottom - tall), (x, bar.bottom)
        pygame.draw.line(scribe.surface, theme.line, top, bottom, scribe.px(1))
    pygame.draw.rect(scribe.surface, theme.line, bar, scribe.px(1))
    if value is not None:
        spot = (bar.left + round(bar.width * value / MOST), bar.centery)
        draw_shape(scribe.surface, "circle", spot, knob, theme.operator)


def _draw_done(scribe: Scribe, area: pygame.Rect, form: LoadForm) -> None:
    theme = scribe.theme
    chosen = form.place == len(SCALES)
    radius = scribe.px(8)
    pygame.draw.rect(scribe.surface, theme.card, area, border_radius=radius)
    if chosen:
        edge = scribe.px(3)
        pygame.draw.rect(scribe.surface, theme.policy, area, edge, border_radius=radius)
    inner = area.inflate(-scribe.px(24), 0)
    scribe.write("Done", inner, 18, bold=True)
    answers = form.answers(0.0)
    if answers.mean is None:
        return
    count = len(answers.values)
    of = "" if answers.complete else f" of {count} answer{'' if count == 1 else 's'}"
    words = f"mean{of}: {answers.mean:.0f} of {MOST}"
    scribe.write(words, inner, 17, bold=True, align="right")
