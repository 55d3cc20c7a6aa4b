"""How long it takes until a person does something about a robot in trouble."""

from __future__ import annotations

import math

from iml_robot.core.types import Mode, Request, Step
from iml_robot.station.workload.events import REACTION, UNANSWERED, WorkloadEvent

SIGN_LEVEL = 0.5
"""Probability of needing help from which the asker sees trouble, where nobody says."""


class Reacting:
    """Measures from a request, and from the first sign of trouble, to the takeover.

    Args:
        sign_level: Probability of needing help that counts as a sign of trouble.

    Attributes:
        to_asks_s: Times from a request to what the person did about it [s].
        to_signs_s: Times from the first sign of trouble to the takeover [s].
        unanswered: Requests that nobody answered.
    """

    def __init__(self, *, sign_level: float = SIGN_LEVEL) -> None:
        self.to_asks_s: list[float] = []
        self.to_signs_s: list[float] = []
        self.unanswered = 0
        self._sign_level = sign_level
        self._mode = Mode.AUTO
        self._asked_s: float | None = None
        self._sign_s: float | None = None

    def step(self, step: Step, elapsed_s: float) -> list[WorkloadEvent]:
        """Take in a control step; return what was measured.

        Args:
            step: The step.
            elapsed_s: Time since the last one [s].
        """
        before, self._mode = self._mode, step.decision.mode
        if self._mode is Mode.PAUSED:
            # Time stands still; what was asked goes on being asked.
            return []
        found = self._look_at_ask(step, elapsed_s)
        if (
            self._mode is Mode.HUMAN
            and before is not Mode.HUMAN
            and self._sign_s is not None
        ):
            found.append(_reaction("sign", self._sign_s, "takeover"))
            self.to_signs_s.append(self._sign_s)
        self._look_for_sign(step, elapsed_s)
        return found

    def _look_at_ask(self, step: Step, elapsed_s: float) -> list[WorkloadEvent]:
        if self._asked_s is None:
            self._asked_s = 0.0 if self._mode is Mode.ASKING else None
            return []
        asked_s, self._asked_s = self._asked_s + elapsed_s, None
        done = {Mode.HUMAN: "takeover", Mode.ESTOP: "stop"}.get(self._mode, "")
        if Request.GIVE_BACK in step.signal.requests:
            done = done or "give_back"
        if done:
            self.to_asks_s.append(asked_s)
            return [_reaction("ask", asked_s, done)]
        if self._mode is Mode.ASKING:
            self._asked_s = asked_s
        elif self._mode is Mode.HOLD:
            self.unanswered += 1
            return [WorkloadEvent(UNANSWERED, {"seconds": round(asked_s, 3)})]
        return []

    def _look_for_sign(self, step: Step, elapsed_s: float) -> None:
        p_help = step.ask.p_help
        watching = self._mode in (Mode.AUTO, Mode.ASKING)
        if not watching or math.isnan(p_help) or p_help < self._sign_level:
            self._sign_s = None
        elif self._sign_s is None:
            self._sign_s = elapsed_s
        else:
            self._sign_s += elapsed_s


def _reaction(to: str, seconds: float, by: str) -> WorkloadEvent:
    return WorkloadEvent(REACTION, {"to": to, "seconds": round(seconds, 3), "by": by})
