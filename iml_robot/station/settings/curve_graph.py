"""The curve from the travel of a stick to a command, and where the stick stands on it."""

from __future__ import annotations

import pygame

from iml_robot.core.station_settings import CurveSettings
from iml_robot.devices.input.shaping import shape_axis
from iml_robot.station.text import Scribe

_POINTS = 61


def draw_curve(
    scribe: Scribe, area: pygame.Rect, curve: CurveSettings, stick: float | None
) -> None:
    """Draw the curve for travel from -1 to 1 into a box.

    Args:
        scribe: Draws and writes.
        area: The box.
        curve: The curve.
        stick: Where the stick stands, in [-1, 1]; None: there is no pad.
    """
    theme = scribe.theme
    line = scribe.px(26)
    side = min(area.width, area.height - 3 * line)
    graph = pygame.Rect(0, area.top + line, side, side)
    graph.centerx = area.centerx
    pygame.draw.rect(scribe.surface, theme.card, graph)
    pygame.draw.rect(scribe.surface, theme.line, graph, 1)
    pygame.draw.line(scribe.surface, theme.line, graph.midleft, graph.midright)
    pygame.draw.line(scribe.surface, theme.line, graph.midtop, graph.midbottom)

    def point(travel: float) -> tuple[int, int]:
        command = shape_axis(travel, curve)
        x = graph.left + (travel + 1) / 2 * (graph.width - 1)
        return round(x), round(graph.bottom - 1 - (command + 1) / 2 * (graph.height - 1))

    points = [point(2 * k / (_POINTS - 1) - 1) for k in range(_POINTS)]
    pygame.draw.lines(scribe.surface, theme.policy, False, points, scribe.px(3))
    above = pygame.Rect(area.left, area.top, area.width, line)
    scribe.write("command", above, 15, colour=theme.quiet, align="centre")
    below = pygame.Rect(area.left, graph.bottom, area.width, line)
    scribe.write("travel of the stick", below, 15, colour=theme.quiet, align="centre")
    said = pygame.Rect(area.left, below.bottom, area.width, line)
    if stick is None:
        scribe.write("no pad is plugged in", said, 16, colour=theme.quiet, align="centre")
        return
    pygame.draw.circle(scribe.surface, theme.operator, point(stick), scribe.px(7))
    text = f"now {stick:+.0%} of travel, {shape_axis(stick, curve):+.0%} of command"
    scribe.write(text, said, 16, align="centre")
