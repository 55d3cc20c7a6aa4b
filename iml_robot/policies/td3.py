"""The deterministic actor of stable-baselines3's TD3, its critics beside it."""

from __future__ import annotations

from collections.abc import Sequence

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3.td3.policies import TD3Policy
from torch import Tensor

from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.network import EnsembleNetwork, Spaces


@POLICIES.register("td3")
class TD3Network(EnsembleNetwork):
    """The networks of TD3 as an ensemble of one; the actor drives.

    A policy file holds the critics and the targets too, so that learning goes on from it.
    The disagreement is 0, as there is nobody to disagree with.

    Args:
        spaces: Sizes of observation and action.
        seed: Seed of the initial weights.
        hidden: Units in each hidden layer of actor and critics, first to last.
        members: Must be 1; here so that learners can say so of any network.

    Attributes:
        td3: The networks as the library has them; they take normalised observations.

    Raises:
        ValueError: If there is more than one member, or a layer without units.
    """

    mean: Tensor
    scale: Tensor

    def __init__(
        self,
        spaces: Spaces,
        seed: int,
        *,
        hidden: Sequence[int] = (256, 256),
        members: int = 1,
    ) -> None:
        if members != 1:
            raise ValueError(
                f"this network has 1 member, got members={members}; set it to 1"
            )
        if not all(isinstance(units, int) and units > 0 for units in hidden):
            raise ValueError(f"hidden must be whole numbers above 0, got {list(hidden)}")
        super().__init__(spaces, members=1)
        # The library draws initial weights from torch's global stream.
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.td3 = TD3Policy(
                gym.spaces.Box(-np.inf, np.inf, (spaces.observation_size,), np.float32),
                gym.spaces.Box(-1.0, 1.0, (spaces.action_size,), np.float32),
                lr_schedule=_no_schedule,
                net_arch=list(hidden),
            )
        self.register_buffer("mean", torch.zeros(spaces.observation_size))
        self.register_buffer("scale", torch.ones(spaces.observation_size))

    @property
    def normaliser_fitted(self) -> bool:
        """False while mean and scale are those of an untrained network."""
        return bool(self.mean.any() or (self.scale != 1).any())

    def fit_normaliser(self, observations: Tensor) -> None:
        """Set mean and scale of the inputs from data, shape (N, observation_size)."""
        self.mean.copy_(observations.mean(0))
        self.scale.copy_(observations.std(0, correction=0).clamp(min=0.05))

    def normalised(self, observations: Tensor) -> Tensor:
        """Return what actor and critics are shown, of the same shape."""
        return ((observations - self.mean) / self.scale).clamp(-5, 5)

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions (B, action_size) and zeros (B,); see the base class."""
        actions = self.td3.actor(self.normalised(observations))
        return actions, observations.new_zeros(len(observations))

    def loss(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return the actor's squared error summed over the action's components, (1, B)."""
        chosen = self.td3.actor(self.normalised(observations))
        errors: Tensor = (chosen - actions).square().sum(-1)
        return errors[None]


def _no_schedule(_: float) -> float:
    """Return a step size for the optimisers that the library makes and nobody uses."""
    return 0.0
