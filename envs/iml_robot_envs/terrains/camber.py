"""Ground that leans to one side, with long low waves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.ranges import Range


@dataclass(frozen=True)
class Camber:
    """Leans the whole map, mostly across the way from west to east.

    Attributes:
        slope_deg: Mean slope [deg].
        across_deg: How far the direction of the slope is from north or south at most
            [deg].
        wave_m: Amplitude of the waves [m].
        wave_length_m: Shortest and longest wave [m].
    """

    slope_deg: Range
    across_deg: float = 30.0
    wave_m: float = 0.02
    wave_length_m: tuple[float, float] = (9.0, 14.0)

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Add it to a map; the middle of the map keeps its height but for the waves."""
        off = np.radians(rng.uniform(-self.across_deg, self.across_deg))
        side = rng.choice([-1.0, 1.0])
        rise = side * np.tan(np.radians(self.slope_deg.at(difficulty)))
        draft.heights += rise * (np.sin(off) * draft.x + np.cos(off) * draft.y)
        lengths = rng.uniform(*self.wave_length_m, size=2)
        phases = rng.uniform(0.0, 2 * np.pi, size=2)
        along = np.sin(2 * np.pi * draft.x / lengths[0] + phases[0])
        across = np.sin(2 * np.pi * draft.y / lengths[1] + phases[1])
        draft.heights += self.wave_m * along * across
