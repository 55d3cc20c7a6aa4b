"""Draws training batches from several kinds of frames by fixed shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot.core.types import FloatArray
from iml_robot.learners.frames.selection import Frames


class Mixture:
    """Frames of several kinds, each with its share of the sampling mass.

    Within a kind every group (takeover, episode) has the same mass, so that a long
    takeover does not drown a short one. Each member of an ensemble sees each group a
    random number of times (a bootstrap over groups, not over frames, which are alike).

    Args:
        kinds: Frames of each kind; empty kinds give their share to the others.
        shares: Share of each kind, not negative.
        members: Number of ensemble members.
        rng: Source of all randomness.

    Raises:
        ValueError: If there are no frames at all.
    """

    def __init__(
        self,
        kinds: Sequence[Frames],
        shares: Sequence[float],
        *,
        members: int,
        rng: np.random.Generator,
    ) -> None:
        used = [(k, s) for k, s in zip(kinds, shares, strict=True) if len(k) and s > 0]
        if not used:
            raise ValueError("there are no frames to learn from")
        total = sum(share for _, share in used)
        self.observations = np.concatenate([kind.observations for kind, _ in used])
        self.actions = np.concatenate([kind.actions for kind, _ in used])
        mass = np.concatenate([_balanced(kind) * share / total for kind, share in used])
        reached = np.cumsum(mass)
        self._reached = reached / reached[-1]
        self._weights = np.concatenate(
            [_bootstrap(kind, members, rng) for kind, _ in used], axis=1
        )
        self._rng = rng

    def draw(self, size: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return a batch.

        Args:
            size: Number of samples B.

        Returns:
            Observations (B, obs_dim), labels (B, act_dim), and each member's weights
            (M, B).
        """
        # What `rng.choice` does with probabilities, which it adds up at every call.
        chosen = self._reached.searchsorted(self._rng.random(size), side="right")
        return self.observations[chosen], self.actions[chosen], self._weights[:, chosen]


def _balanced(frames: Frames) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return sampling masses that sum to 1, shape (N,); the same for every group.

    Frames that have masses of their own keep them.
    """
    mass = frames.masses.astype(np.float64)
    if not len(mass):
        mass = 1.0 / np.bincount(frames.groups)[frames.groups]
    return np.asarray(mass / mass.sum())


def _bootstrap(frames: Frames, members: int, rng: np.random.Generator) -> FloatArray:
    """Return how often each member sees each frame's group, shape (M, N)."""
    groups = int(frames.groups.max()) + 1
    # With very few groups, some member would see nothing at all: blend with one view.
    draws = rng.poisson(1.0, size=(members, groups))
    weights = 0.5 + 0.5 * draws
    return np.asarray(weights[:, frames.groups], dtype=np.float32)
