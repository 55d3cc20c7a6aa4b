"""The deterministic actor of stable-baselines3's TD3, its critics beside it."""

from __future__ import annotations

from collections.abc import Sequence

from stable_baselines3.td3.policies import TD3Policy
from torch import Tensor

from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.library import (
    boxes,
    check_shape,
    drawn_from,
    no_schedule,
)
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.policies.ensemble.normalised import NormalisedNetwork


@POLICIES.register("td3")
class TD3Network(NormalisedNetwork):
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

    def __init__(
        self,
        spaces: Spaces,
        seed: int,
        *,
        hidden: Sequence[int] = (256, 256),
        members: int = 1,
    ) -> None:
        check_shape(hidden, members)
        super().__init__(spaces, members=1)
        with drawn_from(seed):
            self.td3 = TD3Policy(
                *boxes(spaces), lr_schedule=no_schedule, net_arch=list(hidden)
            )

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions (B, action_size) and zeros (B,); see the base class."""
        actions = self.td3.actor(self.normalised(observations))
        return actions, observations.new_zeros(len(observations))

    def loss(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return the actor's squared error summed over the action's components, (1, B)."""
        chosen = self.td3.actor(self.normalised(observations))
        errors: Tensor = (chosen - actions).square().sum(-1)
        return errors[None]
