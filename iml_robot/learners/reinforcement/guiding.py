"""What the operator showed, made ready for the actor's loss."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from torch import Tensor

from iml_robot.core.types import Episode
from iml_robot.learners.cloning.descent import LossTerm
from iml_robot.learners.frames.contrasts import Contrasts, PreferenceTerm
from iml_robot.learners.frames.foreseen import foresee
from iml_robot.learners.frames.selection import SKIP_STEPS, Frames, operator_frames
from iml_robot.learners.reinforcement.decisions import summarise
from iml_robot.learners.reinforcement.descent import Guidance
from iml_robot.learners.reinforcement.networks import GaussianActor
from iml_robot.policies.ensemble.network import EnsembleNetwork
from iml_robot.policies.ensemble.policy import EnsemblePolicy
from iml_robot.policies.gaussian_actor import GaussianActorNetwork
from iml_robot.robots.replays import Replays

FIRST, LEAST, HALVED_EPISODES = 2.0, 0.1, 10
"""What cloning counts at first, at least, and after how many episodes half as much."""
BETA, BIAS, FORESEEN_STEPS = 0.1, 0.5, 8
"""As in the code of PPL (arXiv 2510.01545), whose 4 steps at 10 Hz are 8 at 20 Hz."""


def cloning_weight(episodes: int) -> float:
    """Return what cloning counts after so many episodes."""
    return max(LEAST, FIRST * float(0.5 ** (episodes / HALVED_EPISODES)))


def guided_by(
    episodes: Sequence[Episode],
    rehearsal: Frames,
    *,
    policy: EnsemblePolicy,
    replays: Replays | None,
    rng: np.random.Generator,
) -> tuple[Guidance | None, dict[str, float]]:
    """Return what the operator showed, and figures about it.

    Half of the frames come from takeovers, each of which counts the same, and half from the
    demonstrations that the policy carries.

    Args:
        episodes: Every usable episode, the newest last.
        rehearsal: Those demonstrations.
        policy: The present policy, which is followed to where it would go on takeovers.
        replays: Where it is followed; None: nowhere, so that nothing is preferred.
        rng: Draws pairs of actions.

    Returns:
        None if nothing was shown.
    """
    corrections = operator_frames(episodes, skip_steps=SKIP_STEPS)
    takeovers = int(corrections.groups.max()) + 1 if len(corrections) else 0
    figures = {
        "correction_frames": float(len(corrections)),
        "takeovers": float(takeovers),
    }
    kinds = [frames for frames in (corrections, rehearsal) if len(frames)]
    if not kinds:
        return None, figures
    masses = np.concatenate([_masses(frames) / len(kinds) for frames in kinds])
    terms: list[LossTerm] = []
    weight = cloning_weight(len(episodes))
    if replays is not None and takeovers:
        contrasts = foresee(episodes, policy, replays, steps=FORESEEN_STEPS)
        figures["contrasts"] = float(len(contrasts))
        if len(contrasts):
            terms.append(_preferring(contrasts, policy.network, weight, rng))
    guidance = Guidance(
        np.concatenate([frames.observations for frames in kinds]),
        np.concatenate([frames.actions for frames in kinds]),
        masses / masses.sum(),
        weight,
        terms,
    )
    return guidance, figures


def _preferring(
    contrasts: Contrasts, network: EnsembleNetwork, weight: float, rng: np.random.Generator
) -> LossTerm:
    """Return the preference of the operator's actions, on observations summarised once.

    A height scan would take longer to summarise than all the rest of a gradient step.
    """
    assert isinstance(network, GaussianActorNetwork)
    summaries = summarise(network, contrasts.observations)
    told = Contrasts(summaries, contrasts.better, contrasts.worse)
    term = PreferenceTerm(told, beta=BETA, bias=BIAS, weight=weight, rng=rng)
    return lambda trained: term(cast(EnsembleNetwork, _Summarised(trained)))


class _Summarised:
    """A network that is given summaries."""

    def __init__(self, network: EnsembleNetwork) -> None:
        assert isinstance(network, GaussianActorNetwork)
        self._network, self._actor = network, GaussianActor(network.sac.actor)

    def loss(self, summaries: Tensor, actions: Tensor) -> Tensor:
        """Return the mean's squared error, (1, B); see `EnsembleNetwork.loss`."""
        mean = self._actor.mean(self._network.normalised(summaries))
        return (torch.tanh(mean) - actions).square().sum(-1)[None]


def _masses(frames: Frames) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return how often each frame is drawn, shape (N,); groups count alike."""
    sizes = np.bincount(frames.groups)
    return np.asarray(1.0 / sizes[frames.groups] / np.count_nonzero(sizes))
