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
from iml_robot.learners.frames.selection import SAME, SKIP_STEPS, helpful, usable_rows
from iml_robot.policies.ensemble.network import EnsembleNetwork
from iml_robot.robots.replays import Moment, Replays

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
    return follow(moments, labels, policy, replays, steps=steps, least_difference=SAME)


def follow(
    moments: Sequence[Moment],
    labels: Sequence[FloatArray],
    policy: Policy,
    replays: Replays,
    *,
    steps: int,
    least_difference: float | None = None,
) -> Contrasts:
    """Return a label against the policy's action at each state that the policy comes to.

    Args:
        moments: Where the policy drives on from.
        labels: The operator's action at each of them, shape (act_dim,).
        policy: The policy.
        replays: Simulators.
        steps: For how many control steps it drives.
        least_difference: Actions that differ by no more than this in every part are left
            out; None: all count.
    """
    futures = replays.futures(moments, [policy] * len(moments), steps=steps)
    seen, better, worse = [], [], []
    for label, future in zip(labels, futures, strict=True):
        if future is None or not len(future.actions):
            continue
        states = future.observations[:-1]
        kept = usable_rows(states, future.actions)
        if least_difference is not None:
            kept &= np.abs(future.actions - label).max(axis=1) > least_difference
        seen.append(states[kept])
        better.append(np.repeat(label[None], int(kept.sum()), axis=0))
        worse.append(future.actions[kept])
    if not seen:
        nothing = np.zeros((0, 0), np.float32)
        return Contrasts(nothing, nothing, nothing)
    return Contrasts(np.concatenate(seen), np.concatenate(better), np.concatenate(worse))


class PreferenceTerm:
    """Makes the operator's actions likelier than the policy's.

    -log sigma(beta (log pi(better) - bias log pi(worse))), with the cloning loss as the
    negative logarithm of the likelihood; for a plain network that is the squared error.
    A bias below 1 keeps the term from being made small by driving both away.

    Args:
        contrasts: The pairs, at least one.
        beta: How sharply the two are told apart.
        rng: Draws the batches.
        weight: Factor on the term.
        bias: Factor on the worse action.
        batch_size: Pairs in a batch.

    Source: Rafailov et al. (2023), "Direct preference optimization", without the
    reference policy; with a bias Hejna et al. (2023), "Contrastive preference learning";
    on foreseen states after PPL (2025, arXiv 2510.01545).
    """

    def __init__(
        self,
        contrasts: Contrasts,
        *,
        beta: float,
        rng: np.random.Generator,
        weight: float = 1.0,
        bias: float = 1.0,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        self._contrasts, self._weight, self._beta = contrasts, weight, beta
        self._rng, self._bias, self._batch_size = rng, bias, batch_size

    def __call__(self, network: EnsembleNetwork) -> Tensor:
        """Return the term on a random batch, a scalar."""
        pairs = self._contrasts
        size = min(self._batch_size, len(pairs))
        chosen = self._rng.choice(len(pairs), size, replace=False)
        states = torch.from_numpy(np.tile(pairs.observations[chosen], (2, 1)))
        actions = np.concatenate([pairs.better[chosen], pairs.worse[chosen]])
        losses = network.loss(states, torch.from_numpy(actions))
        better, worse = losses[:, :size], losses[:, size:]
        margin = self._beta * (self._bias * worse - better)
        return self._weight * -functional.logsigmoid(margin).mean()


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
