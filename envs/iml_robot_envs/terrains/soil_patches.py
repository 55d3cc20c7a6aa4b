"""Soils: the usual ground all over a map, and patches of another one on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot_envs.soils import DIRT
from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.noise import smooth_noise
from iml_robot_envs.terrains.ranges import Range


@dataclass(frozen=True)
class SoilPatches:
    """Patches of a soil, round about the noise's hills.

    Attributes:
        share: Share of the map that they cover, clear discs not counted.
        soil: Index into `SOILS`.
        length_m: Size of the patches, about [m].
        on: Only where this soil was before; None for everywhere.
        friction: Coefficient of friction, drawn for a map between these two numbers;
            None for the table's.
    """

    share: Range
    soil: int
    length_m: Range
    on: int | None = None
    friction: tuple[float, float] | None = None

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Paint the patches, and only them; a bare map is dirt first."""
        if draft.soils is None:
            draft.paint(np.ones(draft.heights.shape, np.bool_), DIRT)
        assert draft.soils is not None
        spacing = self.length_m.at(difficulty) / draft.cell_m
        noise = smooth_noise(rng, draft.heights.shape, spacing=spacing)
        share = self.share.at(difficulty)
        if self.friction is not None:
            draft.grip[self.soil] = rng.uniform(*self.friction)
        if share <= 0:
            return
        where = noise > np.quantile(noise[::2, ::2], 1.0 - share)
        where &= ~draft.keep_clear()
        if self.on is not None:
            where &= draft.soils == self.on
        draft.paint(where, self.soil)
