"""Notices sticks that stand at their end as no hand would hold them."""

from __future__ import annotations

from collections.abc import Mapping

STUCK_BEYOND = 0.9
"""Deflection beyond which a stick counts as at its end, of 1."""

STUCK_AFTER_S = 10.0
"""A stick that has not moved at all at its end for this long is worth a word [s]."""

_NAMES = {
    "leftx": "left stick",
    "lefty": "left stick",
    "rightx": "right stick",
    "righty": "right stick",
    "lefttrigger": "left trigger",
    "righttrigger": "right trigger",
}


class StuckAxes:
    """Remembers since when each axis has not moved."""

    def __init__(self) -> None:
        self._since: dict[str, tuple[float, float]] = {}

    def reset(self) -> None:
        """Forget everything, as when another pad drives."""
        self._since.clear()

    def look(self, values: Mapping[str, float], time_s: float) -> str:
        """Return a warning about an axis that does not move; "" if all do.

        Args:
            values: Deflections in [-1, 1] by the name of the control.
            time_s: Monotonic time [s].
        """
        warning = ""
        for control, value in values.items():
            before, since_s = self._since.get(control, (value, time_s))
            if value != before:
                since_s = time_s
            self._since[control] = value, since_s
            if abs(value) > STUCK_BEYOND and time_s - since_s >= STUCK_AFTER_S:
                warning = (
                    f"the {_NAMES.get(control, control)} has stood at its end for "
                    f"{STUCK_AFTER_S:g} s; let go of it, or calibrate the pad"
                )
        return warning
