"""The base of learners that clone the operator's actions with an ensemble."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from iml_robot.core.seeding import named_seed, named_stream
from iml_robot.core.types import Episode
from iml_robot.learners.cloning.descent import LossTerm, descend
from iml_robot.learners.frames.mixture import Mixture
from iml_robot.learners.frames.selection import (
    Frames,
    demonstrated_frames,
    rehearsed_frames,
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
from iml_robot.policies.exchange.learned_maps import KEY as MAPS
from iml_robot.policies.exchange.learned_maps import learned_maps

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Lesson:
    """What one update learns from.

    Attributes:
        kinds: Frames of each kind.
        shares: Their shares of the sampling mass.
        terms: What counts beside the cloning loss.
        figures: For the log, by name.
    """

    kinds: Sequence[Frames]
    shares: Sequence[float]
    terms: Sequence[LossTerm]
    figures: Mapping[str, float]


class CloningLearner(ABC):
    """Keeps a policy and improves a copy of it with what a subclass chooses.

    An episode without corrections changes nothing. An update whose weights run away is
    thrown away.

    Args:
        spaces: Sizes and layout of observation and action.
        start: The policy to start from; None: an untrained one that suits the observation.
        seed: Root of all randomness.
        updates: Gradient steps after an episode.
        learning_rate: Step size of Adam.

    Raises:
        ValueError: If an argument is out of range.
    """

    def __init__(
        self,
        spaces: Spaces,
        start: PolicyFile | None,
        seed: int,
        *,
        updates: int,
        learning_rate: float,
    ) -> None:
        if updates < 1:
            raise ValueError(f"updates must be at least 1, got {updates}")
        if not learning_rate > 0:
            raise ValueError(f"learning_rate must be above 0, got {learning_rate}")
        self._spaces, self._seed = spaces, seed
        if start is None:
            start = new_policy("auto", spaces, named_seed(seed, "policy"))
        self._file = copy_policy(start)
        self._updates, self._learning_rate = updates, learning_rate

    @abstractmethod
    def lesson(
        self, episodes: Sequence[Episode], rng: np.random.Generator
    ) -> Lesson | None:
        """Return what to learn from the episodes so far; None: nothing.

        Args:
            episodes: Every usable episode, the newest last, with corrections in it.
            rng: Source of what is drawn.
        """

    @property
    def policy(self) -> EnsemblePolicy:
        """The current policy; it does not change until the next update."""
        return EnsemblePolicy(self._file.network)

    @property
    def network(self) -> EnsembleNetwork:
        """The current weights; not to be changed."""
        return self._file.network

    @property
    def rehearsal(self) -> Frames:
        """The demonstrations that the policy carries."""
        return rehearsed_frames(self._file.rehearsal)

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> Mapping[str, float]:
        """Take some gradient steps on all episodes so far; see the interface."""
        rng = named_stream(self._seed, "update", len(episodes))
        corrected_now = bool(episodes) and bool(episodes[-1].corrected.any())
        lesson = self.lesson(episodes, rng) if corrected_now else None
        if lesson is None or not any(map(len, lesson.kinds)):
            on_progress(1.0)
            return {"updates": 0.0}
        candidate, losses = self.best(lesson, episodes, rng, on_progress)
        if not all_sound(candidate.network):
            logger.warning("an update ran away and is thrown away; lower learning_rate")
            return {**lesson.figures, "updates": 0.0, "thrown_away": 1.0}
        lineage = lineage_with(self._file.lineage, episodes)
        self._file = replace(candidate, lineage=lineage)
        return {**lesson.figures, "updates": float(self._updates), **losses}

    def best(
        self,
        lesson: Lesson,
        episodes: Sequence[Episode],
        rng: np.random.Generator,
        on_progress: Callable[[float], None],
    ) -> tuple[PolicyFile, Mapping[str, float]]:
        """Return what the lesson makes of the policy, and figures about it.

        A subclass may train several candidates and return the best.
        """
        del episodes
        return self.trained(self._file, lesson, rng, on_progress=on_progress)

    def trained(
        self,
        start: PolicyFile,
        lesson: Lesson,
        rng: np.random.Generator,
        *,
        on_progress: Callable[[float], None],
    ) -> tuple[PolicyFile, Mapping[str, float]]:
        """Return a trained copy of a policy, and its loss before and after."""
        candidate = copy_policy(start)
        members = candidate.network.members
        first, last = descend(
            candidate.network,
            Mixture(lesson.kinds, lesson.shares, members=members, rng=rng),
            updates=self._updates,
            learning_rate=self._learning_rate,
            terms=lesson.terms,
            on_progress=on_progress,
        )
        return candidate, {"loss_before": first, "loss_after": last}

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
        lineage = {
            "demonstrations": len(demonstrations),
            "frames": len(frames),
            MAPS: learned_maps(episode.info for episode in demonstrations),
        }
        self._file = PolicyFile(
            self._file.name, self._file.options, self._file.network, sample, lineage
        )
        first, last = descend(
            self._file.network,
            Mixture((frames,), (1.0,), members=self._file.network.members, rng=rng),
            updates=updates,
            learning_rate=self._learning_rate,
            on_progress=on_progress,
        )
        return {"frames": float(len(frames)), "loss_before": first, "loss_after": last}

    def save(self, path: Path) -> None:
        """Write the policy; the next update depends on nothing else."""
        save_policy(self._file, path)

    def load(self, path: Path) -> None:
        """Go on from a policy that `save` wrote."""
        self._file = load_policy(path, self._spaces)


def lineage_with(before: Mapping[str, Any], episodes: Sequence[Episode]) -> dict[str, Any]:
    """Return what a policy says of itself after it has learned from episodes.

    Args:
        before: What it said before.
        episodes: Every usable episode, the newest last.
    """
    corrections = {
        str(episode.info.episode_id): int(episode.corrected.sum())
        for episode in episodes
        if episode.corrected.any()
    }
    maps = learned_maps((e.info for e in episodes), before=before.get(MAPS, ()))
    return {**before, "corrections": corrections, MAPS: maps}
