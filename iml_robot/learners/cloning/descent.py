"""Gradient steps on drawn batches: the cloning loss, and terms beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from iml_robot.learners.frames.mixture import Mixture
from iml_robot.policies.ensemble.network import EnsembleNetwork

BATCH_SIZE = 64
LARGEST_GRADIENT = 10.0
LAST_RATE = 0.1
"""Learning rate of the last step as a share of the first."""

LossTerm: TypeAlias = Callable[[EnsembleNetwork], Tensor]
"""Returns what is added to the loss of a gradient step, a scalar."""


def descend(
    network: EnsembleNetwork,
    mixture: Mixture,
    *,
    updates: int,
    learning_rate: float,
    terms: Sequence[LossTerm] = (),
    batch_size: int = BATCH_SIZE,
    averaged: float = 0.0,
    on_progress: Callable[[float], None],
) -> tuple[float, float]:
    """Take gradient steps with Adam; the learning rate falls to a tenth.

    Args:
        network: Changed in place.
        mixture: Gives the batches.
        updates: Number of gradient steps.
        learning_rate: Step size of Adam at the beginning.
        terms: What counts beside the cloning loss.
        batch_size: Samples in a gradient step.
        averaged: Share of the steps, the last ones, whose weights are averaged.
        on_progress: Called with the finished fraction in [0, 1].

    Returns:
        Mean loss of the first and of the last tenth of the steps.
    """
    if not network.normaliser_fitted:
        network.fit_normaliser(torch.from_numpy(mixture.observations))
    optimiser = torch.optim.Adam(network.parameters(), lr=learning_rate)
    losses: list[float] = []
    mean = _Mean()
    for step in range(updates):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate * (1 - (1 - LAST_RATE) * step / updates)
        observations, actions, weights = map(torch.from_numpy, mixture.draw(batch_size))
        loss = (network.loss(observations, actions) * weights).mean()
        for term in terms:
            loss = loss + term(network)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT)
        optimiser.step()
        losses.append(float(loss.detach()))
        if step >= (1 - averaged) * updates:
            mean.update(network)
        on_progress((step + 1) / updates)
    mean.write(network)
    tenth = max(1, updates // 10)
    return float(np.mean(losses[:tenth])), float(np.mean(losses[-tenth:]))


class _Mean:
    """The mean of a network's weights over some gradient steps."""

    def __init__(self) -> None:
        self._sums: list[Tensor] = []
        self._count = 0

    def update(self, network: EnsembleNetwork) -> None:
        """Count the present weights."""
        weights = [parameter.detach().clone() for parameter in network.parameters()]
        if self._sums:
            weights = [a + b for a, b in zip(self._sums, weights, strict=True)]
        self._sums, self._count = weights, self._count + 1

    def write(self, network: EnsembleNetwork) -> None:
        """Give the network the mean, if anything was counted."""
        with torch.no_grad():
            for parameter, total in zip(network.parameters(), self._sums, strict=False):
                parameter.copy_(total / self._count)
