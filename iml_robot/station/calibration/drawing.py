"""How a calibration looks: the steps, what to do now, and a bar for each axis."""

from __future__ import annotations

import pygame

from iml_robot.devices.input.calibration import AxisState, Calibration, Phase
from iml_robot.station.layout import columns, rows
from iml_robot.station.legend import Bindings
from iml_robot.station.shapes import draw_shape
from iml_robot.station.strip import draw_strip, strip_height
from iml_robot.station.text import Scribe

_STEP, _LOWEST_STEP, _BAR, _LOWEST_BAR = 40, 24, 52, 26
_COMMANDS = {
    "forward": ("forward", "backward"),
    "left": ("left", "right"),
    "up": ("climb", "descend"),
    "turn": ("turn left", "turn right"),
}


def draw_calibration(
    scribe: Scribe,
    calibration: Calibration,
    name: str,
    *,
    keys: Bindings,
    message: str,
) -> None:
    """Draw a calibration over the whole window.

    Args:
        scribe: Draws and writes.
        calibration: How far it is.
        name: What the pad calls itself.
        keys: What to press, and its meaning.
        message: A line for the person; "" for none.
    """
    inner = scribe.surface.get_rect().inflate(-scribe.px(40), -scribe.px(20))
    tall = strip_height(scribe, inner.width, keys)
    strip = pygame.Rect(inner.left, inner.bottom - tall, inner.width, tall)
    draw_strip(scribe, strip, keys)
    head = pygame.Rect(inner.left, inner.top, inner.width, scribe.px(40))
    scribe.write(f"Calibrate {_short(name)}", head, 25, bold=True)
    body = pygame.Rect(inner.left, head.bottom + scribe.px(8), inner.width, 0)
    body.height = strip.top - body.top - scribe.px(8)
    left, right = columns(body, (0.3, 0.7))
    left.width -= scribe.px(16)
    _draw_steps(scribe, left, calibration)
    top = pygame.Rect(right.left, right.top, right.width, scribe.px(108))
    _draw_task(scribe, top, calibration.instruction, message)
    bars = pygame.Rect(right.left, top.bottom + scribe.px(8), right.width, 0)
    bars.height = right.bottom - bars.top
    if calibration.phase is Phase.DONE:
        _draw_commands(scribe, bars, calibration)
    else:
        _draw_axes(scribe, bars, calibration.axes)


def _short(name: str) -> str:
    """Return a name that leaves room for the rest."""
    return name if len(name) <= 40 else f"{name[:39].rstrip()}…"


def _draw_steps(scribe: Scribe, area: pygame.Rect, calibration: Calibration) -> None:
    pygame.draw.rect(scribe.surface, scribe.theme.card, area, border_radius=scribe.px(8))
    steps = calibration.steps
    inner = area.inflate(-scribe.px(24), -scribe.px(20))
    inner.height = min(inner.height, scribe.px(_STEP) * len(steps))
    now = next((place for place, (_, done) in enumerate(steps) if not done), len(steps))
    for place, (row, (what, done)) in enumerate(
        zip(rows(inner, len(steps)), steps, strict=True)
    ):
        size = scribe.px(14)
        spot = (row.left + size, row.centery)
        current = place == now
        colour = scribe.theme.policy if done else scribe.theme.line
        shape = "square" if done else "circle"
        if current:
            colour, shape = scribe.theme.operator, "diamond"
        draw_shape(scribe.surface, shape, spot, size, colour)
        text = pygame.Rect(row.left + 2 * size + scribe.px(8), row.top, 0, row.height)
        text.width = row.right - text.left
        ink = scribe.theme.text if current or done else scribe.theme.quiet
        scribe.write(what, text, 16, colour=ink, bold=current)


def _draw_task(scribe: Scribe, area: pygame.Rect, task: str, message: str) -> None:
    pygame.draw.rect(scribe.surface, scribe.theme.card, area, border_radius=scribe.px(8))
    inner = area.inflate(-scribe.px(28), -scribe.px(12))
    upper = pygame.Rect(inner.left, inner.top, inner.width, inner.height * 11 // 24)
    scribe.write(task, upper, 22, bold=True)
    lower = pygame.Rect(inner.left, upper.bottom, inner.width, inner.bottom - upper.bottom)
    lines = scribe.wrapped(message, lower.width, 16)[:2]
    for row, line in zip(rows(lower, 2), lines, strict=False):
        scribe.write(line, row, 16, colour=scribe.theme.warning, bold=True)


def _draw_axes(scribe: Scribe, area: pygame.Rect, axes: list[AxisState]) -> None:
    """Draw the axes that fit: those that moved first, because those are meant."""
    fitting = max(1, area.height // scribe.px(_LOWEST_BAR))
    order = sorted(range(len(axes)), key=lambda i: (not axes[i].moved, i))[:fitting]
    shown = sorted(order)
    inner = area.copy()
    inner.height = min(area.height, scribe.px(_BAR) * max(1, len(shown)))
    for row, number in zip(rows(inner, max(1, len(shown))), shown, strict=False):
        axis = axes[number]
        name, track = columns(row, (0.26, 0.74))
        track.inflate_ip(0, -round(row.height * 0.45))
        word = f"axis {number}"
        if axis.direction:
            word = f"{word}: {axis.direction}"
        ink = scribe.theme.text if axis.moved else scribe.theme.quiet
        scribe.write(word, name, 15, colour=ink)
        pygame.draw.rect(scribe.surface, scribe.theme.card, track)
        low, high = _at(track, axis.low), _at(track, axis.high)
        reach = pygame.Rect(low, track.top, max(1, high - low), track.height)
        pygame.draw.rect(scribe.surface, scribe.theme.line, reach)
        _mark(scribe, track, _at(track, axis.centre), scribe.theme.quiet, 2)
        _mark(scribe, track, _at(track, axis.value), scribe.theme.operator, 5)


def _draw_commands(scribe: Scribe, area: pygame.Rect, calibration: Calibration) -> None:
    """Draw what the sticks command, so that a person can try them."""
    given = [axis.direction for axis in calibration.axes if axis.direction]
    shown = [direction for direction in _COMMANDS if direction in given]
    inner = area.copy()
    inner.height = min(area.height, scribe.px(_BAR) * len(shown))
    for row, direction in zip(rows(inner, len(shown)), shown, strict=True):
        more, track, less = columns(row, (0.16, 0.68, 0.16))
        track.inflate_ip(-scribe.px(20), -round(row.height * 0.45))
        # What goes to the left of the robot is at the left of the screen.
        words = _COMMANDS[direction]
        value = calibration.command(direction)
        scribe.write(words[0], more, 15, align="right")
        scribe.write(words[1], less, 15)
        pygame.draw.rect(scribe.surface, scribe.theme.card, track)
        _mark(scribe, track, track.centerx, scribe.theme.quiet, 2)
        _mark(scribe, track, _at(track, -value), scribe.theme.operator, 5)


def _at(track: pygame.Rect, value: float) -> int:
    """Return where a value in [-1, 1] is on a track [pixels]."""
    share = min(max(value, -1.0), 1.0)
    return track.centerx + round(share * track.width / 2)


def _mark(
    scribe: Scribe,
    track: pygame.Rect,
    x: int,
    colour: tuple[int, int, int],
    width: int,
) -> None:
    box = pygame.Rect(0, track.top, scribe.px(width), track.height)
    box.centerx = x
    pygame.draw.rect(scribe.surface, colour, box.clamp(track))
