"""Whether somebody is still there who watches the policy."""

from __future__ import annotations

from iml_robot.arbitration.rules.hands import ROUNDING_S
from iml_robot.core.types import OperatorSignal

#: Time to answer before the robot holds still [s].
ANSWER_S = 5.0


class Presence:
    """Asks a person who has done nothing for long whether they are there.

    Watching a policy that works is dull, and who watches for long without doing anything
    may have left. Whatever a person does with the controls counts as an answer; the clock
    goes on over the end of an episode, since several may pass without a takeover.

    Args:
        presence_s: Time without any input after which to ask [s]; 0: never.

    Raises:
        ValueError: If the time is negative or no number.
    """

    def __init__(self, presence_s: float) -> None:
        if not presence_s >= 0:
            raise ValueError(f"presence_s must be at least 0, got {presence_s}")
        self._presence_s = presence_s
        self._idle_s = 0.0

    def look(self, signal: OperatorSignal, *, elapsed_s: float, watching: bool) -> None:
        """Take in one control step.

        Args:
            signal: What the operator says.
            elapsed_s: Time since the last step [s].
            watching: Whether the policy drives, so that there is nothing to do but watch.
        """
        acts = signal.moving or signal.gripping or bool(signal.requests)
        if acts or signal.evaluation is not None or not watching:
            self._idle_s = 0.0
        else:
            self._idle_s += elapsed_s

    def restart(self) -> None:
        """Count anew, as after somebody was asked for."""
        self._idle_s = 0.0

    @property
    def left_s(self) -> float | None:
        """Time that is left to answer [s]; None: nobody is asked."""
        over_s = self._idle_s - self._presence_s
        if not self._presence_s or over_s < -ROUNDING_S:
            return None
        return max(ANSWER_S - over_s, 0.0)

    @property
    def absent(self) -> bool:
        """True if nobody answered in time."""
        left_s = self.left_s
        return left_s is not None and left_s <= ROUNDING_S
