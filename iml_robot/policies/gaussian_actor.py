"""The Gaussian actor of stable-baselines3's SAC, its critics beside it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from stable_baselines3.common.policies import ContinuousCritic
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.sac.policies import SACPolicy
from torch import Tensor, nn

from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.library import (
    boxes,
    check_shape,
    drawn_from,
    no_schedule,
)
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.policies.ensemble.normalised import NormalisedNetwork
from iml_robot.policies.summary.sectors import summary_of


@POLICIES.register("gaussian_actor")
class GaussianActorNetwork(NormalisedNetwork):
    """The networks of SAC as an ensemble of one; it drives with the Gaussian's mean.

    Observations with a height scan or rays are summarised first, see
    `iml_robot.policies.summary`. A policy file holds the critics, the targets and the
    temperature too, so that learning goes on from it. The disagreement is 0, as there is
    nobody to disagree with.

    Args:
        spaces: Sizes and layout of observation and action.
        seed: Seed of the initial weights.
        hidden: Units in each hidden layer of actor and critics, first to last.
        members: Must be 1; here so that learners can say so of any network.

    Attributes:
        summary: Turns observations into what the networks see, before normalisation.
        sac: The networks as the library has them; they take normalised summaries.
        log_temperature: Logarithm of the weight of the entropy.

    Raises:
        ValueError: If there is more than one member, or a layer without units.
    """

    def __init__(
        self,
        spaces: Spaces,
        seed: int,
        *,
        hidden: Sequence[int] = (64, 64),
        members: int = 1,
    ) -> None:
        check_shape(hidden, members)
        summary = summary_of(spaces)
        seen = Spaces(summary.size, spaces.action_size)
        super().__init__(seen, members=1)
        self.spaces = spaces
        self.summary = summary
        with drawn_from(seed):
            self.sac = LayerNormSACPolicy(
                *boxes(seen), lr_schedule=no_schedule, net_arch=list(hidden)
            )
        self.log_temperature = nn.Parameter(torch.zeros(1))

    def forward(self, observations: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions (B, action_size) and zeros (B,); see the base class."""
        actions = self._mean(self.summary(observations))
        return actions, observations.new_zeros(len(observations))

    def loss(self, observations: Tensor, actions: Tensor) -> Tensor:
        """Return the mean's squared error summed over the action's components, (1, B)."""
        return self.loss_of_summaries(self.summary(observations), actions)

    def loss_of_summaries(self, summaries: Tensor, actions: Tensor) -> Tensor:
        """Return the same for observations that were summarised before, (1, B)."""
        errors: Tensor = (self._mean(summaries) - actions).square().sum(-1)
        return errors[None]

    def fit_normaliser(self, observations: Tensor) -> None:
        """Set mean and scale of the summaries from observations, (N, observation_size)."""
        self.fit_summary_normaliser(self.summary(observations))

    def fit_summary_normaliser(self, summaries: Tensor) -> None:
        """Set mean and scale of the summaries, shape (N, summary size)."""
        super().fit_normaliser(summaries)

    def features(self, observations: Tensor) -> Tensor:
        """Return the normalised summary."""
        return self.seen(observations)

    def seen(self, observations: Tensor) -> Tensor:
        """Return what actor and critics are shown, shape (B, summary size)."""
        return self.normalised(self.summary(observations))

    def _mean(self, summaries: Tensor) -> Tensor:
        seen = self.normalised(summaries)
        mean, _, _ = self.sac.actor.get_action_dist_params(seen)
        return torch.tanh(mean)


class LayerNormSACPolicy(SACPolicy):
    """The networks of SAC with normalised hidden layers in the critics.

    Critics that never saw an action value it without bounds; layer norm holds that down,
    which counts where learning begins with recorded driving.

    Source: Ball et al. (2023), "Efficient online reinforcement learning with offline
    data" (RLPD, arXiv 2302.02948).
    """

    def make_critic(
        self, features_extractor: BaseFeaturesExtractor | None = None
    ) -> ContinuousCritic:
        """Return critics as the library makes them, layer norm behind each layer."""
        critic = super().make_critic(features_extractor)
        for number, network in enumerate(critic.q_networks):
            layers: list[nn.Module] = []
            for layer, following in pairwise([*network.children(), nn.Identity()]):
                layers.append(layer)
                if isinstance(layer, nn.Linear) and not isinstance(following, nn.Identity):
                    layers.append(nn.LayerNorm(layer.out_features))
            normalised = nn.Sequential(*layers)
            critic.q_networks[number] = normalised
            setattr(critic, f"qf{number}", normalised)
        return critic
