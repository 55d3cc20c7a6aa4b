"""Asks where samples of the weights disagree about which segment is better."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from iml_robot.questioning import QUESTIONERS
from iml_robot.questioning.choice.planned import Candidates, PlannedQuestioner, Shares
from iml_robot.rewards.arrays import Array
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.scale import FeatureScale


@QUESTIONERS.register("disagreement")
class Disagreement(PlannedQuestioner):
    """Chooses by the variance of the predicted preference.

    Args:
        scale: Scale of the reward features.
        seed: Seed of all that is random.
        period_s: Control period [s].
        candidates: How many pairs to choose from.
        random: Share of random pairs.
        mirrored: Share of repeats with sides swapped.
        gold: Share of very clear pairs.

    Raises:
        ValueError: If a value is out of range.

    Source: Christiano et al. (2017), "Deep reinforcement learning from human preferences",
    where an ensemble of networks disagrees.
    """

    def __init__(
        self,
        scale: FeatureScale,
        *,
        seed: int = 0,
        period_s: float = 0.05,
        candidates: int = 300,
        random: float = 0.2,
        mirrored: float = 0.1,
        gold: float = 0.05,
    ) -> None:
        super().__init__(
            scale,
            shares=Shares(random, mirrored, gold),
            seed=seed,
            period_s=period_s,
            candidates=candidates,
        )

    def scores(self, candidates: Candidates, noise: Noise) -> Array:
        """Return the variance of the probability that left is better, shape (n,)."""
        return np.asarray(expit(noise.sharpness * candidates.rewards).var(axis=1))
