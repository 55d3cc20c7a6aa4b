"""What becomes of the steps that are driven now, as a sign with a word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pygame

from iml_robot.core.types import Decision, Mode, Source
from iml_robot.data.recorder import Recording
from iml_robot.station.palette import Colour, Theme
from iml_robot.station.shapes import draw_shape
from iml_robot.station.status import SessionStatus
from iml_robot.station.text import Scribe

_FORMS: Mapping[Recording, tuple[str, str]] = {
    Recording.ON: ("REC", "circle"),
    Recording.OFF: ("not recording", "bars"),
    Recording.FAILED: ("NOT RECORDED", "triangle"),
}
_NOTES: Mapping[Recording, str] = {
    Recording.OFF: "no episode runs",
    Recording.FAILED: "disk trouble",
}
CORRECTION, DEMONSTRATION, PAUSED = "correction", "demonstration", "time stands still"
"""What is said of a step whose action is learned from, and of none at all."""
_HIGH, _SIZE, _SMALL = 50, 18, 13


@dataclass(frozen=True, slots=True)
class Sign:
    """A word with a shape and a colour.

    Attributes:
        word: What is said.
        shape: See `draw_shape`.
        colour: Of the shape.
    """

    word: str
    shape: str
    colour: Colour


def sign_of(recording: Recording, theme: Theme) -> Sign:
    """Return how a state of the recorder is shown, without regard to colours alone."""
    kept = recording is Recording.ON
    return Sign(*_FORMS[recording], theme.alarm if kept else theme.warning)


def draw_recording(
    scribe: Scribe, area: pygame.Rect, decision: Decision, status: SessionStatus
) -> int:
    """Draw what is recorded at the right end of a box, as much as there is room for.

    Args:
        scribe: Draws and writes.
        area: The box [pixels].
        decision: Who drives.
        status: What the recorder says, and how many steps it has.

    Returns:
        Where free room ends at the right [pixels].
    """
    sign = sign_of(status.recording, scribe.theme)
    note = _note(decision, status)
    icon, gap = scribe.px(18), scribe.px(10)
    words = scribe.width(sign.word, _SIZE, bold=True)
    wide = max(words, scribe.width(note, _SMALL)) + icon + 3 * gap
    # With large letters in a small window the word is all that fits beside the state.
    if wide > 0.4 * area.width:
        note, wide = "", words + icon + 3 * gap
    plate = pygame.Rect(0, 0, wide, scribe.px(_HIGH))
    plate.midright = area.midright
    radius = scribe.px(8)
    pygame.draw.rect(scribe.surface, scribe.theme.background, plate, border_radius=radius)
    spot = (plate.left + gap + icon // 2, plate.centery)
    draw_shape(scribe.surface, sign.shape, spot, icon, sign.colour)
    text = pygame.Rect(spot[0] + icon // 2 + gap, plate.top, 0, plate.height)
    text.width = plate.right - text.left
    if note:
        upper, lower = text.copy(), text.copy()
        upper.height = plate.height * 3 // 5
        lower.top, lower.height = upper.bottom, plate.height - upper.height - scribe.px(4)
        scribe.write(note, lower, _SMALL, colour=scribe.theme.quiet)
        text = upper
    scribe.write(sign.word, text, _SIZE, bold=True, colour=scribe.theme.text)
    return plate.left


def _note(decision: Decision, status: SessionStatus) -> str:
    """Return what is said below the word."""
    if status.recording is not Recording.ON:
        return _NOTES[status.recording]
    if decision.mode is Mode.PAUSED:
        return PAUSED
    if decision.source is Source.OPERATOR:
        return DEMONSTRATION if status.phase == DEMONSTRATION else CORRECTION
    seconds = int(status.frames * status.control_dt_s)
    return f"{seconds // 60}:{seconds % 60:02d}"
