"""A picture of the sticks of a pad: what each direction does, and where they stand."""

from __future__ import annotations

from collections.abc import Callable

import pygame

from iml_robot.core.station_settings import ControlSettings
from iml_robot.devices.input.sticks import Sticks
from iml_robot.station.text import Align, Scribe

_WORDS = {
    "forward": ("forward", "back"),
    "up": ("climb", "sink"),
    "turn": ("turn left", "turn right"),
    "left": ("left", "right"),
}
"""What a direction is called at its two ends: upwards or left first."""


def draw_sticks(
    scribe: Scribe,
    area: pygame.Rect,
    controls: ControlSettings,
    layout: str,
    value: Callable[[str], float] | None = None,
) -> None:
    """Draw both sticks into a box.

    Args:
        scribe: Draws and writes.
        area: The box.
        controls: Tells the mode of the sticks and the hands.
        layout: "rover" or "drone".
        value: Returns where an axis stands, in [-1, 1] as SDL counts; None: there is no
            pad.
    """
    sticks = Sticks(layout, hands=controls.hands, mode=controls.stick_mode)
    by_axis = {axis: direction for direction, axis in sticks.routes.items()}
    title = pygame.Rect(area.left, area.top, area.width, scribe.px(30))
    scribe.write(_title(controls, layout), title, 17, bold=True, align="centre")
    body = pygame.Rect(area.left, title.bottom, area.width, area.bottom - title.bottom)
    for side, left in (("left", body.left), ("right", body.centerx)):
        half = pygame.Rect(left, body.top, body.width // 2, body.height)
        _draw_stick(scribe, half, side, by_axis, value)


def _title(controls: ControlSettings, layout: str) -> str:
    if controls.hands != "both":
        return f"{layout}: {controls.hands} hand"
    return f"drone: mode {controls.stick_mode}" if layout == "drone" else "rover"


def _draw_stick(
    scribe: Scribe,
    area: pygame.Rect,
    side: str,
    by_axis: dict[str, str],
    value: Callable[[str], float] | None,
) -> None:
    theme = scribe.theme
    x_does, y_does = by_axis.get(f"{side}x"), by_axis.get(f"{side}y")
    line = scribe.px(24)
    side_px = min(area.width - scribe.px(24), area.height - 3 * line, scribe.px(150))
    gate = pygame.Rect(0, 0, side_px, side_px)
    # One line above, two below.
    gate.center = (area.centerx, area.centery - line // 2)
    used = x_does is not None or y_does is not None
    pygame.draw.circle(scribe.surface, theme.card, gate.center, gate.width // 2)
    pygame.draw.circle(
        scribe.surface,
        theme.line if not used else theme.text,
        gate.center,
        gate.width // 2,
        scribe.px(2),
    )
    room = gate.width // 2 - scribe.px(12)
    dx = value(f"{side}x") if value is not None else 0.0
    dy = value(f"{side}y") if value is not None else 0.0
    spot = (round(gate.centerx + dx * room), round(gate.centery + dy * room))
    colour = theme.operator if used else theme.line
    pygame.draw.circle(scribe.surface, colour, spot, scribe.px(10))
    _label(scribe, area, gate, x_does, y_does)


def _label(
    scribe: Scribe,
    area: pygame.Rect,
    gate: pygame.Rect,
    x_does: str | None,
    y_does: str | None,
) -> None:
    """Write what the directions do: above and below, and one line for both sides."""
    high = scribe.px(24)

    def write(text: str, top: int, align: Align = "centre") -> None:
        box = pygame.Rect(area.left, top, area.width, high).inflate(-scribe.px(6), 0)
        scribe.write(text, box, 15, align=align, colour=scribe.theme.quiet)

    up, down = _WORDS[y_does] if y_does else ("", "")
    write(f"▴ {up}" if up else "", gate.top - high)
    write(f"▾ {down}" if down else "", gate.bottom)
    if x_does:
        left, right = _WORDS[x_does]
        write(f"◂ {left} · {right} ▸", gate.bottom + high)
    elif not y_does:
        write("not used", gate.bottom)
