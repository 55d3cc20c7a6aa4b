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
    batch_size: int = BATCH_SIZE,
    terms: Sequence[LossTerm] = (),
    on_progress: Callable[[float], None],
) -> tuple[float, float]:
    """Take gradient steps with Adam; the learning rate falls to a tenth.

    Args:
        network: Changed in place.
        mixture: Gives the batches.
        updates: Number of gradient steps.
        learning_rate: Step size of Adam at the beginning.
        batch_size: Samples in a gradient step.
        terms: What counts beside the cloning loss.
        on_progress: Called with the finished fraction in [0, 1].

    Returns:
        Mean loss of the first and of the last tenth of the steps.
    """
    if not network.normaliser_fitted:
        network.fit_normaliser(torch.from_numpy(mixture.observations))
    # One call for all weights: they are many and small.
    optimiser = torch.optim.Adam(network.parameters(), lr=learning_rate, fused=True)
    losses: list[float] = []
    for step in range(updates):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate * (1 - (1 - LAST_RATE) * step / updates)
        observations, actions, weights = map(torch.from_numpy, mixture.draw(batch_size))
        loss = (network.loss(observations, actions) * weights).mean()
        for term in terms:
            loss = loss + term(network)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), LARGEST_GRADIENT, foreach=True)
        optimiser.step()
        losses.append(float(loss.detach()))
        on_progress((step + 1) / updates)
    tenth = max(1, updates // 10)
    return float(np.mean(losses[:tenth])), float(np.mean(losses[-tenth:]))
