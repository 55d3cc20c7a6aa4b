"""Who drives, as banner across the top and frame around everything."""

from __future__ import annotations

import math

import pygame

from iml_robot.core.types import Decision
from iml_robot.station.layout import Layout
from iml_robot.station.palette import WHITE, ModeStyle
from iml_robot.station.recording import draw_recording
from iml_robot.station.shapes import draw_shape, hatching
from iml_robot.station.status import SessionStatus
from iml_robot.station.text import Scribe


def draw_banner(
    scribe: Scribe,
    layout: Layout,
    decision: Decision,
    status: SessionStatus,
    *,
    calm: bool = False,
) -> None:
    """Draw the state of the arbiter and what is recorded.

    Args:
        scribe: Draws and writes.
        layout: Where the banner is.
        decision: The state: word, shape, colour, reason and countdown.
        status: What is recorded.
        calm: Whether the countdown tells whole seconds, which change once a second.
    """
    style = scribe.theme.modes[decision.mode]
    _fill(scribe.surface, layout, style)
    banner = layout.banner
    edge = layout.frame + scribe.px(14)
    size = round(banner.height * 0.56)
    wide = scribe.width(style.word, 38, bold=True)
    word = pygame.Rect(edge + size + scribe.px(16), 0, wide + scribe.px(4), banner.height)
    if style.hatched:
        plate = pygame.Rect(0, 0, word.right + scribe.px(20), banner.height)
        pygame.draw.rect(scribe.surface, style.colour, plate)
    middle = (edge + size // 2, banner.centery)
    draw_shape(scribe.surface, style.shape, middle, size, style.ink)
    scribe.write(style.word, word, 38, colour=style.ink, bold=True)
    badge = pygame.Rect(word.right, 0, banner.right - edge - word.right, banner.height)
    right = draw_recording(scribe, badge, decision, status) - scribe.px(14)
    if decision.countdown_s is not None:
        right = _draw_countdown(scribe, right, decision.countdown_s, style, calm=calm)
    left = word.right + scribe.px(34)
    reason = pygame.Rect(left, 0, right - left - scribe.px(14), banner.height)
    _draw_reason(scribe, reason, decision.reason, style)


def _fill(surface: pygame.Surface, layout: Layout, style: ModeStyle) -> None:
    width, height = surface.get_size()
    edge = layout.frame
    sides = [
        layout.banner,
        pygame.Rect(0, 0, edge, height),
        pygame.Rect(width - edge, 0, edge, height),
        pygame.Rect(0, height - edge, width, edge),
    ]
    if not style.hatched:
        for side in sides:
            surface.fill(style.colour, side)
        return
    stripes = hatching((width, height), round(22 * layout.unit), style.colour, WHITE)
    for side in sides:
        surface.blit(stripes, side, side)


def _draw_countdown(
    scribe: Scribe, right: int, left_s: float, style: ModeStyle, *, calm: bool
) -> int:
    """Draw the seconds left; return where free room ends at the right [pixels]."""
    height = scribe.px(74)
    box = pygame.Rect(right - scribe.px(104), 0, scribe.px(104), height)
    if style.hatched:
        pygame.draw.rect(scribe.surface, style.colour, box.inflate(scribe.px(20), 0))
    left_s = max(0.0, left_s)
    text = f"{math.ceil(left_s)} s" if calm else f"{left_s:.1f} s"
    scribe.write(text, box, 34, colour=style.ink, bold=True, align="right")
    return box.left


def _draw_reason(scribe: Scribe, area: pygame.Rect, reason: str, style: ModeStyle) -> None:
    if not reason or area.width < scribe.px(40):
        return
    if style.hatched:
        wide = min(area.width, scribe.width(reason, 22) + scribe.px(24))
        plate = pygame.Rect(area.left - scribe.px(14), 0, wide + scribe.px(14), area.height)
        pygame.draw.rect(scribe.surface, style.colour, plate)
    lines = [reason]
    if scribe.width(reason, 22) > area.width:
        head, *rest = scribe.wrapped(reason, area.width, 19)
        lines = [head, " ".join(rest)] if rest else [head]
    height = scribe.px(30)
    top = area.centery - height * len(lines) // 2
    for index, line in enumerate(lines):
        row = pygame.Rect(area.left, top + index * height, area.width, height)
        scribe.write(line, row, 22 if len(lines) == 1 else 19, colour=style.ink)
