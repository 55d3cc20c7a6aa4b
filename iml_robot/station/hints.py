"""One line over the picture when the operator should know something now."""

from __future__ import annotations

import time

import pygame

from iml_robot.core.types import Mode
from iml_robot.station.text import Scribe

_ECHO_S = 0.8

FIRST_RUN = "The policy drives. Steer at any time to take over; let go to hand back."
NO_FOCUS = "Click into this window: it does not get your keys."
NOT_RECORDING = "NOT RECORDING: the session file cannot be written. Driving goes on."

GOOD, BAD = "+ good: noted", "- bad: noted"


class FeedbackEcho:
    """Confirms a good or bad press for a moment, so that nobody presses twice."""

    def __init__(self) -> None:
        self._text, self._until_s = "", 0.0

    def line(self, evaluation: float | None) -> str:
        """Return the confirmation to show now, "" for none.

        Args:
            evaluation: Scalar feedback of this step in [-1, 1], or None.
        """
        now = time.perf_counter()
        if evaluation:
            self._text, self._until_s = (GOOD if evaluation > 0 else BAD), now + _ECHO_S
        return self._text if now < self._until_s else ""


def hint_for(mode: Mode, *, notice: str, focused: bool, first_run: bool) -> str:
    """Return the most urgent line, "" for none."""
    if not focused:
        return NO_FOCUS
    if notice:
        return notice
    return FIRST_RUN if first_run and mode is Mode.AUTO else ""


def pill_rect(scribe: Scribe, area: pygame.Rect, text: str) -> pygame.Rect:
    """Return where a line stands at the lower middle of a box; empty for no line."""
    if not text:
        return pygame.Rect(area.bottomleft, (0, 0))
    room = area.width - scribe.px(40)
    wide = min(room, scribe.width(text, 17, bold=True) + scribe.px(40))
    pill = pygame.Rect(0, 0, wide, scribe.px(40))
    pill.midbottom = (area.centerx, area.bottom - scribe.px(58))
    return pill


def draw_pill(scribe: Scribe, area: pygame.Rect, text: str) -> None:
    """Draw a line at the lower middle of a box; nothing for an empty line."""
    if not text:
        return
    pill = pill_rect(scribe, area, text)
    pygame.draw.rect(
        scribe.surface, scribe.theme.background, pill, border_radius=pill.height // 2
    )
    edge = scribe.px(2)
    pygame.draw.rect(
        scribe.surface, scribe.theme.warning, pill, edge, border_radius=pill.height // 2
    )
    inner = pill.inflate(-scribe.px(32), -2)
    scribe.write(text, inner, 17, colour=scribe.theme.text, bold=True, align="centre")


def caption_rect(scribe: Scribe, area: pygame.Rect, text: str) -> pygame.Rect:
    """Return where a caption stands in a box; empty for no caption."""
    if not text:
        return pygame.Rect(area.bottomleft, (0, 0))
    wide = min(area.width - scribe.px(20), scribe.width(_said(text), 15) + scribe.px(24))
    plate = pygame.Rect(0, 0, wide, scribe.px(28))
    plate.bottomleft = (area.left + scribe.px(10), area.bottom - scribe.px(106))
    return plate


def draw_caption(scribe: Scribe, area: pygame.Rect, text: str) -> None:
    """Draw what a sound says at the lower left of a box, clear of the other lines."""
    if not text:
        return
    plate = caption_rect(scribe, area, text)
    pygame.draw.rect(
        scribe.surface, scribe.theme.background, plate, border_radius=scribe.px(6)
    )
    pygame.draw.rect(
        scribe.surface, scribe.theme.line, plate, 1, border_radius=scribe.px(6)
    )
    scribe.write(_said(text), plate.inflate(-scribe.px(18), -2), 15, align="centre")


def _said(text: str) -> str:
    return f"♪ {text}"
