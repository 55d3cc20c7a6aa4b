"""Pairs of actions of which the operator's is better, where the policy would have been.

Cloning says what to do where the operator drove. It says nothing about where the policy's
own action would have led instead. The simulator knows: it goes on from the beginning of a
takeover with the policy, and at each of the states it comes to the operator's action is
preferred to the policy's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode, FloatArray
from iml_robot.learners.frames.selection import SKIP_STEPS, helpful, usable_rows
from iml_robot.policies.ensemble.network import EnsembleNetwork
from iml_robot.robots.replays import Moment, Replays

LEAST_DIFFERENCE = 0.3
"""Actions that differ by less than this in every part are no contrast."""
BATCH_SIZE = 32


@dataclass(frozen=True)
class Contrasts:
    """Pairs of actions at the same states; N is their number.

    Attributes:
        observations: shape (N, obs_dim).
        better: The operator's actions, shape (N, act_dim).
        worse: The policy's, same shape.
    """

    observations: FloatArray
    better: FloatArray
    worse: FloatArray

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.better)


def find_contrasts(
    episodes: Sequence[Episode], policy: Policy, replays: Replays, *, steps: int
) -> Contrasts:
    """Return pairs from the beginnings of all takeovers that helped.

    Args:
        episodes: Recorded episodes.
        policy: Drives on from the beginnings.
        replays: Simulators.
        steps: For how many control steps it does.
    """
    moments: list[Moment] = []
    labels: list[FloatArray] = []
    for episode in episodes:
        for takeover, helped in zip(episode.takeovers(), helpful(episode), strict=True):
            label = episode.operator_actions[
                min(takeover.start + SKIP_STEPS, takeover.stop - 1)
            ]
            if helped and np.isfinite(label).all():
                moments.append(Moment(episode, takeover.start))
                labels.append(label)
    futures = replays.futures(moments, [policy] * len(moments), steps=steps)
    seen, better, worse = [], [], []
    for label, future in zip(labels, futures, strict=True):
        if future is None or not len(future.actions):
            continue
        states = future.observations[:-1]
        other = np.abs(future.actions - label).max(axis=1) > LEAST_DIFFERENCE
        kept = other & usable_rows(states, future.actions)
        seen.append(states[kept])
        better.append(np.repeat(label[None], int(kept.sum()), axis=0))
        worse.append(future.actions[kept])
    if not seen:
        nothing = np.zeros((0, 0), np.float32)
        return Contrasts(nothing, nothing, nothing)
    return Contrasts(np.concatenate(seen), np.concatenate(better), np.concatenate(worse))


class PreferenceTerm:
    """Makes the operator's actions likelier than the policy's.

    -log sigma(beta (log pi(better) - log pi(worse))), with the cloning loss as the
    negative logarithm of the likelihood.

    Args:
        contrasts: The pairs, at least one.
        weight: Factor on the term.
        beta: How sharply the two are told apart.
        rng: Draws the batches.

    Source: Rafailov et al. (2023), "Direct preference optimization", without the
    reference policy; on foreseen states after PPL (2025, arXiv 2510.01545).
    """

    def __init__(
        self,
        contrasts: Contrasts,
        *,
        weight: float,
        beta: float,
        rng: np.random.Generator,
    ) -> None:
        self._contrasts, self._weight, self._beta = contrasts, weight, beta
        self._rng = rng

    def __call__(self, network: EnsembleNetwork) -> Tensor:
        """Return the term on a random batch, a scalar."""
        pairs = self._contrasts
        size = min(BATCH_SIZE, len(pairs))
        chosen = self._rng.choice(len(pairs), size, replace=False)
        states = torch.from_numpy(np.tile(pairs.observations[chosen], (2, 1)))
        actions = np.concatenate([pairs.better[chosen], pairs.worse[chosen]])
        losses = network.loss(states, torch.from_numpy(actions))
        better, worse = losses[:, :size], losses[:, size:]
        return self._weight * -functional.logsigmoid(self._beta * (worse - better)).mean()


class Pull:
    """Holds the weights near to where they were.

    Args:
        network: Where they were; it is not changed.
        weight: Factor on the sum of squared differences.

    Source: Li et al. (2018), "Explicit inductive bias for transfer learning" (L2-SP).
    """

    def __init__(self, network: EnsembleNetwork, *, weight: float) -> None:
        self._last = [parameter.detach().clone() for parameter in network.parameters()]
        self._weight = weight

    def __call__(self, network: EnsembleNetwork) -> Tensor:
        """Return the term, a scalar; members count as one."""
        pairs = zip(network.parameters(), self._last, strict=True)
        total = torch.stack([(now - last).square().sum() for now, last in pairs]).sum()
        return self._weight * total / network.members
