"""Gradient steps of SAC, with what the operator showed pulling at the actor."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from stable_baselines3.common.type_aliases import ReplayBufferSamples
from torch import Tensor, nn
from torch.nn import functional

from iml_robot.core.types import FloatArray
from iml_robot.learners.cloning.descent import LossTerm
from iml_robot.learners.reinforcement.networks import Critics, GaussianActor
from iml_robot.learners.reinforcement.replay import Halves
from iml_robot.policies.gaussian_actor import GaussianActorNetwork

LEAST_LOG_STD, LARGEST_LOG_STD = -5.0, 2.0
"""Bounds on the logarithm of the actor's standard deviation before squashing."""
LEAST_LOG_TEMPERATURE, LARGEST_LOG_TEMPERATURE = math.log(1e-3), math.log(1.0)
CLONED = 64
"""Frames of the operator in a batch."""


@dataclass(frozen=True)
class Guidance:
    """What the operator showed, as it counts in the actor's loss.

    Attributes:
        observations: Of the operator's frames, shape (n, obs_dim), n at least 1.
        actions: What the operator did there, shape (n, act_dim).
        masses: How often frames are drawn, shape (n,), sum 1.
        weight: Factor on the squared error against those actions.
        terms: What counts beside it: preferences. They never count without it, as driving
            a policy away from some actions says nothing about which others are good.
    """

    observations: FloatArray
    actions: FloatArray
    masses: FloatArray
    weight: float
    terms: Sequence[LossTerm] = ()


@dataclass
class SoftDescent:
    """Trains actor, critics and temperature of a network in place.

    Args:
        network: The network; its normaliser must be fitted.
        rng: Draws noise and the operator's frames.
        learning_rate: Step size of Adam.
        discount: Of a decision.
        tau: How fast the targets follow.
        batch_size: Transitions in a batch.
        guidance: What the operator showed; None: nothing.

    Source: Haarnoja et al. (2018), "Soft actor-critic" (arXiv 1812.05905), with its target
    entropy. The actor's loss is divided by the mean size of the values, as Fujimoto and Gu
    (2021, TD3+BC, arXiv 2106.06860) do it, so that the weight of what the operator showed
    means the same for any reward.
    """

    network: GaussianActorNetwork
    rng: np.random.Generator
    learning_rate: float = 1e-3
    discount: float = 0.98
    tau: float = 0.01
    batch_size: int = 128
    guidance: Guidance | None = None
    last_loss: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        """Begin with new optimisers."""
        seed = int(self.rng.integers(2**31))
        self._generator = torch.Generator().manual_seed(seed)
        sac, rate = self.network.sac, self.learning_rate
        self._values, self._targets = Critics(sac.critic), Critics(sac.critic_target)
        self._driver = GaussianActor(sac.actor)
        self._critic = torch.optim.Adam(sac.critic.parameters(), rate, fused=True)
        self._actor = torch.optim.Adam(sac.actor.parameters(), rate, fused=True)
        self._heat = torch.optim.Adam([self.network.log_temperature], rate)
        self._entropy = -float(self.network.spaces.action_size)
        self._shown_frames: _ShownFrames | None = None

    def step(self, replay: Halves, *, critic_only: bool = False) -> None:
        """Take one gradient step.

        Args:
            replay: Where transitions are drawn; must not be empty.
            critic_only: Whether the actor and the temperature stay.
        """
        drawn = replay.sample(self.batch_size)
        batch = drawn._replace(
            observations=self.network.normalised(drawn.observations),
            next_observations=self.network.normalised(drawn.next_observations),
        )
        self._value(batch)
        if not critic_only:
            self._act(batch)
        self._targets.follow(self._values, self.tau)

    def imitate(self) -> None:
        """Take one gradient step of the actor on what the operator showed alone."""
        assert self.guidance is not None
        self._actor.zero_grad()
        self._shown(self.guidance).backward()  # type: ignore[no-untyped-call]
        self._actor.step()

    def reset_values(self) -> None:
        """Forget what actions are worth, but not what tells situations apart."""
        sac = self.network.sac
        with torch.no_grad():
            for network in sac.critic.q_networks:
                last = next(
                    m
                    for m in reversed(list(network.children()))
                    if isinstance(m, nn.Linear)
                )
                bound = last.in_features**-0.5
                for parameter in last.parameters():
                    parameter.uniform_(-bound, bound, generator=self._generator)
        sac.critic_target.load_state_dict(sac.critic.state_dict())
        self._critic = torch.optim.Adam(
            sac.critic.parameters(), self.learning_rate, fused=True
        )

    def draw(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Return actions drawn from the actor, (B, act_dim), and log-likelihoods (B, 1).

        Args:
            seen: Normalised summaries, shape (B, size).
        """
        mean, log_std = self._driver.mean_and_log_std(seen)
        log_std = log_std.clamp(LEAST_LOG_STD, LARGEST_LOG_STD)
        noise = torch.randn(mean.shape, generator=self._generator)
        wide = mean + log_std.exp() * noise
        gaussian = -0.5 * noise.square() - log_std - 0.5 * math.log(2 * math.pi)
        # log(1 - tanh(x)^2), in the form that is exact for large x.
        squashing = 2 * (math.log(2) - wide - functional.softplus(-2 * wide))
        likelihood = (gaussian - squashing).sum(-1, keepdim=True)
        return torch.tanh(wide), likelihood

    def _value(self, batch: ReplayBufferSamples) -> None:
        """Move the critics towards the reward and the value of what follows."""
        with torch.no_grad():
            actions, likelihood = self.draw(batch.next_observations)
            following = self._targets(batch.next_observations, actions)
            least = torch.minimum(*following) - self._temperature() * likelihood
            target = batch.rewards + (1 - batch.dones) * self.discount * least
        first, second = self._values(batch.observations, batch.actions)
        loss = functional.mse_loss(first, target) + functional.mse_loss(second, target)
        self._critic.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._critic.step()
        self.last_loss = float(loss.detach())

    def _act(self, batch: ReplayBufferSamples) -> None:
        """Move the actor towards what is worth more and what the operator showed."""
        actions, likelihood = self.draw(batch.observations)
        with self._values.held():
            values = torch.minimum(*self._values(batch.observations, actions))
        loss = (self._temperature() * likelihood - values).mean()
        if self.guidance is not None:
            size = values.detach().abs().mean().clamp(min=1.0)
            loss = loss / size + self._shown(self.guidance)
        self._actor.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._actor.step()
        # Its loss is minus itself times the mean surplus of entropy.
        surplus = (likelihood.detach() + self._entropy).mean()
        self.network.log_temperature.grad = -surplus[None]
        self._heat.step()
        with torch.no_grad():
            self.network.log_temperature.clamp_(
                LEAST_LOG_TEMPERATURE, LARGEST_LOG_TEMPERATURE
            )

    def _temperature(self) -> Tensor:
        return self.network.log_temperature.detach().exp()

    def _shown(self, guidance: Guidance) -> Tensor:
        """Return the loss of what the operator showed."""
        if self._shown_frames is None:
            self._shown_frames = _ShownFrames(guidance, self.network)
        seen, wanted = self._shown_frames.draw(self.rng)
        mean = self._driver.mean(seen)
        errors = (torch.tanh(mean) - wanted).square().sum(-1)
        loss = guidance.weight * errors.mean()
        for term in guidance.terms:
            loss = loss + term(self.network)
        return loss


class _ShownFrames:
    """The operator's frames as the actor sees them."""

    def __init__(self, guidance: Guidance, network: GaussianActorNetwork) -> None:
        with torch.no_grad():
            self._seen = network.seen(torch.from_numpy(guidance.observations))
        self._actions = torch.from_numpy(guidance.actions)
        # What `rng.choice` does with probabilities, which it adds up at every call.
        reached = np.cumsum(guidance.masses)
        self._reached = reached / reached[-1]

    def draw(self, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Return what was seen, and what the operator did."""
        places = self._reached.searchsorted(rng.random(CLONED), side="right")
        chosen = torch.from_numpy(places)
        return self._seen.index_select(0, chosen), self._actions.index_select(0, chosen)
