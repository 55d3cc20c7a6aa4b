"""Networks that see every part of the observation on the same scale."""

from __future__ import annotations

import torch
from torch import Tensor

from iml_robot.policies.ensemble.network import EnsembleNetwork, Spaces

LEAST_SCALE = 0.05
"""What hardly changed in the data must not become large when it does."""
LARGEST_INPUT = 5.0
"""Far outside the data a plain network may say anything; clipping bounds that."""


class NormalisedNetwork(EnsembleNetwork):
    """Keeps mean and scale of its inputs, which the first data sets.

    Args:
        spaces: Sizes of observation and action.
        members: Number of members of the ensemble.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, spaces: Spaces, *, members: int) -> None:
        super().__init__(spaces, members=members)
        self.register_buffer("mean", torch.zeros(spaces.observation_size))
        self.register_buffer("scale", torch.ones(spaces.observation_size))

    @property
    def normaliser_fitted(self) -> bool:
        """False while mean and scale are those of an untrained network."""
        return bool(self.mean.any() or (self.scale != 1).any())

    def fit_normaliser(self, observations: Tensor) -> None:
        """Set mean and scale of the inputs from data, shape (N, observation_size)."""
        self.mean.copy_(observations.mean(0))
        self.scale.copy_(observations.std(0, correction=0).clamp(min=LEAST_SCALE))

    def normalised(self, observations: Tensor) -> Tensor:
        """Return what the network is shown, of the same shape."""
        scaled: Tensor = (observations - self.mean) / self.scale
        return scaled.clamp(-LARGEST_INPUT, LARGEST_INPUT)
