"""Trunks of trees that stand anywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.ranges import Range


@dataclass(frozen=True)
class Trunks:
    """A Poisson forest: places are independent, but trunks do not overlap.

    Attributes:
        density_1_m2: Trunks per square metre.
        radius_m: Least and greatest radius [m].
        height_m: Height of the tops; no drone gets there [m].
    """

    density_1_m2: Range
    radius_m: tuple[float, float] = (0.15, 0.40)
    height_m: float = 9.0

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Add them to a map of level ground, away from its clear discs."""
        east, north = draft.x[0, -1], draft.y[-1, 0]
        count = rng.poisson(self.density_1_m2.at(difficulty) * 4 * east * north)
        places = rng.uniform([-east, -north], [east, north], size=(count, 2))
        radii = rng.uniform(*self.radius_m, size=count)
        free = np.ones(count, np.bool_)
        for x, y, radius in draft.clear:
            free &= np.hypot(places[:, 0] - x, places[:, 1] - y) >= radius + radii
        for i in range(count):
            if free[i]:
                x, y = places[i].tolist()
                draft.posts.append((x, y, float(radii[i]), self.height_m))
                away = np.hypot(places[:, 0] - x, places[:, 1] - y)
                free &= away >= radii[i] + radii
