"""The policy for hills: chains of arcs, weighed by how steeply the ground rises."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from iml_robot.policies import POLICIES
from iml_robot.policies.chains.geometry import Arc
from iml_robot.policies.chains.network import ChainNetwork
from iml_robot.policies.chains.terms import last_batch

HARD_FROM, HARD_UNIT = 0.05, 0.15
"""Rise over run from which a colour may be harder to climb; a unit of it counts once."""
CLIMBS = ((0.0, 0.2), (0.16, 0.12), (0.26, 0.1))
"""The same for ground of any colour: a climb, a steep one, and a wall."""
MOST = 2.0


@POLICIES.register("hill_paths")
class HillPaths(ChainNetwork):
    """Weighs paths over hills by climbs, and by colours on the flat and on climbs.

    A climb is how much the ground rises in the direction in which a path goes, so that a
    slope costs nothing to whom it leads down or along. Takes the arguments of its base.
    """

    arcs = (
        Arc([b / 1.5 for b in (-1.4, -1.0, -0.7, -0.45, -0.25, -0.1, 0.0)]
            + [b / 1.5 for b in (0.1, 0.25, 0.45, 0.7, 1.0, 1.4)], 4),
        Arc([b / 1.5 for b in (-0.5, -0.25, 0.0, 0.25, 0.5)], 6),
        Arc([b / 1.5 for b in (-0.25, 0.0, 0.25)], 8),
    )  # fmt: skip
    point_m = 0.5
    ground_terms = ("climb", "steep", "wall")
    hardness_terms = 1
    edge_cells = 2
    colour_unit = 20.0
    new_colours = 4.0
    arrived_m = 1.0

    def _ground(self, heights: Tensor) -> tuple[Tensor, Tensor]:
        """Return climbs (3, U, B) and how hard colours may be to climb (1, U, B)."""
        padded = functional.pad(heights[:, None], (1, 1, 1, 1), mode="replicate")
        ahead = padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
        left = padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]
        rises = last_batch(torch.cat([ahead, left], 1))
        ahead, left = rises.index_select(1, self.cells_of_points).unbind()
        rise = ahead * self.point_cos[:, None] + left * self.point_sin[:, None]
        rise = rise / (2 * self._grid.cell_m)
        climbs = [((rise - least) / unit).clamp(0.0, MOST) for least, unit in CLIMBS]
        hard = ((rise - HARD_FROM) / HARD_UNIT).clamp(0.0, MOST)
        return torch.stack(climbs), hard[None]
