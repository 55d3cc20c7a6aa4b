"""Intervention weighted regression: takeovers and all the rest in equal parts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot.core.types import Episode
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.learner import Lesson
from iml_robot.learners.cloning.retraining import RetrainingLearner
from iml_robot.learners.frames.numbers import each_the_same, shares_by_number
from iml_robot.learners.frames.selection import operator_frames, policy_frames

TAKEOVERS = 0.5
"""Share of the takeovers in the sampling mass, whatever their number."""


@LEARNERS.register("iwr")
class InterventionWeightedRegression(RetrainingLearner):
    """Draws as many frames from takeovers as from everything else, and clones both.

    Everything else is the demonstrations and the policy's own driving, up to the step
    before a takeover. Within both halves every frame counts the same.

    The options are those of `RetrainingLearner`.

    Source: Mandlekar et al. (2020), "Human-in-the-loop imitation learning using remote
    teleoperation" (IWR, arXiv 2012.06733), weight (N - N_int) / N_int of a takeover's
    frame. Different here: it starts from the first policy instead of from scratch; an
    ensemble of feed-forward networks stands in for a recurrent one; the policy's driving
    counts in episodes that reached the goal only, as the paper's operators finish every
    episode and simulated ones do not.
    """

    def lesson(
        self, episodes: Sequence[Episode], rng: np.random.Generator
    ) -> Lesson | None:
        """Return takeovers, the policy's own driving, and demonstrations."""
        takeovers = operator_frames(episodes, skip_steps=0)
        if not len(takeovers):
            return None
        own = policy_frames(episodes, before_takeover_steps=0)
        figures = {
            "correction_frames": float(len(takeovers)),
            "takeovers": float(takeovers.groups.max() + 1),
            "policy_frames": float(len(own)),
        }
        rest = own, self.rehearsal
        kinds = tuple(map(each_the_same, (takeovers, *rest)))
        shares = TAKEOVERS, *shares_by_number(*rest, of=1 - TAKEOVERS)
        return Lesson(kinds, shares, (), figures)
