"""From presses to one answer: nothing counts that nobody meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from iml_robot.core.feedback import Answer

DOUBLE_PRESS_S = 0.4
"""A second press within this time says "much better" [s]."""

ANSWERS = {
    "left": Answer.LEFT,
    "right": Answer.RIGHT,
    "equal": Answer.EQUAL,
    "cant_tell": Answer.CANT_TELL,
    "skip": Answer.SKIP,
}
"""Names of actions and the answers that they give."""

TOO_EARLY = "Not counted: first watch both to the end."
AT_ONCE = "Two answers at once: none counted. Press one."
CHANGED = "Two different answers: none counted. Press one."
TAKEN_BACK = "Taken back."


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that counts.

    Attributes:
        answer: What was said.
        much: Whether it was pressed twice.
        waited_s: When it was pressed first, from the end of the first showing [s].
    """

    answer: Answer
    much: bool
    waited_s: float


class Answering:
    """Waits a moment after each press, for a second one or for it to be taken back.

    Args:
        double_press_s: How long [s].
    """

    def __init__(self, *, double_press_s: float = DOUBLE_PRESS_S) -> None:
        self._double_press_s = double_press_s
        self._pending: Given | None = None
        self._pressed_s = 0.0

    @property
    def pending(self) -> Given | None:
        """The answer that counts in a moment."""
        return self._pending

    def press(
        self, actions: Sequence[str], now_s: float, *, shown: bool, waited_s: float
    ) -> str:
        """Take in the presses of one batch of events.

        Args:
            actions: Names of actions; those that are no answers are left out.
            now_s: Monotonic time [s].
            shown: Whether both segments were shown to the end.
            waited_s: Time since then [s].

        Returns:
            A line for the person; "" if there is nothing to say.
        """
        answers = [ANSWERS[action] for action in actions if action in ANSWERS]
        if not answers:
            return ""
        if not shown:
            return TOO_EARLY
        before = self._pending
        if len(set(answers)) > 1 or (before and before.answer is not answers[0]):
            self._pending = None
            return AT_ONCE if len(set(answers)) > 1 else CHANGED
        decisive = answers[0] in (Answer.LEFT, Answer.RIGHT)
        if before is None:
            self._pending = Given(answers[0], decisive and len(answers) > 1, waited_s)
            self._pressed_s = now_s
        elif decisive and now_s - self._pressed_s <= self._double_press_s:
            self._pending = Given(before.answer, much=True, waited_s=before.waited_s)
        return ""

    def take_back(self) -> bool:
        """Forget the answer that is pending; return whether there was one."""
        was, self._pending = self._pending, None
        return was is not None

    def settled(self, now_s: float) -> Given | None:
        """Return the answer once nothing can change it any more."""
        given = self._pending
        if given is None:
            return None
        over = now_s - self._pressed_s > self._double_press_s
        return given if given.much or over else None
