"""Notices sticks and triggers that stand as no hand would hold them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from iml_robot.devices.input.shaping import DEAD_ZONE, TAKEOVER_DEFLECTION

AT_END = 0.9
"""Deflection beyond which a control counts as at its end, of 1. There even a hand may
hold it to the bit, since it is pressed against a stop, or reports no more than 1."""

STUCK_AFTER_S = 10.0
"""A control that is deflected, not at its end, and has not moved by a single bit for this
long is held by no hand [s]. It is assumed that a thumb trembles by more than pads
resolve; `stuck_s` of the gamepad is there for those of which that is not true."""

ASKED_AFTER_S = 10.0
"""Time after which a person is asked to give a sign who has a control at its end and
moves nothing else [s]."""

LOST_AFTER_S = 30.0
"""Time after which a control at its end counts as stuck unless something else was moved
[s]. Railways demand a sign of their drivers as often."""

MOST_BETWEEN_S = 0.5
"""Longest time between two looks that counts [s]; in more nobody knows what moved."""

_NAMES = {
    "leftx": "left stick",
    "lefty": "left stick",
    "rightx": "right stick",
    "righty": "right stick",
    "lefttrigger": "left trigger",
    "righttrigger": "right trigger",
}
_PARTNERS = {"leftx": "lefty", "lefty": "leftx", "rightx": "righty", "righty": "rightx"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be thought of the controls.

    Attributes:
        stuck: Whether nobody can be steering with them.
        warning: What is wrong and what to do; "" if nothing is.
    """

    stuck: bool = False
    warning: str = ""


class StuckAxes:
    """Remembers when each control has moved last.

    Args:
        after_s: See `STUCK_AFTER_S`; 0: nothing counts as stuck.
    """

    def __init__(self, after_s: float = STUCK_AFTER_S) -> None:
        self._after_s = after_s
        self.reset()

    def reset(self) -> None:
        """Forget everything, as when another pad drives."""
        self._looked_s: float | None = None
        self._now_s = self._pressed_s = 0.0
        self._values: dict[str, float] = {}
        self._moved_s: dict[str, float] = {}
        self._meant_s: dict[str, float] = {}

    def press(self) -> None:
        """Take in that a button was pressed, which only a hand does."""
        self._pressed_s = self._now_s

    def look(self, values: Mapping[str, float], time_s: float) -> Verdict:
        """Return what is to be thought of the controls.

        Args:
            values: Deflections in [-1, 1] by the name of the control.
            time_s: Monotonic time [s].
        """
        if self._looked_s is not None:
            self._now_s += min(max(time_s - self._looked_s, 0.0), MOST_BETWEEN_S)
        self._looked_s = time_s
        for control, value in values.items():
            if value != self._values.get(control):
                self._moved_s[control] = self._now_s
                if abs(value) > DEAD_ZONE or control not in self._meant_s:
                    self._meant_s[control] = self._now_s
        self._values = dict(values)
        verdicts = [self._judged(control) for control in values]
        return max(verdicts, key=lambda v: (v.stuck, v.warning), default=Verdict())

    def _judged(self, control: str) -> Verdict:
        deflection = abs(self._values[control])
        name = _NAMES.get(control, control)
        if deflection > AT_END:
            return self._judged_at_end(control, name)
        still_s = self._now_s - self._moved_s[control]
        if deflection <= TAKEOVER_DEFLECTION or not self._counts(still_s, self._after_s):
            return Verdict()
        return Verdict(
            stuck=True,
            warning=f"the {name} has not moved at all for {self._after_s:g} s and counts "
            "as stuck; move it, or plug the pad in again",
        )

    def _judged_at_end(self, control: str, name: str) -> Verdict:
        """Return the verdict on a control at its end.

        The other axis of the same stick trembles under a hand; other controls have to be
        moved out of their rest.
        """
        signs = [self._pressed_s, self._moved_s[control]]
        signs += [time_s for c, time_s in self._meant_s.items() if c != control]
        signs.append(self._moved_s.get(_PARTNERS.get(control, ""), 0.0))
        still_s = self._now_s - max(signs)
        if self._counts(still_s, LOST_AFTER_S):
            return Verdict(
                stuck=True,
                warning=f"the {name} has stood at its end for {LOST_AFTER_S:g} s while "
                "nothing else moved, and counts as stuck; let go of it",
            )
        if still_s >= ASKED_AFTER_S:
            return Verdict(
                warning=f"the {name} has stood at its end for {ASKED_AFTER_S:g} s; move "
                "anything on the pad to show that you hold it"
            )
        return Verdict()

    def _counts(self, still_s: float, limit_s: float) -> bool:
        return self._after_s > 0 and still_s >= limit_s
