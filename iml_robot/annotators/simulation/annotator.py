"""Answers questions as its habits say."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
from scipy.special import expit

from iml_robot.annotators.simulation.habits import Habits, changed
from iml_robot.annotators.simulation.truth import (
    Array,
    Scale,
    Truth,
    Weights,
    Yardstick,
    weights_of,
)
from iml_robot.core.feedback import (
    INFORMATIVE_ANSWERS,
    SHOWINGS,
    THINKING_S,
    Answer,
    Question,
    Reply,
    Segment,
)
from iml_robot.core.seeding import named_stream


class SimulatedAnnotator:
    """Compares segments by weights of its own.

    What it says depends on its seed, the question and the number of the question, and on
    nothing before: a resumed session gets the same answers.

    Args:
        scale: Scale of the reward features.
        reference: Segments that show how far apart segments usually are.
        weights: What each standardised feature is worth; those not named: nothing.
        seed: Seed of its errors.
        period_s: Control period, for the time that it takes [s].
        habits: Changes of single habits, by name (`annotators.simulation.habits`).

    Attributes:
        preset: Its habits where nothing is changed.

    Raises:
        ValueError: If the weights do not fit the features, the reference tells nothing, or
            a habit is none or out of range.
    """

    preset: ClassVar[Habits] = Habits()

    def __init__(
        self,
        scale: Scale,
        reference: Sequence[Segment],
        *,
        weights: Weights,
        seed: int = 0,
        period_s: float = 0.05,
        habits: Mapping[str, float] | None = None,
    ) -> None:
        if not 0 < period_s < math.inf:
            raise ValueError(f"period_s must be above 0, got {period_s}")
        self._seed, self._period_s = seed, period_s
        self._habits = changed(self.preset, habits)
        self._truth = self.want(scale, weights_of(weights, scale.names))
        self._yardstick = Yardstick(self._truth, reference, self._stream("reference"))

    @property
    def name(self) -> str:
        """Name under which its replies are kept."""
        return type(self).__module__.rpartition(".")[2]

    def want(self, scale: Scale, weights: Array) -> Truth:
        """Return what segments are worth to it, given what they are truly worth."""
        return Truth(scale, weights)

    def truth_at(self, number: int) -> tuple[Truth, Yardstick]:
        """Return what it wants at the question with this number."""
        del number
        return self._truth, self._yardstick

    def habits_at(self, number: int) -> Habits:
        """Return how it answers the question with this number."""
        del number
        return self._habits

    def answer(self, question: Question) -> Reply:
        """Return what it says to a question, and after how much time."""
        steps = (len(question.left) + len(question.right)) / 2
        return Reply(
            question,
            self._say(question),
            annotator=self.name,
            seconds=SHOWINGS * steps * self._period_s + THINKING_S,
        )

    def _say(self, question: Question) -> Answer:
        habits = self.habits_at(question.question_id)
        # All numbers are drawn each time, so that no habit shifts what another draws.
        whim, blind, same, choice, slip = self._stream(question.question_id).random(5)
        truth, yardstick = self.truth_at(question.question_id)
        left, right = truth.values([question.left, question.right])
        if max(left, right) < habits.skips_below or whim < habits.skip:
            return Answer.SKIP
        if whim < habits.skip + habits.cant_tell:
            return Answer.CANT_TELL
        if blind < habits.lapse:
            place = int(blind / habits.lapse * len(INFORMATIVE_ANSWERS))
            return INFORMATIVE_ANSWERS[place]
        difference = float(left - right) / yardstick.spread
        if abs(difference) < habits.equal_within and same < habits.equal_share:
            return Answer.EQUAL
        said = Answer.LEFT if choice < _chance(difference, habits) else Answer.RIGHT
        return said.mirrored if slip < habits.mistakes else said

    def _stream(self, *names: str | int) -> np.random.Generator:
        return named_stream(self._seed, "annotator", *names)


def _chance(difference: float, habits: Habits) -> float:
    """Return how probable it is that the left segment is preferred."""
    if math.isinf(habits.sharpness):
        return 0.5 if difference == 0 else float(difference > 0)
    return float(expit(habits.sharpness * difference + habits.side_bias))
