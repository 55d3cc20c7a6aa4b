"""The library's networks without what the library does around them.

They are so small that calling them takes longer than computing them: each call of a module
looks for hooks, and each call of the library's networks checks and flattens its inputs.
What is computed is the same, bit for bit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from stable_baselines3.common.policies import ContinuousCritic
from stable_baselines3.sac.policies import Actor
from torch import Tensor, nn


class Critics:
    """What actions are worth, as several networks say.

    Args:
        critic: The library's networks; their weights are used, not copied.

    Attributes:
        parameters: All of their weights.
    """

    def __init__(self, critic: ContinuousCritic) -> None:
        self.parameters: list[Tensor] = list(critic.parameters())
        self._networks = [list(network.children()) for network in critic.q_networks]

    def __call__(self, seen: Tensor, actions: Tensor) -> list[Tensor]:
        """Return what each says, each of shape (B, 1).

        Args:
            seen: Normalised summaries, shape (B, size).
            actions: shape (B, act_dim).
        """
        both = torch.cat([seen, actions], dim=1)
        return [_through(layers, both) for layers in self._networks]

    def follow(self, others: Critics, share: float) -> None:
        """Move a share of the way to the weights of others."""
        with torch.no_grad():
            torch._foreach_mul_(self.parameters, 1 - share)
            torch._foreach_add_(self.parameters, others.parameters, alpha=share)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Leave the weights out of gradients."""
        for parameter in self.parameters:
            parameter.requires_grad_(False)
        try:
            yield
        finally:
            for parameter in self.parameters:
                parameter.requires_grad_(True)


class GaussianActor:
    """Mean and spread of the actor's actions before they are squashed.

    Args:
        actor: The library's network; its weights are used, not copied.
    """

    def __init__(self, actor: Actor) -> None:
        self._latent = list(actor.latent_pi.children())
        self._mean: list[nn.Module] = [actor.mu]
        # It is a plain parameter only where noise depends on the state.
        assert isinstance(actor.log_std, nn.Module)
        self._log_std: list[nn.Module] = [actor.log_std]

    def mean(self, seen: Tensor) -> Tensor:
        """Return means, (B, size) -> (B, act_dim)."""
        return _through(self._mean, _through(self._latent, seen))

    def mean_and_log_std(self, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Return means and logarithms of standard deviations, each (B, act_dim)."""
        latent = _through(self._latent, seen)
        return _through(self._mean, latent), _through(self._log_std, latent)


def _through(layers: Iterable[nn.Module], values: Tensor) -> Tensor:
    for layer in layers:
        values = layer.forward(values)
    return values
