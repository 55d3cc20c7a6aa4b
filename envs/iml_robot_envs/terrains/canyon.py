"""A canyon that winds from start to goal."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from iml_robot_envs.terrain import Array
from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.noise import smooth_noise
from iml_robot_envs.terrains.ranges import Range

SHOULDER_M = 7.0
"""How far beyond its foot a wall is looked at; it has reached its height long before."""


@dataclass(frozen=True)
class Canyon:
    """Straight legs, to the left and to the right of the way to the goal in turn.

    The legs begin at the start of the map, which must lie at its western edge, and the
    last one ends at the goal, which is moved there.

    Attributes:
        width_m: Narrowest floor of a leg [m].
        wider_m: What the widest has more [m].
        turn_deg: Greatest angle between a leg and the map's x axis [degrees]; a bend
            between two legs is up to twice as much.
        leg_m: Least and greatest length of a leg [m].
        wall_deg: Slope of the walls [degrees].
        wall_m: Height of the walls [m].
        roughness_m: Standard deviation of the ground [m].
    """

    width_m: Range
    turn_deg: Range
    wider_m: float = 3.0
    leg_m: tuple[float, float] = (10.0, 16.0)
    wall_deg: float = 65.0
    wall_m: float = 9.0
    roughness_m: float = 0.08

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Raise the walls of a map and put its goal where the canyon ends."""
        corners = self._corners(draft, difficulty, rng)
        width = self.width_m.at(difficulty)
        beyond = np.full(draft.heights.shape, SHOULDER_M)
        for a, b in itertools.pairwise(corners):
            _lower(beyond, draft, (a, b), (width + rng.uniform(0, self.wider_m)) / 2)
        wall = np.tan(np.radians(self.wall_deg)) * np.maximum(beyond, 0)
        rough = smooth_noise(rng, draft.heights.shape, spacing=2.0 / draft.cell_m)
        draft.heights += np.minimum(wall, self.wall_m)
        draft.heights += self.roughness_m * rough.clip(-3, 3)
        draft.goal = corners[-1]
        draft.start[2] = np.arctan2(*(corners[1] - corners[0])[::-1])

    def _corners(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> Array:
        """Return the ends of the legs, shape (n, 2)."""
        most = np.radians(self.turn_deg.at(difficulty))
        north = draft.y[-1, 0] - self.width_m.easy / 2 - self.wider_m / 2 - 1.5
        corners = [draft.start[:2].copy()]
        side = rng.choice([-1.0, 1.0])
        while corners[-1][0] < draft.goal[0]:
            length = rng.uniform(*self.leg_m)
            turn = side * most * rng.uniform(0.6, 1.0)
            step = length * np.array([np.cos(turn), np.sin(turn)])
            x, y = corners[-1]
            if abs(y + step[1]) > north:
                step[1] = np.copysign(
                    max(north - np.copysign(y, y * step[1]), 0.0), step[1]
                )
            if x + step[0] > draft.goal[0] - 2.0:
                step *= (draft.goal[0] - x) / step[0]
            corners.append(corners[-1] + step)
            side = -side
        return np.array(corners)


def _lower(beyond: Array, draft: Draft, leg: tuple[Array, Array], half_m: float) -> None:
    """Lower the distance of each sample to the floor by that to one leg's [m]."""
    reach = half_m + SHOULDER_M
    low = np.minimum(*leg) - reach
    high = np.maximum(*leg) + reach
    columns = slice(*np.searchsorted(draft.x[0], [low[0], high[0]]).tolist())
    rows = slice(*np.searchsorted(draft.y[:, 0], [low[1], high[1]]).tolist())
    along = leg[1] - leg[0]
    x, y = draft.x[0, columns] - leg[0][0], (draft.y[rows, 0] - leg[0][1])[:, None]
    share = ((along[0] * x + along[1] * y) / (along[0] ** 2 + along[1] ** 2)).clip(0, 1)
    x, y = x - share * along[0], y - share * along[1]
    part = beyond[rows, columns]
    np.minimum(part, np.sqrt(x * x + y * y) - half_m, out=part)
