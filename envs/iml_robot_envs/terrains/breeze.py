"""Wind over a map, from anywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot_envs.terrain import Wind
from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.ranges import Range


@dataclass(frozen=True)
class Breeze:
    """A mean wind of any direction with gusts.

    Attributes:
        mean_m_s: Greatest mean speed [m/s].
        gust_m_s: Standard deviation of the gusts along each horizontal axis [m/s].
        downdraft_m_s: Greatest downward velocity [m/s].
        steadiness: Least mean speed as a share of the greatest.
    """

    mean_m_s: Range
    gust_m_s: Range
    downdraft_m_s: Range
    steadiness: float = 0.7

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Let it blow."""
        direction = rng.uniform(0, 2 * np.pi)
        speed = self.mean_m_s.at(difficulty) * rng.uniform(self.steadiness, 1.0)
        draft.wind = Wind(
            mean=(float(speed * np.cos(direction)), float(speed * np.sin(direction))),
            gust_m_s=self.gust_m_s.at(difficulty),
            downdraft_m_s=self.downdraft_m_s.at(difficulty) * float(rng.uniform(0.5, 1.0)),
        )
