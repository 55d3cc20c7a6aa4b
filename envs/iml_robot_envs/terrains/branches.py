"""Branches that reach out from trunks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.ranges import Range


@dataclass(frozen=True)
class Branches:
    """Level branches on some of the trunks.

    Attributes:
        share: How many trunks have one.
        length_m: Least and greatest length from the axis of the trunk [m].
        height_m: Least and greatest height [m].
        radius_m: Least and greatest radius [m].
    """

    share: Range
    length_m: tuple[float, float] = (1.0, 2.0)
    height_m: tuple[float, float] = (1.0, 3.0)
    radius_m: tuple[float, float] = (0.06, 0.12)

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Add them to the posts of a map, none into its clear discs."""
        for x, y, *_ in list(draft.posts):
            if rng.uniform() >= self.share.at(difficulty):
                continue
            length, angle = rng.uniform(*self.length_m), rng.uniform(0, 2 * np.pi)
            height = float(rng.uniform(*self.height_m))
            tip_x = float(x + length * np.cos(angle))
            tip_y = float(y + length * np.sin(angle))
            if draft.is_clear_of(tip_x, tip_y, 0.1):
                radius = float(rng.uniform(*self.radius_m))
                draft.beams.append((x, y, height, tip_x, tip_y, height, radius))
