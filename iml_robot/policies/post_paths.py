"""The policy for ground with posts: chains of arcs, weighed by how near they pass."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from iml_robot.policies import POLICIES
from iml_robot.policies.candidates.paths import widened
from iml_robot.policies.chains.geometry import Arc
from iml_robot.policies.chains.network import ChainNetwork
from iml_robot.policies.chains.terms import length

POST_RISE_M = 0.18
"""Rise within a cell that is a post and no camber."""
POSTS = 24
"""So many of the nearest posts count."""
CLOSE_M, TOUCHING_M = 1.05, 0.74
"""From the robot's middle to the axis of a post: close to it, and nearly touching [m]."""
CLOSE_WIDTH_M, TOUCHING_WIDTH_M = 0.35, 0.08
"""Within so much less the term grows from 0 to 1."""
FAR_M = 99.0
"""Where posts stand that are not there [m]."""


@POLICIES.register("post_paths")
class PostPaths(ChainNetwork):
    """Weighs paths between posts by their distance from the posts' axes, and by colours.

    Axes are found more finely than the cells of the scan, which lie farther apart than
    the room that a path between two posts leaves. Takes the arguments of its base.
    """

    arcs = (
        Arc(np.linspace(-1.0, 1.0, 15).tolist(), 4),
        Arc(np.linspace(-1.0, 1.0, 7).tolist(), 5),
    )
    point_m = 0.3
    ground_terms = ("close", "touching")
    edge_cells = 4
    colour_unit = 40.0
    arrived_m = 0.8
    smooth = True

    def _ground(self, heights: Tensor) -> tuple[Tensor, Tensor]:
        """Return how close points are to posts and whether they touch them, (2, U, B)."""
        x, y = self._axes(heights)
        points = torch.stack([self.point_x, self.point_y], 1)
        axes = torch.stack([x.T.flatten(), y.T.flatten()])
        # All distances at once: squares of sums, multiplied out.
        squares = (axes**2).sum(0) - 2 * points @ axes
        nearest = squares.view(len(points), POSTS, -1).amin(1)
        room = ((points**2).sum(1, keepdim=True) + nearest).clamp(min=0).sqrt()
        close = ((CLOSE_M - room) / CLOSE_WIDTH_M).clamp(0, 1)
        touching = ((TOUCHING_M - room) / TOUCHING_WIDTH_M).clamp(0, 1)
        return torch.stack([close, touching]), room[None][:0]

    def _axes(self, heights: Tensor) -> tuple[Tensor, Tensor]:
        """Return forward and left of the nearest posts' axes [m], each (B, posts)."""
        rows, columns = self._grid.shape
        rise = heights + widened(-heights)
        peaks = (rise > POST_RISE_M) & (rise >= widened(rise))
        padded = functional.pad(rise, (1, 1, 1, 1))
        bands = [padded[:, i : i + rows] for i in range(3)]
        ahead, across = bands[2] - bands[0], bands[0] + bands[1] + bands[2]
        left = across[..., 2:] - across[..., :columns]
        ahead, total = (
            band[..., :columns] + band[..., 1:-1] + band[..., 2:]
            for band in (ahead, across)
        )
        total = total.clamp(min=1e-6)
        x = (self.cell_x[:, None] + self._grid.cell_m * ahead / total).flatten(1)
        y = (self.cell_y + self._grid.cell_m * left / total).flatten(1)
        nearness = torch.where(peaks.flatten(1), FAR_M - length(x, y), 0.0)
        found, which = nearness.topk(POSTS, -1)
        axes = (torch.where(found > 0, v.gather(1, which), FAR_M) for v in (x, y))
        x, y = axes
        return x, y
