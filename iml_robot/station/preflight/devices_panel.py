"""What the devices do now: bars of axes, lit buttons and keys."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pygame

from iml_robot.core.station_settings import ControlSettings
from iml_robot.devices.gamepad import LABELS
from iml_robot.devices.input.mapping import BUTTONS, STICK_AXES, TRIGGERS
from iml_robot.devices.input.pads import Pad
from iml_robot.station.layout import columns, rows
from iml_robot.station.settings.bound import NAMES, Bound
from iml_robot.station.settings.sticks_picture import draw_sticks
from iml_robot.station.text import Scribe

_AXES = {
    "leftx": "left stick ↔",
    "lefty": "left stick ↕",
    "rightx": "right stick ↔",
    "righty": "right stick ↕",
    "lefttrigger": "left trigger",
    "righttrigger": "right trigger",
}
_SHORT = {"leftstick": "L3", "rightstick": "R3"} | {
    f"dp{side}": sign
    for side, sign in {"up": "▴", "down": "▾", "left": "◂", "right": "▸"}.items()
}
_ROW = 26
_KEY_ROW = 25


def draw_pad(
    scribe: Scribe, area: pygame.Rect, pad: Pad, controls: ControlSettings, layout: str
) -> None:
    """Draw the sticks of a pad, a bar for each axis, and its buttons.

    Args:
        scribe: Draws and writes.
        area: The box.
        pad: The pad.
        controls: Tells what the sticks do.
        layout: "rover" or "drone".
    """
    head = pygame.Rect(area.left, area.top, area.width, scribe.px(28))
    scribe.write(pad.name[:40], head, 16, bold=True)
    axes, buttons = (*STICK_AXES, *TRIGGERS), BUTTONS
    step = scribe.px(_ROW)
    tall = 3 * step + 3 * step
    foot = pygame.Rect(area.left, area.bottom - tall, area.width, tall)
    middle = pygame.Rect(area.left, head.bottom, area.width, foot.top - head.bottom)
    if middle.height >= scribe.px(150):
        draw_sticks(scribe, middle, controls, layout, pad.value)
    else:
        foot.top = head.bottom + scribe.px(8)
    bars = pygame.Rect(foot.left, foot.top, foot.width, 3 * step)
    cells = [cell for row in rows(bars, 3) for cell in columns(row, (1.0, 1.0))]
    for cell, axis in zip(cells, axes, strict=True):
        _draw_axis(scribe, cell, _AXES[axis], pad.value(axis), both=axis in STICK_AXES)
    chips = pygame.Rect(foot.left, bars.bottom, foot.width, 3 * step)
    names = [_SHORT.get(name, LABELS[name]) for name in buttons]
    lit = [pad.held([name]) for name in buttons]
    _draw_chips(scribe, chips, names, lit, lines=3)


def draw_keyboard(
    scribe: Scribe,
    area: pygame.Rect,
    held: Collection[str],
    controls: ControlSettings,
    layout: str,
) -> None:
    """Draw what each key does; those that are held are lit.

    Args:
        scribe: Draws and writes.
        area: The box.
        held: Names of the keys that are down.
        controls: Tells which key does what.
        layout: "rover" or "drone".
    """
    head = pygame.Rect(area.left, area.top, area.width, scribe.px(28))
    scribe.write("keyboard: pressed keys light up", head, 16, bold=True)
    bound = Bound("keyboard", layout, controls)
    body = pygame.Rect(area.left, head.bottom, area.width, area.bottom - head.bottom)
    lit = [a for a in bound.actions() if not set(bound.now[a]).isdisjoint(held)]
    fit = body.height // scribe.px(_KEY_ROW)
    shown = _some(bound.actions(), lit, fit)
    body.height = len(shown) * min(scribe.px(34), body.height // len(shown))
    for row, action in zip(rows(body, len(shown)), shown, strict=True):
        if action:
            label = bound.label(action)
            _draw_line(scribe, row, NAMES[action], label, lit=action in lit)
        else:
            more = f"and {len(bound.actions()) - len(shown) + 1} more, in the settings"
            scribe.write(more, row, 15, colour=scribe.theme.quiet)


def _some(actions: Sequence[str], first: Sequence[str], fit: int) -> list[str]:
    """Return as many actions as fit in their order, some of them in any case.

    Args:
        actions: All actions.
        first: Those that must not be left out.
        fit: How many lines there are.

    Returns:
        The actions; with "" at the end, which stands for those that are left out.
    """
    if len(actions) <= fit:
        return list(actions)
    wanted = sorted(actions, key=lambda action: action not in first)[: max(fit - 1, 0)]
    return [*(action for action in actions if action in wanted), ""]


def _draw_line(
    scribe: Scribe, row: pygame.Rect, meaning: str, keys: str, *, lit: bool
) -> None:
    theme = scribe.theme
    plate = row.inflate(0, -scribe.px(2))
    pygame.draw.rect(
        scribe.surface,
        theme.operator if lit else theme.card,
        plate,
        border_radius=scribe.px(4),
    )
    ink = theme.background if lit else theme.text
    inner = plate.inflate(-scribe.px(16), 0)
    left, right = columns(inner, (1.2, 1.0))
    scribe.write(meaning, left, 15, colour=ink)
    scribe.write(keys, right, 15, colour=ink, align="right", bold=lit)


def _draw_axis(
    scribe: Scribe, cell: pygame.Rect, label: str, value: float, *, both: bool
) -> None:
    """Draw a bar from the middle, or from the left for what has no other side."""
    theme = scribe.theme
    name, bar = columns(cell.inflate(-scribe.px(10), 0), (1.0, 1.0))
    scribe.write(label, name, 13, colour=theme.quiet)
    bar = bar.inflate(0, -scribe.px(12))
    pygame.draw.rect(scribe.surface, theme.card, bar)
    start = bar.centerx if both else bar.left
    reach = bar.width / 2 if both else bar.width
    end = start + round(value * reach)
    filled = pygame.Rect(min(start, end), bar.top, max(abs(end - start), 1), bar.height)
    pygame.draw.rect(scribe.surface, theme.operator, filled.clip(bar))
    pygame.draw.rect(scribe.surface, theme.line, bar, 1)


def _draw_chips(
    scribe: Scribe,
    area: pygame.Rect,
    names: Sequence[str],
    lit: Sequence[bool],
    *,
    lines: int,
) -> None:
    theme = scribe.theme
    wide = -(-len(names) // lines)
    cells = [c for row in rows(area, lines) for c in columns(row, (1.0,) * wide)]
    for cell, name, on in zip(cells, names, lit, strict=False):
        chip = cell.inflate(-scribe.px(5), -scribe.px(5))
        colour = theme.operator if on else theme.card
        pygame.draw.rect(scribe.surface, colour, chip, border_radius=scribe.px(4))
        ink = theme.background if on else theme.text
        inner = chip.inflate(-scribe.px(4), 0)
        scribe.write(name, inner, 13, colour=ink, bold=on, align="centre")
