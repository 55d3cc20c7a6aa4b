"""The trajectory policy for hills: what counts is how steep the ground is."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from iml_robot.policies import POLICIES
from iml_robot.policies.candidates.paths import widened
from iml_robot.policies.trajectory import TrajectoryNetwork

STEEPNESS_SCALE = 2.0
"""Makes a slope of 27 degrees a feature of 1."""
NEAREST_M = 1.0
"""Grades are not measured over a shorter distance [m]."""


@POLICIES.register("slope_trajectory")
class SlopeTrajectoryNetwork(TrajectoryNetwork):
    """Scores paths by slopes under them; where rocks do not matter but hills do.

    Takes the arguments of the trajectory policy. Of each cell it sees the slope there,
    the steepest slope next to it, and how steeply a straight way there climbs and falls.
    """

    relief_features = 4

    def _relief(self, observations: Tensor) -> Tensor:
        """Return slopes at and near each used cell, and grades to it, (4, B, cells)."""
        rows, columns = self._scan_shape
        start = self._scan_start
        heights = observations[:, start : start + rows * columns]
        grid = heights.reshape(-1, 1, rows, columns)
        padded = functional.pad(grid, (1, 1, 1, 1), mode="replicate")
        spacing = 2 * self._point_m
        along = (padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]) / spacing
        across = (padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]) / spacing
        slope = STEEPNESS_SCALE * torch.sqrt(along**2 + across**2 + 1e-6)
        steepest = widened(slope)
        slopes = torch.cat([slope, steepest], dim=1).flatten(2)[..., self.used_cells]
        grade = heights[:, self.used_cells] / self.cell_distances.clamp(min=NEAREST_M)
        grades = STEEPNESS_SCALE * torch.stack([grade, -grade], dim=1).clamp(min=0)
        features: Tensor = torch.cat([slopes, grades], dim=1).transpose(0, 1)
        return features
