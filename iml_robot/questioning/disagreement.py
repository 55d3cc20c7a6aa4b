"""Asks where samples of the weights disagree about which segment is better."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from iml_robot.questioning import QUESTIONERS
from iml_robot.questioning.choice.planned import Candidates, PlannedQuestioner
from iml_robot.rewards.arrays import Array
from iml_robot.rewards.noise import Noise


@QUESTIONERS.register("disagreement")
class Disagreement(PlannedQuestioner):
    """Chooses by the variance of the predicted preference.

    The options are those of `PlannedQuestioner`.

    Source: Christiano et al. (2017), "Deep reinforcement learning from human preferences",
    where an ensemble of networks disagrees.
    """

    def scores(self, candidates: Candidates, noise: Noise) -> Array:
        """Return the variance of the probability that left is better, shape (n,)."""
        return np.asarray(expit(noise.sharpness * candidates.rewards).var(axis=1))
