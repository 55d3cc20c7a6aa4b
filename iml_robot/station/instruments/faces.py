"""The faces of the dials."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import pygame

from iml_robot.station.instruments.gauges import Gauge
from iml_robot.station.instruments.horizon import draw_horizon
from iml_robot.station.palette import GREEN, Colour
from iml_robot.station.shapes import draw_shape
from iml_robot.station.text import Scribe

Face = Callable[[Scribe, pygame.Rect, Gauge], None]

_FULL_SCALES = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0)
"""Ends of the speed scales [m/s]; the smallest that holds the speed is shown."""
_STRONG_WIND_M_S = 6.0
"""Wind at which the arrow is as long as it gets."""


def _attitude(scribe: Scribe, area: pygame.Rect, gauge: Gauge) -> None:
    roll, pitch = gauge.figures
    draw_horizon(scribe, area.center, min(area.size), roll=roll, pitch=pitch)


def _speed(scribe: Scribe, area: pygame.Rect, gauge: Gauge) -> None:
    (speed,) = gauge.figures
    track = _bar(area, scribe.px(84), scribe.px(14))
    _draw_track(scribe, track, abs(speed) / _full_scale(speed), scribe.theme.applied)


def _slip(scribe: Scribe, area: pygame.Rect, gauge: Gauge) -> None:
    """Draw the speed of the wheels over that of the ground: unequal bars slip."""
    ground, wheels = gauge.figures
    full = _full_scale(max(abs(ground), abs(wheels)))
    colour = scribe.theme.warning if gauge.marked else scribe.theme.policy
    for offset, speed, ink in ((-1, wheels, colour), (1, ground, scribe.theme.applied)):
        track = _bar(area, scribe.px(84), scribe.px(11)).move(0, offset * scribe.px(8))
        _draw_track(scribe, track, abs(speed) / full, ink)


def _height(scribe: Scribe, area: pygame.Rect, gauge: Gauge) -> None:
    height, top = gauge.figures
    tube = pygame.Rect(0, 0, scribe.px(18), area.height)
    tube.center = area.center
    pygame.draw.rect(scribe.surface, scribe.theme.background, tube)
    pygame.draw.line(
        scribe.surface, scribe.theme.text, tube.bottomleft, tube.bottomright, scribe.px(3)
    )
    pygame.draw.line(
        scribe.surface, scribe.theme.alarm, tube.topleft, tube.topright, scribe.px(3)
    )
    share = min(1.0, max(0.0, height / top))
    colour = scribe.theme.warning if gauge.marked else scribe.theme.policy
    spot = (tube.centerx, round(tube.bottom - share * tube.height))
    draw_shape(scribe.surface, "diamond", spot, scribe.px(17), colour)


def _wind(scribe: Scribe, area: pygame.Rect, gauge: Gauge) -> None:
    towards, strength = gauge.figures
    share = min(1.0, strength / _STRONG_WIND_M_S)
    _draw_compass_arrow(scribe, area, towards, scribe.theme.policy, share=share)


def _goal(scribe: Scribe, area: pygame.Rect, gauge: Gauge) -> None:
    """Draw an arrow of the colour that the goal has in the pictures."""
    if gauge.figures:
        _draw_compass_arrow(scribe, area, gauge.figures[0], GREEN)
    else:
        draw_shape(scribe.surface, "triangle", area.center, scribe.px(30), GREEN)


def _fence(scribe: Scribe, area: pygame.Rect, gauge: Gauge) -> None:
    """Draw an open square, or near the fence a full octagon: another shape, too."""
    size = min(area.size)
    if gauge.marked:
        draw_shape(scribe.surface, "octagon", area.center, size, scribe.theme.alarm)
        bar = pygame.Rect(0, 0, scribe.px(6), round(size * 0.34))
        bar.midbottom = (area.centerx, area.centery + round(size * 0.08))
        pygame.draw.rect(scribe.surface, scribe.theme.card, bar)
        dot = (area.centerx, area.centery + round(size * 0.26))
        pygame.draw.circle(scribe.surface, scribe.theme.card, dot, scribe.px(4))
        return
    box = pygame.Rect(0, 0, round(size * 0.8), round(size * 0.8))
    box.center = area.center
    pygame.draw.rect(scribe.surface, scribe.theme.quiet, box, scribe.px(2))
    draw_shape(scribe.surface, "circle", box.center, scribe.px(9), scribe.theme.applied)


def _steps(scribe: Scribe, area: pygame.Rect, gauge: Gauge) -> None:
    """Draw what is left of the steps as a battery."""
    (left,) = gauge.figures
    case = _bar(area, scribe.px(62), min(area.height, scribe.px(28)))
    pole = pygame.Rect(case.right, 0, scribe.px(5), case.height // 2)
    pole.centery = case.centery
    colour = scribe.theme.warning if gauge.marked else scribe.theme.policy
    edge = scribe.px(2)
    pygame.draw.rect(scribe.surface, scribe.theme.quiet, pole)
    pygame.draw.rect(scribe.surface, scribe.theme.quiet, case, edge)
    room = case.inflate(-4 * edge, -4 * edge)
    filled = pygame.Rect(room.left, room.top, round(room.width * left), room.height)
    pygame.draw.rect(scribe.surface, colour, filled)


FACES: Mapping[str, Face] = {
    "attitude": _attitude,
    "speed": _speed,
    "slip": _slip,
    "height": _height,
    "wind": _wind,
    "goal": _goal,
    "fence": _fence,
    "steps": _steps,
}
"""How each kind of gauge is drawn."""


def _full_scale(speed: float) -> float:
    return next((full for full in _FULL_SCALES if abs(speed) <= full), abs(speed))


def _bar(area: pygame.Rect, width: int, height: int) -> pygame.Rect:
    """Return a bar in the middle of a box, no wider than the box."""
    bar = pygame.Rect(0, 0, min(width, area.width), min(height, area.height))
    bar.center = area.center
    return bar


def _draw_track(scribe: Scribe, track: pygame.Rect, share: float, ink: Colour) -> None:
    pygame.draw.rect(scribe.surface, scribe.theme.background, track)
    filled = track.copy()
    filled.width = round(track.width * min(1.0, share))
    pygame.draw.rect(scribe.surface, ink, filled)
    pygame.draw.rect(scribe.surface, scribe.theme.line, track, 1)


def _draw_compass_arrow(
    scribe: Scribe, area: pygame.Rect, towards: float, colour: Colour, *, share: float = 1.0
) -> None:
    """Draw an arrow in a ring; up is ahead of the robot, and left is left.

    Args:
        scribe: Draws.
        area: The box.
        towards: Where it points, to the left of ahead positive [rad].
        colour: Its colour.
        share: Its length as a share of the ring's width, in [0, 1].
    """
    radius = min(area.size) / 2
    pygame.draw.circle(scribe.surface, scribe.theme.background, area.center, radius)
    pygame.draw.circle(scribe.surface, scribe.theme.line, area.center, radius, 1)
    nose = pygame.Rect(0, 0, scribe.px(3), scribe.px(6))
    nose.midtop = (area.centerx, area.centery - round(radius))
    pygame.draw.rect(scribe.surface, scribe.theme.quiet, nose)
    length = radius * 0.86 * max(0.4, share)
    ahead, side = math.cos(towards), math.sin(towards)
    shape = ((1.0, 0.0), (-0.7, 0.62), (-0.35, 0.0), (-0.7, -0.62))
    corners = [
        (
            area.centerx - length * (along * side + across * ahead),
            area.centery - length * (along * ahead - across * side),
        )
        for along, across in shape
    ]
    pygame.draw.polygon(scribe.surface, colour, corners)
    pygame.draw.aalines(scribe.surface, colour, True, corners)
