"""Rolling hills as steep as they are told to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot_envs.terrain import Array
from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.noise import smooth_noise
from iml_robot_envs.terrains.ranges import Range


@dataclass(frozen=True)
class Hills:
    """Smooth hills of two sizes.

    Attributes:
        slope_deg: Slope that 95 % of the ground does not exceed [degrees].
        length_m: Size of the larger hills: half from top to bottom, about [m].
        roughness: Height of the hills of half that size over that of the larger ones.
    """

    slope_deg: Range
    length_m: Range
    roughness: Range

    def add(self, draft: Draft, difficulty: float, rng: np.random.Generator) -> None:
        """Raise the ground of a map."""
        spacing = self.length_m.at(difficulty) / draft.cell_m
        shape = draft.heights.shape
        hills = smooth_noise(rng, shape, spacing=spacing)
        hills += self.roughness.at(difficulty) * smooth_noise(
            rng, shape, spacing=spacing / 2
        )
        # A quarter of the samples tells the same in a quarter of the time.
        steepest = np.percentile(slopes(hills[::2, ::2], 2 * draft.cell_m), 95)
        draft.heights += hills * (
            np.tan(np.radians(self.slope_deg.at(difficulty))) / steepest
        )


def slopes(heights: Array, cell_m: float) -> Array:
    """Return the slope of each sample in its steepest direction, as rise over run."""
    along_y, along_x = np.gradient(heights, cell_m)
    along_x *= along_x
    along_y *= along_y
    along_x += along_y
    return np.asarray(np.sqrt(along_x))
