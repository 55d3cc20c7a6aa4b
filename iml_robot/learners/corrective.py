"""Learns the most from few corrections; every part can be switched off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from iml_robot.core.types import Episode
from iml_robot.learners import LEARNERS
from iml_robot.learners.cloning.descent import LossTerm
from iml_robot.learners.cloning.learner import CloningLearner, Lesson
from iml_robot.learners.cloning.line_search import best_step
from iml_robot.learners.cloning.trials import AGREED, MASTERED, Trials
from iml_robot.learners.frames.contrasts import (
    PreferenceTerm,
    Pull,
    find_contrasts,
)
from iml_robot.learners.frames.reexecution import Reexecutions
from iml_robot.learners.frames.selection import (
    SKIP_STEPS,
    Worth,
    join_frames,
    operator_frames,
    policy_frames,
    teaches,
)
from iml_robot.policies.ensemble.files import PolicyFile, between
from iml_robot.policies.ensemble.network import Spaces
from iml_robot.policies.ensemble.policy import EnsemblePolicy

SHARES = {"operator": 0.5, "repeated": 0.1, "policy": 0.2}
WEIGHTS = {"preference": 0.0, "pull": 0.02, "failed": 0.25, "agreeing": 0.1}
LEARNING_RATE = 3e-3
BEFORE_TAKEOVER_STEPS = 20
FULL_STEPS = 60
"""A takeover of 3 s or more has its full mass."""
FULL_DIFFERENCE = 1.0
"""Half the range of an action: where operator and policy differ so much, a frame counts in
full."""
COPIES = 3
"""Times that a takeover is driven again."""
BETA, FORESEEN_STEPS = 0.5, 6
"""How sharply preferences are told apart, and how far the policy is followed for them."""
ATTEMPTS, ENOUGH = 2, 0.9
"""A policy that copes with a smaller share of the moments is trained once more, with all
frames of the operator alike, unless the first attempt brought it so far: which frames
matter is a guess, and people's time is dearer than a computer's."""
ALIKE_SHARES = {**SHARES, "repeated": 0.0}
ALIKE_WEIGHTS = {"preference": 0.0, "pull": 0.0, "failed": 1.0, "agreeing": 1.0}


@LEARNERS.register("corrective")
class Corrective(CloningLearner):
    """Clones corrections by what they change, and keeps what drives better.

    Half of the sampling mass goes to the operator's frames: a takeover counts by its
    length, and less if it did not help; a frame by what the operator changed. Some goes
    to takeovers that were driven again from disturbed states, some to the demonstrations
    that the first policy carries, the rest to the policy's own driving in episodes that
    needed no help. The frames just before a takeover are left out.

    What cloning asks for and what drives well are not the same. So the trained policy is
    tried from stored moments, and so are steps on the way to it; the best one is kept.
    Where that leaves much to be gained, it is trained once more on all corrections alike.

    Args:
        spaces: Sizes and layout of observation and action.
        start: The policy to start from; None: an untrained one that suits the observation.
        seed: Root of all randomness.
        trials: Where policies are tried and recorded episodes taken up again; None, or an
            environment without snapshots: the parts that need them are left out.
        updates: Gradient steps after an episode.
        shares: Shares of the sampling mass, by name: operator (corrections), repeated
            (takeovers driven again; 0: none are) and policy (its own driving without
            help). Demonstrations have the rest. What is not named is as in `SHARES`.
        weights: What counts beside cloning, by name, 0 for nothing: preference (of the
            operator's action over the policy's), pull (towards the last policy), failed
            (takeovers that did not help, against the others), agreeing (frames in which
            the policy wanted the same, against the others). What is not named is as in
            `WEIGHTS`.
        candidates: Whether steps on the way are tried.

    Attributes:
        trials: Where policies are tried; None: nowhere.

    Raises:
        ValueError: If an option is unknown or out of range.
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
        shares: Mapping[str, float] | None = None,
        weights: Mapping[str, float] | None = None,
        candidates: bool = True,
    ) -> None:
        super().__init__(spaces, start, seed, updates=updates, learning_rate=LEARNING_RATE)
        self._shares = with_defaults("shares", shares or {}, SHARES)
        self._weights = with_defaults("weights", weights or {}, WEIGHTS)
        if self._shares["operator"] <= 0 or sum(self._shares.values()) > 1:
            raise ValueError(
                "shares: operator must be above 0 and all together at most 1, got "
                f"{dict(self._shares)}"
            )
        self.trials = trials if trials is not None and trials.possible else None
        self._candidates = candidates
        self._again = None
        if self.trials is not None and self._shares["repeated"] > 0:
            self._again = Reexecutions(self.trials.replays, copies=COPIES, seed=seed)

    def update(
        self, episodes: Sequence[Episode], *, on_progress: Callable[[float], None]
    ) -> Mapping[str, float]:
        """Take some gradient steps, if there is anything to gain; see the interface.

        A policy that copes by itself with every moment stays as it is: what the operator
        did then was not needed, and a session has many updates in which it could lose. It
        also stays where the operator did nothing but what it wanted anyway.
        """
        if episodes and not teaches(episodes[-1]):
            on_progress(1.0)
            agreed = {AGREED: 1.0} if episodes[-1].corrected.any() else {}
            return {"updates": 0.0, **agreed}
        moments = self._mastered(episodes)
        if moments:
            on_progress(1.0)
            return {"updates": 0.0, MASTERED: float(moments)}
        return super().update(episodes, on_progress=on_progress)

    def _mastered(self, episodes: Sequence[Episode]) -> int:
        """Return the number of moments if the policy copes with all; else 0."""
        if self.trials is None or not self._candidates:
            return 0
        if not episodes or not episodes[-1].corrected.any():
            return 0
        coped = self.trials.drive(self.policy, episodes)
        return len(coped) if coped.all() else 0

    def lesson(
        self, episodes: Sequence[Episode], rng: np.random.Generator
    ) -> Lesson | None:
        """Return the operator's frames, what goes beside them, and the terms."""
        return self._lesson(episodes, rng, self._shares, self._weights)

    def _lesson(
        self,
        episodes: Sequence[Episode],
        rng: np.random.Generator,
        shares: Mapping[str, float],
        weights: Mapping[str, float],
    ) -> Lesson | None:
        agreeing, failed = weights["agreeing"], weights["failed"]
        worth = Worth(FULL_STEPS, FULL_DIFFERENCE, agreeing, failed)
        corrections = operator_frames(episodes, skip_steps=SKIP_STEPS, worth=worth)
        if not len(corrections):
            return None
        own = policy_frames(
            episodes,
            before_takeover_steps=BEFORE_TAKEOVER_STEPS,
            unaided_only=True,
        )
        again = join_frames([], episodes)
        if self._again is not None and shares["repeated"] > 0:
            again = self._again.frames(episodes)
        terms, pairs = self._terms(episodes, rng, weights)
        figures = {
            "correction_frames": float(len(corrections)),
            "takeovers": float(corrections.groups.max() + 1),
            "repeated_frames": float(len(again)),
            "policy_frames": float(len(own)),
            "contrasts": float(pairs),
        }
        kinds = (corrections, again, own, self.rehearsal)
        named = [shares[name] for name in ("operator", "repeated", "policy")]
        return Lesson(kinds, (*named, max(0.0, 1 - sum(named))), terms, figures)

    def best(
        self,
        lesson: Lesson,
        episodes: Sequence[Episode],
        rng: np.random.Generator,
        on_progress: Callable[[float], None],
    ) -> tuple[PolicyFile, Mapping[str, float]]:
        """Return the longest step that is better than the present policy, else the best."""
        if self.trials is None or not self._candidates:
            return super().best(lesson, episodes, rng, on_progress)
        coped = self.trials.drive(self.policy, episodes)
        before, enough = int(coped.sum()), ENOUGH * len(coped)
        best, most, figures = self._file, -1, {}
        attempts = ATTEMPTS if before < enough else 1
        for attempt in range(attempts):

            def onward(part: float, done: int = attempt) -> None:
                on_progress((done + part) / attempts)

            if attempt:
                alike = self._lesson(episodes, rng, ALIKE_SHARES, ALIKE_WEIGHTS)
                lesson = alike or lesson
            file, count, said = self._attempt(
                lesson, episodes, rng, (before, enough), onward
            )
            if count > most:
                best, most, figures = file, count, {**said, "attempt": float(attempt)}
            if most > before and most >= enough:
                break
        on_progress(1.0)
        return best, figures

    def _attempt(
        self,
        lesson: Lesson,
        episodes: Sequence[Episode],
        rng: np.random.Generator,
        bounds: tuple[int, float],
        on_progress: Callable[[float], None],
    ) -> tuple[PolicyFile, int, dict[str, float]]:
        """Train once and return the best step on the way, and the moments it copes with.

        One that cannot cope with more than `before` moments is not tried to the end.
        """
        trials, (before, enough) = self.trials, bounds
        assert trials is not None
        goal, losses = self.trained(
            self._file, lesson, rng, on_progress=lambda part: on_progress(part / 4)
        )

        def tried(share: float, beyond: int) -> int:
            policy = EnsemblePolicy(between(self._file, goal, share).network)
            return int(trials.drive(policy, episodes, beyond=beyond).sum())

        found = best_step(
            tried,
            before=before,
            enough=enough,
            on_progress=lambda part: on_progress((1 + 3 * part) / 4),
        )
        file = between(self._file, goal, found.share)
        return file, found.coped, {**losses, "step": found.share}

    def _terms(
        self,
        episodes: Sequence[Episode],
        rng: np.random.Generator,
        weights: Mapping[str, float],
    ) -> tuple[list[LossTerm], int]:
        """Return what counts beside cloning, and the number of preference pairs."""
        terms: list[LossTerm] = []
        weight, pull = weights["preference"], weights["pull"]
        if pull > 0:
            terms.append(Pull(self.network, weight=pull))
        if weight == 0 or self.trials is None:
            return terms, 0
        contrasts = find_contrasts(
            episodes, self.policy, self.trials.replays, steps=FORESEEN_STEPS
        )
        if len(contrasts):
            terms.append(PreferenceTerm(contrasts, weight=weight, beta=BETA, rng=rng))
        return terms, len(contrasts)


def with_defaults(
    name: str, given: Mapping[str, float], defaults: Mapping[str, float]
) -> dict[str, float]:
    """Return named numbers, those that are not given as in the defaults.

    Raises:
        ValueError: If a name is unknown or a number negative.
    """
    for key, value in given.items():
        if key not in defaults:
            raise ValueError(f"{name}: unknown {key!r} (known: {', '.join(defaults)})")
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ValueError(f"{name}: {key} must be a number from 0, got {value!r}")
    return {**defaults, **given}
