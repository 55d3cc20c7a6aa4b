"""Bridges of rock across a valley, to fly under or over."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.ranges import Range


@dataclass(frozen=True)
class Arches:
    """Level beams from wall to wall, along the map's y axis or nearly so.

    Attributes:
        count: Expected number of arches.
        low_m: Least and greatest height of the axis above the floor, of those to fly over
            [m].
        high_m: Of those to fly under.
        radius_m: Least and greatest radius [m].
        apart_m: Least way along x between two of them, and to start and goal [m].
        tilt_rad: Greatest turn away from the y axis [rad].
    """

    count: Range
    low_m: tuple[float, float] = (1.2, 1.8)
    high_m: tuple[float, float] = (2.7, 3.3)
    radius_m: tuple[float, float] = (0.35, 0.55)
    apart_m: float = 7.0
    tilt_rad: float = 0.3

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Add them to a map with walls; where these are, they hide the beams' ends."""
        first, last = draft.start[0] + self.apart_m, draft.goal[0] - self.apart_m
        places: list[float] = []
        for _ in range(rng.poisson(self.count.at(difficulty))):
            x = float(rng.uniform(first, last))
            if all(abs(x - other) >= self.apart_m for other in places):
                places.append(x)
        north = float(draft.y[-1, 0])
        for x in places:
            lean = np.tan(rng.uniform(-1, 1) * self.tilt_rad) * north
            height = rng.uniform(*(self.low_m, self.high_m)[int(rng.integers(2))])
            radius = rng.uniform(*self.radius_m)
            ends = (x - lean, -north, height, x + lean, north, height)
            draft.beams.append((*map(float, ends), float(radius)))
