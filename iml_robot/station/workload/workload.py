"""Watches over the person who watches the robot."""

from __future__ import annotations

from typing import Any

import numpy as np

from iml_robot.arbitration.rules.presence import ANSWER_S, Presence
from iml_robot.core.station_settings import WorkloadSettings
from iml_robot.core.types import Mode, OperatorSignal, Step
from iml_robot.station.workload.events import (
    BREAK_SUGGESTED,
    BREAK_TAKEN,
    FIGURES,
    PRESENCE_ANSWERED,
    PRESENCE_ASKED,
    PRESENCE_MISSED,
    UNANSWERED,
    WorkloadEvent,
)
from iml_robot.station.workload.reacting import SIGN_LEVEL, Reacting
from iml_robot.station.workload.signs import NEEDED, Signs

PRESENCE_S = 90.0
"""Time without any input, while the policy drives, after which to ask who is there [s]."""
MOST_QUESTIONS, MOST_ANSWERING_S = 100, 900.0
"""Questions, and time of answering [s], after which a break does good."""
REST_S = 120.0
"""A pause of this length is a break [s]."""
AGAIN_S = 600.0
"""Time until a break that nobody took is suggested again [s]."""
NOTICE_S = 15.0
"""How long the suggestion stays in the picture [s]."""
WARM_UPS = 2
"""Questions after a break that are asked to get used to it, and do not count."""
_TURNED = 0.15
"""Deflection on both sides that makes a reversal."""
_LONGEST_STEP_S = 0.5


class Workload:
    """Measures the work of a session and says when a break would do good.

    Nothing here acts on the robot: that nobody answers is the arbiter's to judge, which
    asks by the same clock (`Presence`).

    Args:
        settings: What the person wants to be told.
        sign_level: Probability of needing help that counts as a sign of trouble.

    Attributes:
        reacting: The reaction times.
        watched_s: Time that the policy drove and the person watched [s].
        driven_s: Time that the person drove [s].
        longest_idle_s: The longest time of watching without any input [s].
        reversals: How often a command went from one side to the other.
        breaks: How many breaks there were.
    """

    def __init__(
        self, settings: WorkloadSettings | None = None, *, sign_level: float = SIGN_LEVEL
    ) -> None:
        self.reacting = Reacting(sign_level=sign_level)
        self.watched_s = self.driven_s = self.longest_idle_s = 0.0
        self.reversals = self.breaks = 0
        self._settings = settings or WorkloadSettings()
        self._presence = Presence(PRESENCE_S if self._settings.presence else 0.0)
        self._asked_left_s: float | None = None
        self._idle_s = self._paused_s = 0.0
        self._sides: np.ndarray[Any, np.dtype[np.int8]] | None = None
        self._signs = Signs()
        self._watched_at_break_s = 0.0
        self._since_suggestion_s: float | None = None
        self._reason = ""
        self._answered = self._warm_ups = 0
        self._missed_presence = 0

    @property
    def break_due(self) -> str:
        """Why a break would do good; "" if none is due. It stays until one is taken."""
        return self._reason

    @property
    def notice(self) -> str:
        """A line for the drive view, for some seconds after a break became due."""
        since_s = self._since_suggestion_s
        if not self._reason or since_s is None or since_s > NOTICE_S:
            return ""
        return f"Time for a break? {self._reason[:1].upper()}{self._reason[1:]}."

    @property
    def warming_up(self) -> bool:
        """Whether the next answer only serves to get used to questions again."""
        return self._warm_ups > 0

    def step(self, step: Step, *, elapsed_s: float) -> list[WorkloadEvent]:
        """Take in one control step, also in a pause.

        Args:
            step: The step.
            elapsed_s: Time since the last one [s]; a stall counts as half a second.

        Returns:
            What the session should keep.
        """
        time_s = min(max(0.0, elapsed_s), _LONGEST_STEP_S)
        mode, signal = step.decision.mode, step.signal
        events = self._look_at_pause(mode, time_s)
        self._measure(mode, signal, time_s)
        reactions = self.reacting.step(step, time_s)
        for event in reactions:
            if event.kind == UNANSWERED:
                self._signs.ask(None)
            elif event.detail["to"] == "ask":
                self._signs.ask(event.detail["seconds"])
        events += [*reactions, *self._look_at_presence(signal, mode, time_s)]
        if self._since_suggestion_s is not None:
            self._since_suggestion_s += time_s
        return [*events, *self._suggest()]

    def answered(
        self, seconds: float, *, agreed: bool | None = None, gold_failed: bool = False
    ) -> list[WorkloadEvent]:
        """Take in the answer to a question; return what the session should keep.

        Args:
            seconds: Time that the answer took [s].
            agreed: Whether it agrees with an earlier answer to the same question; None:
                it was not asked before.
            gold_failed: Whether the right answer was plain, and another was given.
        """
        self._answered += 1
        self.touched()
        if self._warm_ups:
            self._warm_ups -= 1
            return []
        self._signs.answer(seconds, agreed=agreed, gold_failed=gold_failed)
        return self._suggest()

    def touched(self) -> None:
        """Take in that the person did something, if not with the controls."""
        self._idle_s = 0.0
        self._presence.restart()

    def rested(self, seconds: float) -> list[WorkloadEvent]:
        """Take in that there was nothing to do for a while, as between two episodes.

        Args:
            seconds: How long [s]; from `REST_S` on that is a break.
        """
        if seconds < REST_S:
            return []
        self.breaks += 1
        self._signs = Signs()
        self._watched_at_break_s = self.watched_s
        self._since_suggestion_s, self._reason = None, ""
        self._warm_ups = WARM_UPS if self._answered else 0
        self._presence.restart()
        return [WorkloadEvent(BREAK_TAKEN, {"seconds": round(seconds, 1)})]

    def figures(self) -> WorkloadEvent:
        """Return the measures of the whole session."""
        to_asks, to_signs = self.reacting.to_asks_s, self.reacting.to_signs_s
        per_minute = 60.0 * self.reversals / self.driven_s if self.driven_s else None
        detail = {
            "watched_s": round(self.watched_s, 1),
            "driven_s": round(self.driven_s, 1),
            "longest_idle_s": round(self.longest_idle_s, 1),
            "reversals_per_min": None if per_minute is None else round(per_minute, 2),
            "reactions": len(to_asks),
            "median_reaction_s": float(np.median(to_asks)) if to_asks else None,
            "median_sign_reaction_s": float(np.median(to_signs)) if to_signs else None,
            "asks_unanswered": self.reacting.unanswered,
            "presence_missed": self._missed_presence,
            "questions": self._answered,
            "breaks": self.breaks,
        }
        return WorkloadEvent(FIGURES, detail)

    def _look_at_pause(self, mode: Mode, time_s: float) -> list[WorkloadEvent]:
        """Count a pause that was long enough as a break, when it ends."""
        if mode is Mode.PAUSED:
            self._paused_s += time_s
            return []
        paused_s, self._paused_s = self._paused_s, 0.0
        return self.rested(paused_s)

    def _measure(self, mode: Mode, signal: OperatorSignal, time_s: float) -> None:
        watching = mode in (Mode.AUTO, Mode.ASKING)
        self.watched_s += time_s * watching
        self.driven_s += time_s * (mode is Mode.HUMAN)
        idle = watching and not _acts(signal)
        self._idle_s = self._idle_s + time_s if idle else 0.0
        self.longest_idle_s = max(self.longest_idle_s, self._idle_s)
        if mode is not Mode.HUMAN or signal.action is None:
            self._sides = None
            return
        action = np.nan_to_num(np.asarray(signal.action, np.float64))
        sides = (np.sign(action) * (np.abs(action) > _TURNED)).astype(np.int8)
        if self._sides is None:
            self._sides = sides
            return
        self.reversals += int(np.sum(sides * self._sides < 0))
        # A stick that passes the middle has still come from the side where it was.
        self._sides = np.where(sides == 0, self._sides, sides).astype(np.int8)

    def _look_at_presence(
        self, signal: OperatorSignal, mode: Mode, time_s: float
    ) -> list[WorkloadEvent]:
        presence = self._presence
        presence.look(signal, elapsed_s=time_s, watching=mode is Mode.AUTO)
        before, self._asked_left_s = self._asked_left_s, presence.left_s
        if presence.absent:
            presence.restart()
            self._asked_left_s = None
            self._missed_presence += 1
            return [WorkloadEvent(PRESENCE_MISSED, {"idle_s": PRESENCE_S + ANSWER_S})]
        if before is None and presence.left_s is not None:
            return [WorkloadEvent(PRESENCE_ASKED, {"idle_s": PRESENCE_S})]
        if before is not None and presence.left_s is None and _acts(signal):
            took_s = ANSWER_S - before + time_s
            return [WorkloadEvent(PRESENCE_ANSWERED, {"seconds": round(took_s, 3)})]
        return []

    def _suggest(self) -> list[WorkloadEvent]:
        """Return the suggestion of a break where one is due now, or again."""
        again = self._since_suggestion_s is None or self._since_suggestion_s >= AGAIN_S
        if not (self._settings.breaks and again):
            return []
        reason = self._why()
        if not reason:
            return []
        self._reason, self._since_suggestion_s = reason, 0.0
        detail = {
            "reason": reason,
            "watched_s": round(self.watched_s - self._watched_at_break_s, 1),
            "questions": self._signs.answers,
            "signs": self._signs.found(),
        }
        return [WorkloadEvent(BREAK_SUGGESTED, detail)]

    def _why(self) -> str:
        watched_s = self.watched_s - self._watched_at_break_s
        if watched_s >= 60.0 * self._settings.break_after_min:
            return f"you have watched for {watched_s / 60:.0f} min"
        signs = self._signs
        if signs.answers >= MOST_QUESTIONS:
            return f"you have answered {signs.answers} questions"
        if signs.answering_s >= MOST_ANSWERING_S:
            return f"you have answered questions for {signs.answering_s / 60:.0f} min"
        found = signs.found()
        return " and ".join(found[:2]) if len(found) >= NEEDED else ""


def _acts(signal: OperatorSignal) -> bool:
    """Return whether the person does anything at all."""
    moved = signal.moving or signal.gripping
    return moved or bool(signal.requests) or signal.evaluation is not None
