"""An ensemble of plain networks for any environment with a flat observation."""

from __future__ import annotations

import torch
from torch import Tensor

from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.network import MemberLinear, Spaces
from iml_robot.policies.ensemble.normalised import NormalisedNetwork


@POLICIES.register("mlp")
class MlpNetwork(NormalisedNetwork):
    """Two hidden layers from the normalised observation to the action.

    Args:
        spaces: Sizes of observation and action.
        seed: Seed of the initial weights.
        members: Number of members of the ensemble.
        hidden: Units in each hidden layer.
    """

    def __init__(
        self, spaces: Spaces, seed: int, *, members: int = 5, hidden: int = 64
    ) -> None:
        super().__init__(spaces, members=members)
        generator = torch.Generator().manual_seed(seed)
        size = spaces.observation_size
        self.first = MemberLinear(members, size, hidden, generator)
        self.second = MemberLinear(members, hidden, hidden, generator)
        self.last = MemberLinear(members, hidden, spaces.action_size, generator, gain=0.1)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions (B, action_size) and disagreement (B,); see the base class."""
        actions = self._actions(observations)
        return actions.mean(0), actions.std(0, correction=0).mean(-1)

    def loss(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return the squared error summed over the action's components, (M, B)."""
        return (self._actions(observations) - actions).pow(2).sum(-1)

    def features(self, observations: Tensor) -> Tensor:
        """Return the normalised observation."""
        return self.normalised(observations)

    def _actions(self, observations: Tensor) -> Tensor:
        """Return each member's actions, shape (M, B, action_size)."""
        inputs = self.normalised(observations)
        hidden = torch.tanh(self.first(inputs.expand(self.members, -1, -1)))
        return torch.tanh(self.last(torch.tanh(self.second(hidden))))
