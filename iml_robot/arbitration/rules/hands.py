"""What the hands of the operator have been doing, and for how long."""

from __future__ import annotations

from dataclasses import dataclass

from iml_robot.core.types import Link, OperatorSignal, Request

#: Steps of 0.05 s do not add up to 0.5 exactly; a time is reached this early [s].
ROUNDING_S = 1e-9

#: Time for which the reset must be held after an emergency stop [s].
RESET_HOLD_S = 1.0


@dataclass
class Hands:
    """Tells fresh movements from those that have been there all along.

    A stick that is still deflected when the operator gives back must not take over again
    at once, and a key that was down while the window lost the focus must not drive when
    the focus is back. Both count as used until the control was seen at rest.

    Attributes:
        neutral_s: How long every control has been at rest while the link was good [s].
        unfocused_s: How long the window has been without focus [s].
        reset_s: How long the reset has been held with controls at rest [s].
    """

    neutral_s: float = 0.0
    unfocused_s: float = 0.0
    reset_s: float = 0.0
    _ready: bool = False
    _fresh_motion: bool = False
    _fresh_grip: bool = False
    _used_motion: bool = False
    _used_grip: bool = False

    def look(
        self, signal: OperatorSignal, link: Link, *, elapsed_s: float, neutral_s: float
    ) -> None:
        """Take in one control step.

        Args:
            signal: What the operator says.
            link: State of the link, judged with the validity of the action.
            elapsed_s: Time since the last step [s]; a stall counts as nothing, since
                it proves nothing about the hands.
            neutral_s: Time at rest after which new input counts as meant [s].
        """
        reachable = link is Link.OK
        neutral = not signal.moving and not signal.gripping
        if link is Link.FOCUS_LOST:
            self.unfocused_s += elapsed_s
        else:
            self.unfocused_s = 0.0
        self._used_motion = (self._used_motion and signal.moving) or not reachable
        self._used_grip = (self._used_grip and signal.gripping) or not reachable
        self._fresh_motion = signal.moving and not self._used_motion
        self._fresh_grip = signal.gripping and not self._used_grip
        # Input that follows a rest is meant; the rest must be over only now.
        self._ready = reachable and self.neutral_s >= neutral_s - ROUNDING_S
        if neutral and reachable:
            self.neutral_s += elapsed_s
            self._ready = self.neutral_s >= neutral_s - ROUNDING_S
        else:
            self.neutral_s = 0.0
        if neutral and reachable and Request.RESET in signal.requests:
            self.reset_s += elapsed_s
        else:
            self.reset_s = 0.0

    @property
    def fresh(self) -> bool:
        """True if the operator began to move or grip and means it."""
        return self._fresh_motion or self._fresh_grip

    @property
    def ready(self) -> bool:
        """True if every control was at rest long enough until this step."""
        return self._ready

    def use(self, signal: OperatorSignal) -> None:
        """Count whatever is held now as used until it was seen at rest."""
        self._used_motion = signal.moving
        self._used_grip = signal.gripping

    def restart(self) -> None:
        """Count the time at rest anew, as after a stall of the loop."""
        self.neutral_s = self.reset_s = 0.0
        self._ready = False
