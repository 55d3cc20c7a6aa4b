"""Sirius: frames weighted by what kind they are, those before a takeover not at all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot.core.types import Episode
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.learner import Lesson
from iml_robot.learners.cloning.retraining import (
    LEARNING_RATE,
    UPDATES,
    RetrainingLearner,
)
from iml_robot.learners.frames.numbers import each_the_same
from iml_robot.learners.frames.selection import operator_frames, policy_frames
from iml_robot.policies.ensemble.files import PolicyFile
from iml_robot.policies.ensemble.network import Spaces

TAKEOVERS = 0.5
"""Share of the takeovers in the sampling mass."""


@LEARNERS.register("sirius")
class Sirius(RetrainingLearner):
    """Clones four classes of frames by fixed shares of the sampling mass.

    Takeovers have half. Demonstrations have the share that they have among all frames,
    one half at most. The policy's own driving has the rest, and its last steps before a
    takeover nothing. Within a class every frame counts the same.

    Args:
        spaces: Sizes and layout of observation and action.
        start: The policy to start from; None: an untrained one that suits the observation.
        seed: Root of all randomness.
        before_takeover_steps: Steps before a takeover that count nothing.
        updates: Gradient steps after an episode.
        learning_rate: Step size of Adam.

    Source: Liu et al. (2023), "Robot learning on the job" (Sirius, arXiv 2211.08416); 15
    steps at 20 Hz as in its code, which gives them 0.002 of the mass instead of nothing.
    Different here: it starts from the first policy instead of from scratch; an ensemble
    of feed-forward networks stands in for a recurrent one; weights are chances to be
    drawn instead of factors on the loss, which is the same on average; nothing is
    deleted, as minutes of data fill no memory; the policy's driving counts in episodes
    that reached the goal only, as the paper's operators finish every episode and
    simulated ones do not.
    """

    def __init__(
        self,
        spaces: Spaces,
        start: PolicyFile | None,
        seed: int,
        *,
        before_takeover_steps: int = 15,
        updates: int = UPDATES,
        learning_rate: float = LEARNING_RATE,
    ) -> None:
        if before_takeover_steps < 0:
            raise ValueError(
                f"before_takeover_steps must be at least 0, got {before_takeover_steps}"
            )
        super().__init__(spaces, start, seed, updates=updates, learning_rate=learning_rate)
        self._before_takeover_steps = before_takeover_steps

    def lesson(
        self, episodes: Sequence[Episode], rng: np.random.Generator
    ) -> Lesson | None:
        """Return the classes that count anything, and their shares."""
        takeovers = operator_frames(episodes, skip_steps=0)
        if not len(takeovers):
            return None
        steps = self._before_takeover_steps
        every = policy_frames(episodes, before_takeover_steps=0)
        own = policy_frames(episodes, before_takeover_steps=steps)
        shown = self.rehearsal
        total = len(takeovers) + len(every) + len(shown)
        demonstrations = min(len(shown) / total, 1 - TAKEOVERS)
        figures = {
            "correction_frames": float(len(takeovers)),
            "takeovers": float(takeovers.groups.max() + 1),
            "policy_frames": float(len(own)),
            "frames_before_takeovers": float(len(every) - len(own)),
        }
        kinds = tuple(map(each_the_same, (takeovers, own, shown)))
        shares = TAKEOVERS, 1 - TAKEOVERS - demonstrations, demonstrations
        return Lesson(kinds, shares, (), figures)
