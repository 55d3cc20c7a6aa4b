"""The policy class of stable-baselines3, so that its algorithms' results drive here."""

from __future__ import annotations

from collections.abc import Sequence

import gymnasium as gym
import numpy as np
import torch
from stable_baselines3.common.policies import ActorCriticPolicy
from torch import Tensor

from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.network import EnsembleNetwork, Spaces


@POLICIES.register("actor_critic")
class ActorCriticNetwork(EnsembleNetwork):
    """A Gaussian policy of stable-baselines3 as an ensemble of one.

    It drives with the mean of the Gaussian; its disagreement is 0, as there is nobody to
    disagree with.

    Args:
        spaces: Sizes of observation and action.
        seed: Seed of the initial weights.
        hidden: Units in each hidden layer, first to last.
        members: Must be 1; here so that learners can say so of any network.

    Attributes:
        policy: The wrapped policy; training it trains this network.

    Raises:
        ValueError: If there is more than one member, or a layer without units.
    """

    def __init__(
        self,
        spaces: Spaces,
        seed: int,
        *,
        hidden: Sequence[int] = (32, 32),
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
            self.policy = ActorCriticPolicy(
                gym.spaces.Box(-np.inf, np.inf, (spaces.observation_size,), np.float32),
                gym.spaces.Box(-1.0, 1.0, (spaces.action_size,), np.float32),
                lr_schedule=_no_schedule,
                net_arch={"pi": list(hidden), "vf": []},
            )

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions (B, action_size) and zeros (B,); see the base class."""
        mean = self.policy.get_distribution(observations).mode()
        return mean.clamp(-1, 1), observations.new_zeros(len(observations))

    def loss(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return the negative log-likelihood of the labels, (1, B); it can be below 0."""
        _, log_likelihood, _ = self.policy.evaluate_actions(observations, actions)
        return -log_likelihood[None]


def _no_schedule(_: float) -> float:
    """Return a step size for the optimiser that the library makes and nobody uses."""
    return 0.0
