"""Asks what is expected to tell most about the weights per second of a person's time."""

from __future__ import annotations

from typing import Any

import numpy as np

from iml_robot.core.feedback import Answer
from iml_robot.questioning import QUESTIONERS
from iml_robot.questioning.choice.answerable import answerable, signs_of
from iml_robot.questioning.choice.gain import answer_chances, information
from iml_robot.questioning.choice.planned import Candidates, PlannedQuestioner
from iml_robot.rewards.arrays import Array, dots
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.scale import FeatureScale


@QUESTIONERS.register("information")
class Information(PlannedQuestioner):
    """Chooses by mutual information of answer and weights.

    A question counts by its information times the chance that it can be answered, by the
    time that it takes. Where an annotator answers blindly too often, pairs are random.
    Nothing is asked once no question tells enough.

    Args:
        scale: Scale of the reward features.
        least_bits: Information that the best question must promise [bit].
        **usual: Options of `PlannedQuestioner`.

    Raises:
        ValueError: If a value is out of range.
    """

    def __init__(
        self, scale: FeatureScale, *, least_bits: float = 0.02, **usual: Any
    ) -> None:
        super().__init__(scale, **usual)
        self._least_bits = least_bits

    def scores(self, candidates: Candidates, noise: Noise) -> Array | None:
        """Return the expected information per second [bit/s], shape (n,)."""
        bits = information(answer_chances(candidates.rewards, noise))
        if bits.max() < self._least_bits:
            return None
        return np.asarray(bits * self._answerable(candidates) / candidates.seconds)

    def _answerable(self, candidates: Candidates) -> Array:
        """Return how likely the annotator can tell, shape (n,)."""
        means = candidates.rewards.mean(axis=1)
        signs = signs_of(candidates.differences, means)
        replies, differences = self.asked()
        # Whoever skipped a question has not said whether it could be answered.
        kept = [reply.answer is not Answer.SKIP for reply in replies]
        told = np.array([float(reply.answer.informative) for reply in replies])
        before = signs_of(differences, dots(differences, candidates.weights[None])[:, 0])
        return answerable(signs, told[kept], before[kept])
