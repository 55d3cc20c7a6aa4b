"""What a pad says to the hands that hold it."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

STRENGTH = 0.7
"""Strength of both motors, of 1: felt through a glove, and no startling blow."""


class Rumble(Enum):
    """Patterns as (start [s], length [s]) of each pulse."""

    TAKEOVER_REQUEST = ((0.0, 0.12), (0.24, 0.12))
    RECONNECTED = ((0.0, 0.12),)


class RumblePlayer:
    """Plays one pattern at a time, pulse by pulse.

    Args:
        pulse: Shakes the pad for a time [s].
    """

    def __init__(self, pulse: Callable[[float], object]) -> None:
        self._pulse = pulse
        self._due: list[tuple[float, float]] = []

    def start(self, pattern: Rumble, time_s: float) -> None:
        """Begin with a pattern; what is left of the one before is dropped.

        Args:
            pattern: The pattern.
            time_s: Monotonic time [s].
        """
        self._due = [(time_s + start_s, length_s) for start_s, length_s in pattern.value]
        self.advance(time_s)

    def advance(self, time_s: float) -> None:
        """Give the pulses that are due.

        Args:
            time_s: Monotonic time [s].
        """
        while self._due and self._due[0][0] <= time_s:
            self._pulse(self._due.pop(0)[1])
