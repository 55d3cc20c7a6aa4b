"""The moments of recorded episodes at which a policy was least sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from iml_robot.core.types import Episode, FloatArray


@dataclass(frozen=True)
class AmbiguousState:
    """A moment at which the members of an ensemble wanted different things.

    Attributes:
        episode_id: Number of the episode.
        step: The step.
        disagreement: How much they disagreed.
    """

    episode_id: int
    step: int
    disagreement: float


def ambiguous_states(
    episodes: Sequence[Episode],
    disagreements: Sequence[FloatArray],
    *,
    count: int = 10,
    apart: int = 40,
) -> list[AmbiguousState]:
    """Return the moments with the largest disagreements, the largest first.

    Args:
        episodes: What was driven.
        disagreements: Of the policy at each step of each episode, shape (T,); steps whose
            disagreement is not a number are left out.
        count: Most moments.
        apart: Fewest steps between two moments of an episode, so that they are not one.

    Raises:
        ValueError: If an episode has another number of steps than its disagreements.
    """
    found: list[AmbiguousState] = []
    for episode, values in zip(episodes, disagreements, strict=True):
        if len(values) != len(episode):
            raise ValueError(
                f"episode {episode.info.episode_id} has {len(episode)} steps, but "
                f"{len(values)} disagreements were given"
            )
        left = np.where(np.isfinite(values), values, -np.inf).astype(np.float64)
        for _ in range(count):
            if not len(left) or np.isneginf(step := left.max()):
                break
            at = int(left.argmax())
            found.append(AmbiguousState(episode.info.episode_id, at, float(step)))
            left[max(0, at - apart + 1) : at + apart] = -np.inf
    return sorted(found, key=lambda s: -s.disagreement)[:count]
