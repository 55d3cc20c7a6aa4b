"""Human-gated DAgger: learns what the operator did where the operator took over."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot.core.types import Episode
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.learner import CloningLearner, Lesson
from iml_robot.learners.frames.selection import (
    SKIP_STEPS,
    operator_frames,
    policy_frames,
)
from iml_robot.policies.ensemble.files import PolicyFile
from iml_robot.policies.ensemble.network import Spaces


@LEARNERS.register("hg_dagger")
class HumanGatedDagger(CloningLearner):
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
        super().__init__(spaces, start, seed, updates=updates, learning_rate=learning_rate)
        rehearsal_share = max(0.0, 1 - operator_share - policy_share)
        self._shares = operator_share, policy_share, rehearsal_share
        self._before_takeover_steps = before_takeover_steps

    def lesson(
        self, episodes: Sequence[Episode], rng: np.random.Generator
    ) -> Lesson | None:
        """Return corrections, the policy's own good driving, and what it knew."""
        corrections = operator_frames(episodes, skip_steps=SKIP_STEPS)
        if not len(corrections):
            return None
        own = policy_frames(episodes, before_takeover_steps=self._before_takeover_steps)
        figures = {
            "correction_frames": float(len(corrections)),
            "takeovers": float(corrections.groups.max() + 1),
            "policy_frames": float(len(own)),
        }
        return Lesson((corrections, own, self.rehearsal), self._shares, (), figures)
