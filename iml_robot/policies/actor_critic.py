"""The policy class of stable-baselines3, so that its algorithms' results drive here."""

from __future__ import annotations

from collections.abc import Sequence

from stable_baselines3.common.policies import ActorCriticPolicy
from torch import Tensor

from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.library import (
    boxes,
    check_shape,
    drawn_from,
    no_schedule,
)
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
        check_shape(hidden, members)
        super().__init__(spaces, members=1)
        layers = {"pi": list(hidden), "vf": []}
        with drawn_from(seed):
            self.policy = ActorCriticPolicy(
                *boxes(spaces), lr_schedule=no_schedule, net_arch=layers
            )

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions (B, action_size) and zeros (B,); see the base class."""
        mean = self.policy.get_distribution(observations).mode()
        return mean.clamp(-1, 1), observations.new_zeros(len(observations))

    def loss(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return the negative log-likelihood of the labels, (1, B); it can be below 0."""
        _, log_likelihood, _ = self.policy.evaluate_actions(observations, actions)
        return -log_likelihood[None]
