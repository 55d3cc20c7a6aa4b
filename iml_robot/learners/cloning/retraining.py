"""The base of published learners that train anew on all data after each round."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from iml_robot.core.types import Episode
from iml_robot.learners.cloning.learner import CloningLearner, Lesson
from iml_robot.policies.ensemble.files import PolicyFile
from iml_robot.policies.ensemble.network import Spaces

UPDATES = 120
"""More than a learner takes that goes on from its last policy: each time all is new."""
LEARNING_RATE = 3e-3


class RetrainingLearner(CloningLearner):
    """Goes back to the first policy at each update and learns from all episodes.

    The papers train from scratch, on demonstrations and everything recorded since. Here
    the first policy was trained on the demonstrations and carries a sample of them: from
    it, training takes a few gradient steps instead of minutes. What an update did is
    forgotten at the next one; only the episodes add up.

    Args:
        spaces: Sizes and layout of observation and action.
        start: The policy to start from; None: an untrained one that suits the observation.
        seed: Root of all randomness.
        updates: Gradient steps after an episode.
        learning_rate: Step size of Adam.
    """

    def __init__(
        self,
        spaces: Spaces,
        start: PolicyFile | None,
        seed: int,
        *,
        updates: int = UPDATES,
        learning_rate: float = LEARNING_RATE,
    ) -> None:
        super().__init__(spaces, start, seed, updates=updates, learning_rate=learning_rate)
        self._first = self._file

    def best(
        self,
        lesson: Lesson,
        episodes: Sequence[Episode],
        rng: np.random.Generator,
        on_progress: Callable[[float], None],
    ) -> tuple[PolicyFile, Mapping[str, float]]:
        """Return what the lesson makes of the first policy."""
        del episodes
        first = replace(
            self._first, rehearsal=self._file.rehearsal, lineage=self._file.lineage
        )
        return self.trained(first, lesson, rng, on_progress=on_progress)
