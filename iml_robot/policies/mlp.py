"""An ensemble of plain networks for any environment with a flat observation."""

from __future__ import annotations

import torch
from torch import Tensor

from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.network import EnsembleNetwork, MemberLinear, Spaces


@POLICIES.register("mlp")
class MlpNetwork(EnsembleNetwork):
    """Two hidden layers from the normalised observation to the action.

    Args:
        spaces: Sizes of observation and action.
        seed: Seed of the initial weights.
        members: Number of members of the ensemble.
        hidden: Units in each hidden layer.
    """

    mean: Tensor
    scale: Tensor

    def __init__(
        self, spaces: Spaces, seed: int, *, members: int = 5, hidden: int = 64
    ) -> None:
        super().__init__(spaces, members=members)
        generator = torch.Generator().manual_seed(seed)
        size = spaces.observation_size
        self.first = MemberLinear(members, size, hidden, generator)
        self.second = MemberLinear(members, hidden, hidden, generator)
        self.last = MemberLinear(members, hidden, spaces.action_size, generator, gain=0.1)
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))

    @property
    def normaliser_fitted(self) -> bool:
        """False while mean and scale are those of an untrained network."""
        return bool(self.mean.any() or (self.scale != 1).any())

    def fit_normaliser(self, observations: Tensor) -> None:
        """Set mean and scale of the inputs from data, shape (N, observation_size)."""
        self.mean.copy_(observations.mean(0))
        self.scale.copy_(observations.std(0, correction=0).clamp(min=0.05))

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions (B, action_size) and disagreement (B,); see the base class."""
        actions = self._actions(observations)
        return actions.mean(0), actions.std(0, correction=0).mean(-1)

    def loss(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return the squared error summed over the action's components, (M, B)."""
        return (self._actions(observations) - actions).pow(2).sum(-1)

    def features(self, observations: Tensor) -> Tensor:
        """Return the normalised observation."""
        return ((observations - self.mean) / self.scale).clamp(-5, 5)

    def _actions(self, observations: Tensor) -> Tensor:
        """Return each member's actions, shape (M, B, action_size)."""
        # Far outside the data a plain network may say anything; clipping bounds that.
        inputs = self.features(observations)
        hidden = torch.tanh(self.first(inputs.expand(self.members, -1, -1)))
        return torch.tanh(self.last(torch.tanh(self.second(hidden))))
