"""Proxy value propagation: what the operator did is worth 1, what was rejected -1."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from iml_robot.core.seeding import named_stream
from iml_robot.core.types import Episode
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.learner import lineage_with
from iml_robot.learners.cloning.start import begun
from iml_robot.learners.proxy_values.transitions import operator_steps, policy_steps
from iml_robot.learners.proxy_values.values import Descent
from iml_robot.policies.ensemble.files import (
    PolicyFile,
    copy_policy,
    load_policy_of,
    save_policy,
)
from iml_robot.policies.ensemble.network import Spaces, all_sound
from iml_robot.policies.ensemble.policy import EnsemblePolicy
from iml_robot.policies.td3 import TD3Network

NETWORK = "td3"

logger = logging.getLogger(__name__)


@LEARNERS.register("pvp")
class ProxyValuePropagation:
    """TD3 without rewards: values come from takeovers alone and spread by TD learning.

    In takeovers the critics are told that the operator's action is worth 1 and the
    policy's -1; everywhere values follow from those of the next states, except at the
    first step of a takeover. Half of each batch are steps of takeovers, half the policy's
    own. The actor climbs the values. An episode without corrections changes nothing at
    once; its steps count in the next update.

    Args:
        spaces: Sizes of observation and action.
        start: The policy to start from, or None for an untrained one. The weights of
            another network than "td3" cannot be taken over: the actor clones what that
            policy does on the demonstrations that it carries.
        seed: Root of all randomness.
        hidden: Units in each hidden layer of a new network, first to last.
        updates: Gradient steps in an update; None: as many as control steps were driven
            since the last one.
        learning_rate: Step size of Adam.
        start_updates: Gradient steps for cloning a start of another kind.
        cloning_weight: Factor on the actor's squared error against the operator's actions
            and the demonstrations that the first policy carries; 0: as published.

    Source: Peng et al. (2023), "Learning from active human involvement through proxy
    value propagation" (PVP, arXiv 2502.03369), with the settings of its MetaDrive code:
    networks of 256 and 256, batch 128, step size 1e-4, discount 0.99, tau 0.005, one
    gradient step a control step, an actor step every second one, target noise 0.2 up to
    0.5. Different here: updates come after an episode, and optimisers begin anew with
    each; the proxy loss is counted for the operator's steps alone, which the released
    code averages over the batch before it masks (corrected in the authors' later
    PVP4Real, arXiv 2503.04969, which also has the cloning term, with weight 1 and without
    demonstrations); batches are drawn with replacement from the first takeover on, where
    the code waits for 128 steps of each kind; steps in which the arbiter blends two
    actions are left out; inputs are normalised; the start is cloned, where the paper
    starts from scratch.
    """

    def __init__(
        self,
        spaces: Spaces,
        start: PolicyFile | None,
        seed: int,
        *,
        hidden: Sequence[int] = (256, 256),
        updates: int | None = None,
        learning_rate: float = 1e-4,
        start_updates: int = 2000,
        cloning_weight: float = 0.0,
    ) -> None:
        for name, value in {"updates": updates, "start_updates": start_updates}.items():
            if value is not None and value < 1:
                raise ValueError(f"{name} must be at least 1, got {value}")
        if not learning_rate > 0:
            raise ValueError(f"learning_rate must be above 0, got {learning_rate}")
        if cloning_weight < 0:
            raise ValueError(f"cloning_weight must be at least 0, got {cloning_weight}")
        self._spaces, self._seed = spaces, seed
        self._updates, self._learning_rate = updates, learning_rate
        self._cloning_weight = cloning_weight
        self._file = begun(
            NETWORK, spaces, start, seed, hidden=hidden, updates=start_updates
        )
        if start is not None and start.name != NETWORK:
            network = self._file.network
            assert isinstance(network, TD3Network)
            network.td3.actor_target.load_state_dict(network.td3.actor.state_dict())

    @property
    def policy(self) -> EnsemblePolicy:
        """The current policy; it does not change until the next update."""
        return EnsemblePolicy(self._file.network)

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> Mapping[str, float]:
        """Take gradient steps on all episodes so far; see the interface."""
        operator = operator_steps(episodes[-1:]) if episodes else ()
        if not len(operator):
            on_progress(1.0)
            return {"updates": 0.0}
        operator, policy = operator_steps(episodes), policy_steps(episodes)
        updates = self._updates or _steps_since_last_update(episodes)
        candidate = copy_policy(self._file)
        network = candidate.network
        assert isinstance(network, TD3Network)
        if not network.normaliser_fitted:
            seen = np.concatenate([operator.observations, policy.observations])
            network.fit_normaliser(torch.from_numpy(seen))
        rng = named_stream(self._seed, "update", len(episodes))
        descent = Descent(
            network, self._learning_rate, rng, self._cloning_weight, self._file.rehearsal
        )
        before, after = descent.run(operator, policy, updates, on_progress)
        figures = {
            "correction_frames": float(len(operator)),
            "takeovers": float(sum(len(e.takeovers()) for e in episodes)),
            "policy_frames": float(len(policy)),
        }
        if not (np.isfinite(after) and all_sound(network)):
            logger.warning("an update ran away and is thrown away; lower learning_rate")
            return {**figures, "updates": 0.0, "thrown_away": 1.0}
        lineage = lineage_with(self._file.lineage, episodes)
        self._file = replace(candidate, lineage=lineage)
        losses = {"loss_before": before, "loss_after": after}
        return {**figures, "updates": float(updates), **losses}

    def save(self, path: Path) -> None:
        """Write actor and critics; the next update depends on nothing else."""
        save_policy(self._file, path)

    def load(self, path: Path) -> None:
        """Go on from a policy that `save` wrote.

        Raises:
            ArtifactError: If the file holds another kind of network.
        """
        self._file = load_policy_of(NETWORK, path, self._spaces, learner="pvp")


def _steps_since_last_update(episodes: Sequence[Episode]) -> int:
    """Return the number of control steps since the last episode with corrections."""
    count = len(episodes[-1])
    for episode in reversed(episodes[:-1]):
        if episode.corrected.any():
            break
        count += len(episode)
    return count
