"""Frozen puddles: patches of ice with dry ground all round each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot_envs.soils import DIRT, ICE
from iml_robot_envs.terrain import Array
from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.noise import smooth_noise
from iml_robot_envs.terrains.ranges import Range

PARTS = 2
"""A puddle is so many discs in a row that overlap, with a wavy edge."""
NEXT = 0.8
"""Distance of neighbouring discs over their radius."""
WAVE_M = 0.15
"""Standard deviation of the edge about a circle [m]."""
WAVE_LENGTH_M = 1.0


@dataclass(frozen=True)
class IcePatches:
    """Paints the whole map: dirt, and patches of ice on it that can be driven round.

    Attributes:
        patches: Most patches on a map; fewer where there is no more room.
        radius_m: Half the width of a patch at least and at most, at difficulty 0 and 1.
        gap_m: Dry ground between two patches at least, but for their wavy edges [m].
        grip: Least and greatest coefficient of friction of the ice of a map.
        tries: Places that are tried.
    """

    patches: Range
    radius_m: tuple[Range, Range]
    gap_m: Range
    grip: tuple[float, float]
    tries: int = 250

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Paint a map; the discs that must stay clear are dry."""
        draft.paint(np.ones(draft.heights.shape, np.bool_), DIRT)
        draft.grip[ICE] = rng.uniform(*self.grip)
        wave = smooth_noise(rng, draft.heights.shape, spacing=WAVE_LENGTH_M / draft.cell_m)
        discs, radii = self._tried(draft, difficulty, rng)
        free = np.ones(self.tries, np.bool_)
        for x, y, radius in draft.clear:
            away = np.hypot(discs[..., 0] - x, discs[..., 1] - y).min(axis=1)
            free &= away >= radius + radii
        waiting = np.flatnonzero(free)
        inside = np.full(draft.heights.shape, -9.0)
        gap = self.gap_m.at(difficulty)
        for _ in range(round(self.patches.at(difficulty))):
            if not len(waiting):
                break
            taken, waiting = waiting[0], waiting[1:]
            radius = float(radii[taken])
            for x, y in discs[taken].tolist():
                _dip(draft, inside, x, y, radius=radius)
            away = discs[waiting][:, :, None] - discs[taken]
            away *= away
            room = (radii[waiting] + radius + gap)[:, None, None]
            near = away[..., 0] + away[..., 1] < room * room
            waiting = waiting[~near.any(axis=(1, 2))]
        draft.paint((inside + WAVE_M * wave > 0) & ~draft.keep_clear(), ICE)

    def _tried(
        self, draft: Draft, difficulty: float, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        """Return the discs of patches, (tries, PARTS, 2), and their radii, (tries,)."""
        low, high = (radius.at(difficulty) for radius in self.radius_m)
        half = [draft.x[0, -1], draft.y[-1, 0]]
        middles = rng.uniform(np.negative(half), half, size=(self.tries, 2))
        radii = rng.uniform(low, high, size=self.tries)
        angle = rng.uniform(0.0, np.pi, size=self.tries)
        along = NEXT * (np.arange(PARTS) - (PARTS - 1) / 2) * radii[:, None]
        way = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        return middles[:, None] + along[..., None] * way[:, None], radii


def _dip(draft: Draft, inside: Array, x: float, y: float, *, radius: float) -> None:
    """Raise to at least the depth within a disc, (rows, columns), negative outside."""
    reach = int((radius + 4 * WAVE_M) / draft.cell_m) + 2
    column = round((x - draft.x[0, 0]) / draft.cell_m)
    row = round((y - draft.y[0, 0]) / draft.cell_m)
    rows = slice(max(row - reach, 0), max(row + reach + 1, 0))
    columns = slice(max(column - reach, 0), max(column + reach + 1, 0))
    away = np.hypot(draft.x[rows, columns] - x, draft.y[rows, columns] - y)
    np.maximum(inside[rows, columns], radius - away, out=inside[rows, columns])
