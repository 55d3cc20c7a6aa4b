"""The dead-man control, held or switched."""

from __future__ import annotations

from typing import Literal

GripStyle = Literal["hold", "toggle"]

TOGGLE_MEANING = "press: you drive, or the policy"
"""What the dead-man control does where it is switched, for display."""


class Grip:
    """Tells whether somebody grips, whichever way they like it.

    A grip that was switched on is let go by everything after which a held control would
    have to be pressed anew, so that no robot is driven by a switch that was forgotten.

    Args:
        style: "hold": while the control is down. "toggle": from one press to the next.
    """

    def __init__(self, style: GripStyle = "hold") -> None:
        self._switched = style == "toggle"
        self._on = False

    @property
    def switched(self) -> bool:
        """Whether a press is enough."""
        return self._switched

    def press(self) -> None:
        """Take in a press of the control."""
        self._on = self._switched and not self._on

    def release(self) -> None:
        """Let go of a grip that was switched on."""
        self._on = False

    def gripping(self, *, down: bool) -> bool:
        """Return whether somebody grips.

        Args:
            down: Whether the control is or was down since the last look.
        """
        return self._on if self._switched else down
