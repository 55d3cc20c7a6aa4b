"""Asks about random pairs, without looking at what is known."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from iml_robot.questioning import QUESTIONERS
from iml_robot.questioning.choice.planned import Candidates, PlannedQuestioner
from iml_robot.rewards.arrays import Array
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.scale import FeatureScale

CANDIDATES = 50
"""One of so many pairs is asked about; not all of them fit."""


@QUESTIONERS.register("random")
class Random(PlannedQuestioner):
    """What every other way of choosing is compared with.

    Args:
        scale: Scale of the reward features.
        seed: Seed of all that is random.
        period_s: Control period [s].
        mirrored: Share of repeats with sides swapped.

    Raises:
        ValueError: If a value is out of range.
    """

    blindly: ClassVar[bool] = True

    def __init__(
        self,
        scale: FeatureScale,
        *,
        seed: int = 0,
        period_s: float = 0.05,
        mirrored: float = 0.0,
    ) -> None:
        super().__init__(
            scale,
            seed=seed,
            period_s=period_s,
            candidates=CANDIDATES,
            random=0.0,
            mirrored=mirrored,
            gold=0.0,
        )

    def scores(self, candidates: Candidates, noise: Noise) -> Array:
        """Return that all are as good, shape (n,)."""
        del noise
        return np.zeros(len(candidates.pairs))
