"""Behaviour cloning: every step of the operator counts the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot.core.types import Episode
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.learner import Lesson
from iml_robot.learners.cloning.retraining import RetrainingLearner
from iml_robot.learners.frames.numbers import each_the_same, shares_by_number
from iml_robot.learners.frames.selection import operator_frames


@LEARNERS.register("behaviour_cloning")
class BehaviourCloning(RetrainingLearner):
    """Clones the demonstrations and all that the operator did since, frame by frame.

    With an operator who drives whole episodes (`operator: {demonstrates: true}`) this is
    behaviour cloning on as many human seconds as others get corrections. With one who
    takes over it is HG-DAgger as published: the data set is the union of demonstrations
    and takeovers, nothing is weighted, and the policy's own driving is no data.

    The options are those of `RetrainingLearner`.

    Source: the baseline of Mandlekar et al. (2020, arXiv 2012.06733), demonstrations for
    the same time; Kelly et al. (2019, arXiv 1810.02890), "HG-DAgger". Different here: it
    starts from the first policy instead of from scratch; the ensemble and its loss are
    those of the policy; HG-DAgger's threshold on the ensemble's doubt is logged by its
    authors but changes no training, and is left out.
    """

    def lesson(
        self, episodes: Sequence[Episode], rng: np.random.Generator
    ) -> Lesson | None:
        """Return the operator's frames and the demonstrations, by their numbers."""
        driven = operator_frames(episodes, skip_steps=0)
        if not len(driven):
            return None
        figures = {
            "correction_frames": float(len(driven)),
            "takeovers": float(driven.groups.max() + 1),
        }
        kinds = each_the_same(driven), each_the_same(self.rehearsal)
        return Lesson(kinds, shares_by_number(*kinds), (), figures)
