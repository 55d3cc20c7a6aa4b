"""Dead ends: U-shaped thickets that open towards who comes from the start."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from iml_robot_envs.terrain import Array
from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.ranges import Range

POST_RADIUS_M = 0.25
POST_SPACING_M = 0.55
"""Gaps between the posts are 5 cm: nothing gets through."""


@dataclass(frozen=True)
class Pockets:
    """Pockets on the straight way from start to goal.

    Attributes:
        share: How many maps have any.
        most: Number of pockets on a map that has them, spread along the way.
        width_m: Inner width, least and greatest [m].
        depth_m: Inner depth [m].
        tilt_rad: Greatest turn of a pocket out of the way's direction [rad].
        room_m: Ground around a pocket that stays free, to get past [m].
        height_m: Height of the tops [m].
    """

    share: Range
    most: int = 1
    width_m: tuple[float, float] = (4.0, 7.0)
    depth_m: tuple[float, float] = (2.0, 3.5)
    tilt_rad: float = 0.3
    room_m: float = 1.2
    height_m: float = 9.0

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Add them to a map of level ground, before anything else that stands there."""
        if rng.uniform() >= self.share.at(difficulty):
            return
        way = draft.goal - draft.start[:2]
        parts = np.linspace(0.25, 0.8, self.most + 1)
        for first, last in itertools.pairwise(parts.tolist()):
            width, depth = rng.uniform(*self.width_m), rng.uniform(*self.depth_m)
            along = rng.uniform(first, last - 0.08 * (self.most > 1))
            middle = draft.start[:2] + along * way
            middle += rng.uniform(-0.25, 0.25) * width * np.array([0.0, 1.0])
            angle = np.arctan2(way[1], way[0]) + rng.uniform(-1, 1) * self.tilt_rad
            for x, y in self._outline(middle, angle, width, depth).tolist():
                draft.posts.append((x, y, POST_RADIUS_M, self.height_m))
            reach = np.hypot(width / 2, depth / 2) + POST_RADIUS_M + self.room_m
            draft.clear.append((float(middle[0]), float(middle[1]), float(reach)))

    @staticmethod
    def _outline(middle: Array, angle: float, width: float, depth: float) -> Array:
        """Return where the posts stand, shape (n, 2): two sides and the back."""
        half = width / 2 + POST_RADIUS_M
        back = depth / 2 + POST_RADIUS_M
        corners = np.array([[-back, -half], [back, -half], [back, half], [-back, half]])
        points = [corners[:1]]
        for a, b in itertools.pairwise(corners):
            steps = int(np.ceil(np.linalg.norm(b - a) / POST_SPACING_M))
            points.append(a + (b - a) * np.arange(1, steps + 1)[:, None] / steps)
        x, y = np.concatenate(points).T
        cos, sin = np.cos(angle), np.sin(angle)
        turned = np.stack([cos * x - sin * y, sin * x + cos * y], axis=1)
        return np.asarray(middle + turned)
