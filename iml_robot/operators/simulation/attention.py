"""When a simulated person decides to take over, and when to hand back."""

from __future__ import annotations

import math

import numpy as np

from iml_robot.operators.simulation.traits import Traits

OVER_S = 1.0
"""An event is over once there was no reason for alarm for so long [s]."""
SECONDS_PER_MINUTE = 60.0


class Attention:
    """Watches the risk of what the policy does, late and not always.

    Args:
        traits: The person.
        dt: Control period [s].
        rng: Source of reaction times, misses and false alarms.

    Attributes:
        driving: Whether the person has the controls.
    """

    def __init__(self, traits: Traits, dt: float, rng: np.random.Generator) -> None:
        self._traits, self._dt, self._rng = traits, dt, rng
        self._least_steps = round(traits.least_takeover_s / dt)
        self._release_steps = round(traits.release_s / dt)
        self._lag_steps = round(traits.release_lag_s / dt)
        self._over_steps = round(OVER_S / dt)
        self.driving = False
        self._steps_driving = 0
        self._held_steps = 0
        self._steps_safe = 0
        self._steps_calm = self._over_steps
        self._missing = False
        self._deceived = False
        self._hands_on_in: int | None = None
        self._hands_off_in: int | None = None

    def watch(self, alarming: bool) -> bool:
        """Return whether the person takes the controls now.

        Args:
            alarming: Whether what the policy does looks like trouble.
        """
        self._deceived |= self._falsely_alarmed()
        self._notice(alarming)
        if self._hands_on_in is None:
            return False
        if self._hands_on_in > 0:
            self._hands_on_in -= 1
            return False
        self._hands_on_in = None
        # Who sees that the trouble is gone lets it be; who saw trouble where there is
        # none takes over all the same.
        if alarming or self._deceived:
            self.take()
        return self.driving

    def take(self, *, least_s: float = 0.0) -> None:
        """Take the controls, for whatever reason.

        Args:
            least_s: For how long at least [s], if that is longer than usual.
        """
        self._held_steps = round(least_s / self._dt)
        self.driving, self._steps_driving, self._steps_safe = True, 0, 0
        self._deceived, self._hands_on_in = False, None

    def drive(self, alarming: bool, agreeing: bool) -> bool:
        """Return whether the person lets go after this step.

        Args:
            alarming: Whether what the policy wants looks like trouble.
            agreeing: Whether the policy wants what the person does.
        """
        self._steps_driving += 1
        self._steps_safe = self._steps_safe + 1 if agreeing and not alarming else 0
        rested = self._steps_driving >= max(self._least_steps, self._held_steps)
        safe = rested and self._steps_safe >= self._release_steps
        if safe and self._hands_off_in is None:
            self._hands_off_in = self._lag_steps
        if self._hands_off_in is not None:
            self.driving = self._hands_off_in > 0
            self._hands_off_in = self._hands_off_in - 1 if self.driving else None
        return not self.driving

    def _notice(self, alarming: bool) -> None:
        """Begin to react to an event that is new, or miss it."""
        if not alarming:
            self._steps_calm += 1
            if self._steps_calm >= self._over_steps:
                self._missing = False
            return
        new = self._steps_calm >= self._over_steps
        self._steps_calm = 0
        if new and self._traits.miss_probability > 0:
            self._missing = bool(self._rng.random() < self._traits.miss_probability)
        if not self._missing:
            self._react()

    def _react(self) -> None:
        """Start the time that a person needs from seeing to acting."""
        if self._hands_on_in is None:
            spread = self._traits.reaction_spread * self._rng.standard_normal()
            delay = self._traits.reaction_median_s * math.exp(spread)
            self._hands_on_in = round(delay / self._dt)

    def _falsely_alarmed(self) -> bool:
        """Return whether the person sees trouble where there is none."""
        chance = self._traits.false_alarms_per_min / SECONDS_PER_MINUTE * self._dt
        if chance > 0 and self._rng.random() < chance:
            self._react()
            return True
        return False
