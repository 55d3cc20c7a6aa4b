"""What is worth a sound, how it sounds, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iml_robot.core.types import Mode
from iml_robot.station.sounds.tones import Note


@dataclass(frozen=True, slots=True)
class Signal:
    """One sound.

    Attributes:
        caption: What it says, in words.
        notes: How it sounds; signals differ in rhythm, not in pitch alone.
        urgent: Whether it cuts off what is heard.
    """

    caption: str
    notes: tuple[Note, ...]
    urgent: bool = False


SIGNALS: Mapping[str, Signal] = {
    "takeover": Signal("you drive", ((523.0, 0.07), (784.0, 0.11))),
    "handed_back": Signal("the policy drives", ((784.0, 0.07), (523.0, 0.14))),
    "asking": Signal(
        "the robot needs you",
        ((880.0, 0.12), (0.0, 0.08), (880.0, 0.12), (0.0, 0.08), (1175.0, 0.24)),
        urgent=True,
    ),
    "hold": Signal(
        "input lost, the robot waits",
        ((330.0, 0.18), (0.0, 0.06), (330.0, 0.18)),
        urgent=True,
    ),
    "stop": Signal("emergency stop", ((220.0, 0.25), (165.0, 0.45)), urgent=True),
    "saved": Signal("episode saved", ((659.0, 0.09),)),
    "learned": Signal(
        "a new policy drives", ((523.0, 0.08), (659.0, 0.08), (784.0, 0.08), (1047.0, 0.16))
    ),
    "rewind": Signal(
        "taken back some seconds", ((784.0, 0.06), (659.0, 0.06), (523.0, 0.06))
    ),
}
"""All signals by name."""

_ARRIVALS: Mapping[Mode, str] = {
    Mode.HUMAN: "takeover",
    Mode.ASKING: "asking",
    Mode.HOLD: "hold",
    Mode.ESTOP: "stop",
    Mode.AUTO: "handed_back",
}


def signal_for(before: Mode | None, now: Mode) -> str:
    """Return the name of the signal for a change of the mode, "" for none.

    Args:
        before: The mode a step ago; None at the first step of an episode.
        now: The mode now.
    """
    if before is now or Mode.PAUSED in (before, now):
        return ""
    # An episode that begins with the policy is nothing that was handed back, and a hand
    # that moves while the robot still glides back to the policy never stopped driving.
    if now is Mode.AUTO and before in (None, Mode.ASKING):
        return ""
    if now is Mode.HUMAN and before is Mode.RELEASING:
        return ""
    return _ARRIVALS.get(now, "")
