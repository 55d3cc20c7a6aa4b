"""Human-gated DAgger: learns what the operator did where the operator took over."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from iml_robot.core.seeding import named_seed, named_stream
from iml_robot.core.types import Episode
from iml_robot.learners import LEARNERS
from iml_robot.learners.frames.mixture import Mixture
from iml_robot.learners.frames.selection import (
    Frames,
    operator_frames,
    policy_frames,
    usable_rows,
)
from iml_robot.policies.ensemble.files import (
    PolicyFile,
    Rehearsal,
    copy_policy,
    load_policy,
    new_policy,
    save_policy,
)
from iml_robot.policies.ensemble.network import EnsembleNetwork, Spaces, all_sound
from iml_robot.policies.ensemble.policy import EnsemblePolicy

logger = logging.getLogger(__name__)

BATCH_SIZE = 64
SKIP_STEPS = 2
"""Steps left out at the beginning of a takeover, while the hand is on its way: 0.1 s."""
REHEARSAL_GROUP = 50
"""Frames of the rehearsal that are drawn or left out together in the bootstrap."""


@LEARNERS.register("hg_dagger")
class HumanGatedDagger:
    """Trains an ensemble on corrections, on what it did well, and on what it knew.

    Half of the sampling mass goes to the operator's frames, every takeover having the
    same; the rest to the demonstrations that the first policy carries and to the
    policy's own driving in successful episodes. The frames just before a takeover are
    left out. An episode without corrections changes nothing.

    Args:
        spaces: Sizes and layout of observation and action.
        start: The policy to start from; None: an untrained one that suits the observation.
        seed: Root of all randomness.
        updates: Gradient steps after an episode.
        learning_rate: Step size of Adam.
        operator_share: Share of the operator's frames in the sampling mass.
        policy_share: Share of the policy's own good driving.
        before_takeover_steps: Steps left out before a takeover.

    Source: Kelly et al. (2019), "HG-DAgger"; balance of the sampling mass after Mandlekar
    et al. (2020), "Human-in-the-loop imitation learning using remote teleoperation".
    """

    def __init__(
        self,
        spaces: Spaces,
        start: PolicyFile | None,
        seed: int,
        *,
        updates: int = 60,
        learning_rate: float = 3e-3,
        operator_share: float = 0.5,
        policy_share: float = 0.2,
        before_takeover_steps: int = 20,
    ) -> None:
        if not 0 < operator_share + policy_share <= 1:
            raise ValueError(
                "operator_share and policy_share must together be above 0 and at most 1, "
                f"got {operator_share} and {policy_share}"
            )
        if updates < 1:
            raise ValueError(f"updates must be at least 1, got {updates}")
        if not learning_rate > 0:
            raise ValueError(f"learning_rate must be above 0, got {learning_rate}")
        self._spaces = spaces
        self._seed = seed
        if start is None:
            start = new_policy("auto", spaces, named_seed(seed, "policy"))
        self._file = copy_policy(start)
        self._updates = updates
        self._learning_rate = learning_rate
        self._shares = (
            operator_share, policy_share, max(0.0, 1 - operator_share - policy_share),
        )  # fmt: skip
        self._before_takeover_steps = before_takeover_steps

    @property
    def policy(self) -> EnsemblePolicy:
        """The current policy; it does not change until the next update."""
        return EnsemblePolicy(self._file.network)

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> Mapping[str, float]:
        """Take some gradient steps on all episodes so far; see the interface."""
        corrections = operator_frames(episodes, skip_steps=SKIP_STEPS)
        figures = {
            "correction_frames": float(len(corrections)),
            "takeovers": float(corrections.groups.max(initial=-1) + 1),
        }
        corrected_now = bool(episodes) and bool(episodes[-1].corrected.any())
        if not len(corrections) or not corrected_now:
            on_progress(1.0)
            return figures | {"updates": 0.0}
        own = policy_frames(episodes, before_takeover_steps=self._before_takeover_steps)
        kinds = (corrections, own, rehearsal_frames(self._file.rehearsal))
        rng = named_stream(self._seed, "update", len(episodes))
        mixture = Mixture(kinds, self._shares, members=self._file.network.members, rng=rng)
        candidate = copy_policy(self._file)
        first, last = self._train(candidate.network, mixture, self._updates, on_progress)
        if not all_sound(candidate.network):
            logger.warning("an update ran away and is thrown away; lower learning_rate")
            return figures | {"updates": 0.0, "thrown_away": 1.0}
        lineage = {**self._file.lineage, "corrections": corrections_by_episode(episodes)}
        self._file = replace(candidate, lineage=lineage)
        return figures | {
            "policy_frames": float(len(own)),
            "updates": float(self._updates),
            "loss_before": first,
            "loss_after": last,
        }

    def pretrain(
        self,
        demonstrations: Sequence[Episode],
        *,
        updates: int,
        rehearsal: int,
        on_progress: Callable[[float], None],
    ) -> Mapping[str, float]:
        """Clone demonstrations and keep a sample of them as rehearsal.

        Args:
            demonstrations: Episodes whose operator commands are the labels.
            updates: Gradient steps.
            rehearsal: Number of frames the policy carries from now on.
            on_progress: Called with the finished fraction in [0, 1].
        """
        frames = demonstrated_frames(demonstrations)
        rng = named_stream(self._seed, "pretrain")
        kept = np.sort(rng.choice(len(frames), min(rehearsal, len(frames)), replace=False))
        # Rounded now, so that going on from the saved file makes no difference.
        sample = Rehearsal(frames.observations[kept], frames.actions[kept]).as_stored()
        lineage = {"demonstrations": len(demonstrations), "frames": len(frames)}
        self._file = PolicyFile(
            self._file.name, self._file.options, self._file.network, sample, lineage
        )
        members = self._file.network.members
        mixture = Mixture((frames,), (1.0,), members=members, rng=rng)
        first, last = self._train(self._file.network, mixture, updates, on_progress)
        return {"frames": float(len(frames)), "loss_before": first, "loss_after": last}

    def save(self, path: Path) -> None:
        """Write the policy; the next update depends on nothing else."""
        save_policy(self._file, path)

    def load(self, path: Path) -> None:
        """Go on from a policy that `save` wrote."""
        self._file = load_policy(path, self._spaces)

    def _train(
        self,
        network: EnsembleNetwork,
        mixture: Mixture,
        updates: int,
        on_progress: Callable[[float], None],
    ) -> tuple[float, float]:
        """Take gradient steps; return the loss of the first and of the last tenth."""
        if not network.normaliser_fitted:
            network.fit_normaliser(torch.from_numpy(mixture.observations))
        optimiser = torch.optim.Adam(network.parameters(), lr=self._learning_rate)
        losses: list[float] = []
        for step in range(updates):
            for group in optimiser.param_groups:
                group["lr"] = self._learning_rate * (1 - 0.9 * step / updates)
            observations, actions, weights = map(torch.from_numpy, mixture.draw(BATCH_SIZE))
            loss = (network.loss(observations, actions) * weights).mean()
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
            optimiser.step()
            losses.append(float(loss.detach()))
            on_progress((step + 1) / updates)
        tenth = max(1, updates // 10)
        return float(np.mean(losses[:tenth])), float(np.mean(losses[-tenth:]))


def corrections_by_episode(episodes: Sequence[Episode]) -> dict[str, int]:
    """Return how many corrected steps each episode gave, by its number."""
    return {
        str(episode.info.episode_id): int(episode.corrected.sum())
        for episode in episodes
        if episode.corrected.any()
    }


def demonstrated_frames(demonstrations: Sequence[Episode]) -> Frames:
    """Return every labelled step of demonstrations, one group an episode."""
    labelled = [
        usable_rows(e.observations[:-1], e.operator_actions) for e in demonstrations
    ]
    return Frames(
        np.concatenate(
            [e.observations[:-1][k] for e, k in zip(demonstrations, labelled, strict=True)]
        ),
        np.concatenate(
            [e.operator_actions[k] for e, k in zip(demonstrations, labelled, strict=True)]
        ),
        np.repeat(np.arange(len(labelled)), [int(k.sum()) for k in labelled]),
    )


def rehearsal_frames(rehearsal: Rehearsal) -> Frames:
    """Return a policy's rehearsal as frames."""
    groups = np.arange(len(rehearsal)) // REHEARSAL_GROUP
    return Frames(rehearsal.observations, rehearsal.actions, groups)
