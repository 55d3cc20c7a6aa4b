"""Predictive preference learning: not where the policy would have gone on to."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np

from iml_robot.core.types import Episode
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.descent import BATCH_SIZE, LossTerm
from iml_robot.learners.cloning.learner import CloningLearner, Lesson
from iml_robot.learners.cloning.trials import Trials
from iml_robot.learners.frames.contrasts import PreferenceTerm
from iml_robot.learners.frames.foreseen import foresee
from iml_robot.learners.frames.numbers import each_the_same
from iml_robot.learners.frames.selection import operator_frames
from iml_robot.policies.ensemble.files import PolicyFile
from iml_robot.policies.ensemble.network import Spaces

logger = logging.getLogger(__name__)

BETA, BIAS = 0.1, 0.5
"""How sharply preferred actions are told from others, and how much the others count."""


@LEARNERS.register("ppl")
class PredictivePreferences(CloningLearner):
    """Clones the operator, and prefers the operator's action at foreseen states.

    From the steps of every takeover the policy is followed in the simulator for a few
    steps. At each state that it comes to, the operator's action at the beginning is
    preferred to the policy's own. Robots that cannot be put back into a state are cloned
    only.

    Args:
        spaces: Sizes and layout of observation and action.
        start: The policy to start from; None: an untrained one that suits the observation.
        seed: Root of all randomness.
        trials: Where the policy is followed; None: nowhere.
        updates: Gradient steps after an episode.
        learning_rate: Step size of Adam.
        foreseen_steps: For how many control steps the policy is followed.
        rehearsal_share: Share in the sampling mass of the demonstrations that the first
            policy carries.

    Source: Cai et al. (2025), "Predictive preference learning from human interventions"
    (PPL, arXiv 2510.01545), and its code: both losses with the same weight, beta 0.1,
    bias 0.5, 4 steps at 10 Hz (3 in the code), which are 8 at 20 Hz. Different here: the
    simulator is forked, where the paper extrapolates or simulates; pairs are at the same
    state, as in the paper (in its code the worse action belongs to the state one step
    later); the policy that has just driven is followed from every fifth step of all
    takeovers, where the paper follows it at every step as it was then; the cloning loss
    of the policy stands for the squared error, which it is for a plain network; the
    gradient steps come after the episode, with batches of 64 and the step size of the
    other learners, and not one at each control step with 1,024 and 1e-4; the
    demonstrations of the first policy are rehearsed, where the paper has none (0: as
    published).
    """

    wants_trials = True

    def __init__(
        self,
        spaces: Spaces,
        start: PolicyFile | None,
        seed: int,
        *,
        trials: Trials | None = None,
        updates: int = 60,
        learning_rate: float = 3e-3,
        foreseen_steps: int = 8,
        rehearsal_share: float = 0.3,
    ) -> None:
        if foreseen_steps < 1:
            raise ValueError(f"foreseen_steps must be at least 1, got {foreseen_steps}")
        if not 0 <= rehearsal_share < 1:
            raise ValueError(
                f"rehearsal_share must be at least 0 and below 1, got {rehearsal_share}"
            )
        super().__init__(spaces, start, seed, updates=updates, learning_rate=learning_rate)
        self._shares = 1 - rehearsal_share, rehearsal_share
        self._foreseen_steps = foreseen_steps
        possible = trials is not None and trials.possible
        self._replays = trials.replays if trials is not None and possible else None
        if trials is not None and not possible:
            logger.warning("this robot cannot be put back into a state: cloning only")

    def lesson(
        self, episodes: Sequence[Episode], rng: np.random.Generator
    ) -> Lesson | None:
        """Return the operator's frames, demonstrations, and the preferences."""
        driven = operator_frames(episodes, skip_steps=0)
        if not len(driven):
            return None
        terms: list[LossTerm] = []
        pairs = 0
        if self._replays is not None:
            contrasts = foresee(
                episodes, self.policy, self._replays, steps=self._foreseen_steps
            )
            pairs = len(contrasts)
            if pairs:
                terms.append(
                    PreferenceTerm(
                        contrasts, beta=BETA, rng=rng, bias=BIAS, batch_size=BATCH_SIZE
                    )
                )
        figures = {
            "correction_frames": float(len(driven)),
            "takeovers": float(driven.groups.max() + 1),
            "contrasts": float(pairs),
        }
        kinds = each_the_same(driven), each_the_same(self.rehearsal)
        return Lesson(kinds, self._shares, terms, figures)
