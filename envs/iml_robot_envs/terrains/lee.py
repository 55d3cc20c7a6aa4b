"""Shelter that ends: calm stretches of a map and windy ones in turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot_envs.terrains.draft import Draft


@dataclass(frozen=True)
class Lee:
    """Bands across the way; the start lies in a calm one.

    Attributes:
        band_m: Least and greatest length of a band [m].
        edge_m: Way on which the wind sets in or dies down [m].
    """

    band_m: tuple[float, float] = (8.0, 16.0)
    edge_m: float = 2.0

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Shelter some of a map from its wind."""
        del difficulty
        x = draft.x[0]
        place, exposure = float(x[0]) + 5.0, np.zeros(len(x))
        sign = 1.0
        while place < x[-1]:
            place += rng.uniform(*self.band_m)
            exposure += sign * ((x - place) / self.edge_m + 0.5).clip(0, 1)
            sign = -sign
        draft.exposure = np.broadcast_to(exposure, draft.heights.shape).copy()
