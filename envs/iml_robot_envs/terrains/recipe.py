"""How a level of a task makes its maps: what is on them, how hard, and the test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from iml_robot_envs.terrain import Terrain
from iml_robot_envs.terrains.draft import Draft, SubTerrain

Ingredient = tuple[SubTerrain, float]
"""A sub-terrain and its difficulty from 0 to 1."""


@dataclass(frozen=True)
class Recipe:
    """Draws the maps of one level; a `Field`.

    Attributes:
        width_m: Length of the maps along x [m].
        depth_m: Length along y [m].
        cell_m: Distance of neighbouring samples [m].
        place: Sets start, goal and clear discs (`Draft.place`) before anything is added.
        ingredients: What is added, in this order.
        is_solvable: Whether a map can be crossed; those that cannot are drawn again.
        most_draws: After so many draws in vain something is wrong with the recipe.
    """

    width_m: float
    depth_m: float
    cell_m: float
    place: Callable[[Draft, np.random.Generator], None]
    ingredients: tuple[Ingredient, ...]
    is_solvable: Callable[[Terrain], bool]
    most_draws: int = 50

    def build(self, rng: np.random.Generator) -> Terrain:
        """Return a new map that can be crossed.

        Raises:
            RuntimeError: If none of `most_draws` maps can be.
        """
        return self.build_counted(rng)[0]

    def build_counted(self, rng: np.random.Generator) -> tuple[Terrain, int]:
        """Return a new map, and how many draws it took: the acceptance rate.

        Raises:
            RuntimeError: If none of `most_draws` maps can be crossed.
        """
        for draws in range(1, self.most_draws + 1):
            terrain = self.draw(rng)
            if self.is_solvable(terrain):
                return terrain, draws
        raise RuntimeError(
            f"no map that can be crossed in {self.most_draws} draws of {self}; "
            "make the recipe easier"
        )

    def draw(self, rng: np.random.Generator) -> Terrain:
        """Return a new map that has not been tested."""
        draft = Draft(width_m=self.width_m, depth_m=self.depth_m, cell_m=self.cell_m)
        self.place(draft, rng)
        for sub_terrain, difficulty in self.ingredients:
            sub_terrain.add(draft, difficulty, rng)
        return draft.finish()
