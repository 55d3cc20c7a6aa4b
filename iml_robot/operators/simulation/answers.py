"""Whether and when a simulated person answers a robot that asks for help."""

from __future__ import annotations

import enum
import math

import numpy as np

from iml_robot.operators.simulation.traits import Traits


class Answer(enum.Enum):
    """What a person does about a robot that asks."""

    NONE = "none"
    COMES = "comes"
    REFUSES = "refuses"


class Answers:
    """Answers each time the robot asks once, after a while.

    Args:
        traits: The person.
        dt: Control period [s].
        rng: Source of answers and of the times they take.
    """

    def __init__(self, traits: Traits, dt: float, rng: np.random.Generator) -> None:
        self._traits, self._dt, self._rng = traits, dt, rng
        self._asked = False
        self._steps_left = 0
        self._answer = Answer.NONE

    def hear(self, asking: bool) -> Answer:
        """Return the answer of this step.

        Args:
            asking: Whether the robot asks.
        """
        if asking and not self._asked:
            self._decide()
        self._asked = asking
        if not asking or self._answer is Answer.NONE:
            return Answer.NONE
        if self._steps_left > 0:
            self._steps_left -= 1
            return Answer.NONE
        answer, self._answer = self._answer, Answer.NONE
        return answer

    def _decide(self) -> None:
        refuses = self._rng.random() < self._traits.refusal_probability
        self._answer = Answer.REFUSES if refuses else Answer.COMES
        spread = self._traits.reaction_spread * self._rng.standard_normal()
        self._steps_left = round(self._traits.answer_median_s * math.exp(spread) / self._dt)
