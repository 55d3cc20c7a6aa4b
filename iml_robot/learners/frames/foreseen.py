"""Pairs of actions at the states that a policy would have come to under a correction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode, FloatArray
from iml_robot.learners.frames.contrasts import Contrasts
from iml_robot.learners.frames.selection import usable_rows
from iml_robot.policies.ensemble.network import EnsembleNetwork
from iml_robot.robots.replays import Moment, Replays

EVERY = 5
"""The policy is followed from every so many-th step of a takeover."""
BATCH_SIZE = 64


def foresee(
    episodes: Sequence[Episode], policy: Policy, replays: Replays, *, steps: int
) -> Contrasts:
    """Return the operator's action against the policy's at each foreseen state.

    Args:
        episodes: Recorded episodes.
        policy: Drives on from the steps of all takeovers.
        replays: Simulators.
        steps: For how many control steps it does.
    """
    moments: list[Moment] = []
    labels: list[FloatArray] = []
    for episode in episodes:
        for takeover in episode.takeovers():
            for step in range(takeover.start, takeover.stop, EVERY):
                label = episode.operator_actions[step]
                if np.isfinite(label).all():
                    moments.append(Moment(episode, step))
                    labels.append(label)
    seen, better, worse = [], [], []
    futures = replays.futures(moments, [policy] * len(moments), steps=steps)
    for label, future in zip(labels, futures, strict=True):
        if future is None or not len(future.actions):
            continue
        kept = usable_rows(future.observations[:-1], future.actions)
        seen.append(future.observations[:-1][kept])
        better.append(np.repeat(label[None], int(kept.sum()), axis=0))
        worse.append(future.actions[kept])
    if not seen:
        nothing = np.zeros((0, 0), np.float32)
        return Contrasts(nothing, nothing, nothing)
    return Contrasts(np.concatenate(seen), np.concatenate(better), np.concatenate(worse))


class BiasedPreference:
    """Makes the operator's actions likelier than the policy's, with a bias.

    -log sigma(beta (log pi(better) - bias log pi(worse))), with the cloning loss as the
    negative logarithm of the likelihood; for a plain network that is the squared error.
    A bias below 1 keeps the term from being made small by driving both away.

    Args:
        contrasts: The pairs, at least one.
        beta: How sharply the two are told apart.
        bias: Factor on the worse action.
        rng: Draws the batches.

    Source: Hejna et al. (2023), "Contrastive preference learning", as used by PPL.
    """

    def __init__(
        self, contrasts: Contrasts, *, beta: float, bias: float, rng: np.random.Generator
    ) -> None:
        self._contrasts, self._beta, self._bias, self._rng = contrasts, beta, bias, rng

    def __call__(self, network: EnsembleNetwork) -> Tensor:
        """Return the term on a random batch, a scalar."""
        pairs = self._contrasts
        size = min(BATCH_SIZE, len(pairs))
        chosen = self._rng.choice(len(pairs), size, replace=False)
        states = torch.from_numpy(np.tile(pairs.observations[chosen], (2, 1)))
        actions = np.concatenate([pairs.better[chosen], pairs.worse[chosen]])
        losses = network.loss(states, torch.from_numpy(actions))
        better, worse = losses[:, :size], losses[:, size:]
        return -functional.logsigmoid(self._beta * (self._bias * worse - better)).mean()
