"""The three actions of a step side by side: wanted by policy, by operator, and applied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pygame

from iml_robot.core.types import FloatArray, Step
from iml_robot.station.layout import rows
from iml_robot.station.palette import Colour
from iml_robot.station.shapes import draw_shape
from iml_robot.station.text import Scribe

_MOST_BARS = 6
_TURNING = ("yaw", "turn", "steer")


@dataclass(frozen=True, slots=True)
class Axes:
    """Which part of an action goes where in the plot.

    Attributes:
        names: Name of each part of the action.
    """

    names: tuple[str, ...]

    @property
    def is_drive(self) -> bool:
        """Whether the action is (speed, turn): speed then points up and left is left."""
        return len(self.names) == 2 and any(w in self.names[1].lower() for w in _TURNING)

    def point(self, action: FloatArray) -> tuple[float, float]:
        """Return (right, up) in [-1, 1] for an action of two parts."""
        first, second = (float(v) for v in np.clip(np.nan_to_num(action), -1, 1))
        # A positive turn is counter-clockwise, so to the left.
        return (-second, first) if self.is_drive else (first, second)


def draw_command(scribe: Scribe, area: pygame.Rect, step: Step, axes: Axes) -> None:
    """Draw the three actions with their legend into a box."""
    actions = [
        ("policy", "circle", scribe.theme.policy, step.policy_action),
        ("operator", "square", scribe.theme.operator, step.signal.action),
        ("applied", "diamond", scribe.theme.applied, step.decision.executed),
    ]
    shown = [a for a in actions if a[3] is not None and np.isfinite(a[3]).all()]
    if len(axes.names) == 2:
        side = min(area.height, round(area.width * 0.52))
        plot = pygame.Rect(area.left, area.centery - side // 2, side, side)
        _draw_plot(scribe, plot, axes, shown)
        left = plot.right + scribe.px(14)
        legend = pygame.Rect(left, area.top, area.right - left, area.height)
        _draw_legend(scribe, legend, actions, axes)
    else:
        names = rows(area, min(len(axes.names), _MOST_BARS) + 1)
        _draw_bars(scribe, names[:-1], axes, shown)
        _draw_key_line(scribe, names[-1], actions)


Marks = list[tuple[str, str, Colour, FloatArray | None]]


def _draw_plot(scribe: Scribe, plot: pygame.Rect, axes: Axes, actions: Marks) -> None:
    surface = scribe.surface
    pygame.draw.rect(surface, scribe.theme.background, plot, border_radius=scribe.px(6))
    margin = scribe.px(25)
    field = plot.inflate(-2 * margin, -2 * margin)
    pygame.draw.rect(surface, scribe.theme.line, field, 1)
    pygame.draw.line(surface, scribe.theme.line, field.midleft, field.midright)
    pygame.draw.line(surface, scribe.theme.line, field.midtop, field.midbottom)
    words = ("forward", "back", "left", "right") if axes.is_drive else ("+1", "-1", "", "")
    line = scribe.px(15)
    for word, y in ((words[0], plot.top), (words[1], plot.bottom - line)):
        box = pygame.Rect(plot.left, y, plot.width, line)
        scribe.write(word, box, 11, colour=scribe.theme.quiet, align="centre")
    spots = [(s, c, _spot(axes.point(a), field)) for _, s, c, a in actions if a is not None]
    for _, colour, spot in spots:
        pygame.draw.line(surface, colour, field.center, spot, scribe.px(1.6))
    # The largest mark first, so that equal actions show as nested marks.
    for (shape, colour, spot), size in zip(spots, _sizes(actions), strict=True):
        draw_shape(surface, shape, spot, scribe.px(size + 4), scribe.theme.background)
        draw_shape(surface, shape, spot, scribe.px(size), colour)


def _sizes(actions: Marks) -> list[int]:
    return [{"policy": 20, "operator": 15, "applied": 9}[name] for name, *_ in actions]


def _spot(point: tuple[float, float], field: pygame.Rect) -> tuple[int, int]:
    return (
        round(field.centerx + point[0] * field.width / 2),
        round(field.centery - point[1] * field.height / 2),
    )


def _draw_legend(scribe: Scribe, area: pygame.Rect, actions: Marks, axes: Axes) -> None:
    for row, (name, shape, colour, action) in zip(rows(area, 3), actions, strict=True):
        upper, lower = rows(row.inflate(0, -scribe.px(6)), 2)
        icon = scribe.px(13)
        draw_shape(
            scribe.surface, shape, (upper.left + icon // 2, upper.centery), icon, colour
        )
        label = upper.move(icon + scribe.px(7), 0)
        label.width -= icon + scribe.px(7)
        scribe.write(name, label, 16, bold=True)
        values = "--" if action is None else "  ".join(f"{v:+z.2f}" for v in action)
        if axes.is_drive and action is not None and np.isfinite(action).all():
            values = f"{action[0]:+z.2f}  {_turn_word(float(action[1]))}"
        scribe.write(values, lower, 15, colour=scribe.theme.quiet)


def _turn_word(turn: float) -> str:
    side = "left" if turn > 0 else "right"
    return "straight" if abs(turn) < 0.005 else f"{side} {abs(turn):.2f}"


def _draw_bars(
    scribe: Scribe, boxes: list[pygame.Rect], axes: Axes, actions: Marks
) -> None:
    hidden = len(axes.names) - len(boxes)
    for index, box in enumerate(boxes):
        name = axes.names[index]
        if hidden and index == len(boxes) - 1:
            name += f" (+{hidden})"
        label = pygame.Rect(box.left, box.top, round(box.width * 0.36), box.height)
        scribe.write(name, label, 14, colour=scribe.theme.text)
        track = pygame.Rect(label.right, box.top, box.right - label.right, box.height)
        track.inflate_ip(-scribe.px(16), 0)
        line = [track.midleft, track.midright]
        pygame.draw.line(scribe.surface, scribe.theme.line, line[0], line[1], scribe.px(2))
        tick = scribe.px(5)
        x, y = track.center
        pygame.draw.line(scribe.surface, scribe.theme.line, (x, y - tick), (x, y + tick))
        for (_, shape, colour, action), size in zip(actions, _sizes(actions), strict=True):
            if action is not None:
                value = float(np.clip(action[index], -1, 1))
                at = (round(track.centerx + value * track.width / 2), track.centery)
                draw_shape(
                    scribe.surface,
                    shape,
                    at,
                    scribe.px(size * 0.8 + 3),
                    scribe.theme.background,
                )
                draw_shape(scribe.surface, shape, at, scribe.px(size * 0.8), colour)


def _draw_key_line(scribe: Scribe, area: pygame.Rect, actions: Marks) -> None:
    share = area.width // len(actions)
    for index, (name, shape, colour, _) in enumerate(actions):
        box = pygame.Rect(area.left + index * share, area.top, share, area.height)
        icon = scribe.px(11)
        draw_shape(scribe.surface, shape, (box.left + icon // 2, box.centery), icon, colour)
        label = box.move(icon + scribe.px(5), 0)
        label.width -= icon + scribe.px(11)
        scribe.write(name, label, 14)
