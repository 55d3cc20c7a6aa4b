"""Learns the most from few corrections; every part can be switched off."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot.core.types import Episode
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.descent import LossTerm
from iml_robot.learners.cloning.learner import CloningLearner, Lesson
from iml_robot.learners.frames.contrasts import (
    PreferenceTerm,
    Pull,
    find_contrasts,
)
from iml_robot.learners.frames.reexecution import Reexecutions
from iml_robot.learners.frames.selection import (
    SKIP_STEPS,
    Frames,
    Worth,
    operator_frames,
    policy_frames,
)
from iml_robot.policies.ensemble.files import PolicyFile
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.robots.replays import Replays

FULL_STEPS = 60
"""A takeover of 3 s or more has its full mass."""
FULL_DIFFERENCE = 1.0
"""Half the range of an action: where operator and policy differ so much, a frame counts in
full."""
LEAST_WORTH = 0.1


@LEARNERS.register("corrective")
class Corrective(CloningLearner):
    """Clones corrections, prefers them to what the policy would have done, stays near.

    Half of the sampling mass goes to the operator's frames: equally to all takeovers,
    less to those that did not help. Some goes to takeovers that were driven again from
    disturbed states, some to the demonstrations that the first policy carries, the rest
    to the policy's own driving in episodes that needed no help. The frames just before
    a takeover are left out.

    Args:
        spaces: Sizes and layout of observation and action.
        start: The policy to start from; None: an untrained one that suits the observation.
        seed: Root of all randomness.
        replays: Simulators in which recorded episodes can be taken up again; None, or
            an environment without snapshots: the parts that need them are left out.
        updates: Gradient steps after an episode.
        learning_rate: Step size of Adam.
        operator_share: Share of the operator's frames in the sampling mass.
        repeated_share: Share of the takeovers driven again; 0: none are.
        policy_share: Share of the policy's own driving without help.
        failed_weight: Weight of takeovers that did not help against the others.
        before_takeover_steps: Steps left out before a takeover.
        preference_weight: Weight of the operator's action over the policy's; 0: none.
        preference_beta: How sharply these two are told apart.
        preference_steps: How far the policy is followed from the beginning of a takeover.
        pull: Weight that holds the policy near to the last one; 0: none.

    Raises:
        ValueError: If an option is out of range.
    """

    wants_replays = True

    def __init__(
        self,
        spaces: Spaces,
        start: PolicyFile | None,
        seed: int,
        *,
        replays: Replays | None = None,
        updates: int = 60,
        learning_rate: float = 3e-3,
        operator_share: float = 0.5,
        repeated_share: float = 0.1,
        policy_share: float = 0.2,
        failed_weight: float = 0.25,
        before_takeover_steps: int = 20,
        preference_weight: float = 0.5,
        preference_beta: float = 0.5,
        preference_steps: int = 6,
        pull: float = 0.02,
        batch_size: int = 64,
        averaged: float = 0.0,
        anew: bool = True,
    ) -> None:
        super().__init__(
            spaces,
            start,
            seed,
            updates=updates,
            learning_rate=learning_rate,
            batch_size=batch_size,
            averaged=averaged,
            anew=anew,
        )
        rest = 1.0 - operator_share - repeated_share - policy_share
        self._shares = operator_share, repeated_share, policy_share, rest
        if operator_share <= 0 or min(self._shares) < 0:
            raise ValueError(
                "operator_share must be above 0, and with repeated_share and policy_share "
                f"at most 1 together; got {operator_share}, {repeated_share} and "
                f"{policy_share}"
            )
        self._failed_weight = failed_weight
        self._before_takeover_steps = before_takeover_steps
        self._preference = preference_weight, preference_beta, preference_steps
        self._pull = pull
        usable = replays if replays is not None and replays.possible else None
        self._replays = usable
        self._again = None
        if usable is not None and repeated_share > 0:
            self._again = Reexecutions(usable, copies=3, seed=seed)

    def lesson(
        self, episodes: Sequence[Episode], rng: np.random.Generator
    ) -> Lesson | None:
        """Return the operator's frames, what goes beside them, and the terms."""
        worth = Worth(FULL_STEPS, FULL_DIFFERENCE, LEAST_WORTH, self._failed_weight)
        corrections = operator_frames(episodes, skip_steps=SKIP_STEPS, worth=worth)
        if not len(corrections):
            return None
        own = policy_frames(
            episodes,
            before_takeover_steps=self._before_takeover_steps,
            unaided_only=True,
        )
        nothing = Frames(
            corrections.observations[:0], corrections.actions[:0], own.groups[:0]
        )
        again = self._again.frames(episodes) if self._again else nothing
        terms, pairs = self._terms(episodes, rng)
        figures = {
            "correction_frames": float(len(corrections)),
            "takeovers": float(corrections.groups.max() + 1),
            "repeated_frames": float(len(again)),
            "policy_frames": float(len(own)),
            "contrasts": float(pairs),
        }
        kinds = (corrections, again, own, self.rehearsal)
        return Lesson(kinds, self._shares, terms, figures)

    def _terms(
        self, episodes: Sequence[Episode], rng: np.random.Generator
    ) -> tuple[list[LossTerm], int]:
        """Return what counts beside cloning, and the number of preference pairs."""
        terms: list[LossTerm] = []
        pairs = 0
        weight, beta, steps = self._preference
        if self._pull > 0:
            terms.append(Pull(self.network, weight=self._pull))
        if weight > 0 and self._replays is not None:
            contrasts = find_contrasts(episodes, self.policy, self._replays, steps=steps)
            pairs = len(contrasts)
            if pairs:
                terms.append(PreferenceTerm(contrasts, weight=weight, beta=beta, rng=rng))
        return terms, pairs
