"""Whether a new policy may drive: what it does, what that is worth, and what people say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from iml_robot.core.feedback import Reply
from iml_robot.core.interfaces import Annotator, Policy
from iml_robot.core.types import Episode
from iml_robot.learners.reinforcement.practice import Ground
from iml_robot.learners.reinforcement.reward import Numbers, Reward
from iml_robot.learners.reinforcement.rollouts import Drive, drive, returns
from iml_robot.rewards.annotation.policies import PolicyPair, ask_about_policies

SHOWN_STEPS = 60
"""Length of the segments in a question: 3 s."""


@dataclass(frozen=True)
class GateVerdict:
    """What was decided about a new policy.

    Attributes:
        accepted: Whether it may drive.
        reason: Why, in one line.
        figures: For the log, by name.
        replies: What was said about old and new; they are evidence about the reward too.
        pairs: What people can be asked about old and new, where the new one is accepted:
            the stretches that differ most, those that differ more first.
    """

    accepted: bool
    reason: str
    figures: Mapping[str, float]
    replies: Sequence[Reply] = ()
    pairs: Sequence[PolicyPair] = ()


@dataclass(frozen=True)
class Gate:
    """Lets both policies drive from the same starts.

    A new policy is refused if it fails more often and does not arrive more often by as
    much, if the lower bound of what its driving is worth is lower, or if whoever is asked
    prefers the old one. Failures alone are no measure: who stands still never fails.

    Attributes:
        ground: Where they drive; its number of robots is the number of starts.
        seed: Of the starts, which are the same each time.
        pessimism: How much what is not known of the reward counts against driving.
        questions: How many pairs are asked about at most.
    """

    ground: Ground
    seed: int
    pessimism: float = 1.0
    questions: int = 3

    def judge(
        self,
        old: Policy,
        new: Policy,
        *,
        reward: Reward,
        feature_size: int,
        annotator: Annotator | None = None,
        first_question: int = 0,
        rng: np.random.Generator | None = None,
    ) -> GateVerdict:
        """Return whether the new policy may drive.

        Args:
            old: The policy that drives now.
            new: The one that would like to.
            reward: What is wanted, as far as it is known.
            feature_size: Number of reward features.
            annotator: Who is asked; None: nobody.
            first_question: Number of the first question.
            rng: Draws on which side the new policy is shown; needed with an annotator.

        Raises:
            ValueError: If there is an annotator but no generator.
        """
        before, after = (self._drives(policy, feature_size) for policy in (old, new))
        failures = [sum(d.failures for d in drives) for drives in (before, after)]
        arrivals = [sum(d.successes for d in drives) for drives in (before, after)]
        bounds = [returns(d, reward, pessimism=self.pessimism) for d in (before, after)]
        worth = [float(bound.mean()) for bound in bounds]
        figures = {
            "failures_before": float(failures[0]),
            "failures_after": float(failures[1]),
            "arrivals_before": float(arrivals[0]),
            "arrivals_after": float(arrivals[1]),
            "lower_bound_before": worth[0],
            "lower_bound_after": worth[1],
        }
        told = (
            f"fails {failures[1]} times in {len(after)} drives and arrives {arrivals[1]}, "
            f"before {failures[0]} and {arrivals[0]}"
        )
        if failures[1] - failures[0] > max(0, arrivals[1] - arrivals[0]):
            return GateVerdict(False, told, figures)
        if worth[1] < worth[0]:
            reason = f"a step is worth at least {worth[1]:.3g}, before {worth[0]:.3g}"
            return GateVerdict(False, reason, figures)
        pairs = _most_different(before, after, reward)[: self.questions]
        reason = "neither fails more nor is worth less"
        if failures[1] > failures[0]:
            reason = f"{told}; is worth no less"
        verdict = GateVerdict(True, reason, figures, pairs=pairs)
        if annotator is None:
            return verdict
        if rng is None:
            raise ValueError("sides are drawn at random: give rng too")
        said = ask_about_policies(pairs, annotator, first_question=first_question, rng=rng)
        return replace(
            verdict,
            accepted=said.balance >= 0,
            reason=f"{verdict.reason}; {said.reason}",
            figures={**figures, "preferred": float(said.balance)},
            replies=said.replies,
        )

    def _drives(self, policy: Policy, feature_size: int) -> list[Drive]:
        return drive(
            policy,
            self.ground,
            count=self.ground.robots,
            seed=self.seed,
            feature_size=feature_size,
            keep_first=self.questions > 0,
        )


def _most_different(
    before: Sequence[Drive], after: Sequence[Drive], reward: Reward
) -> list[PolicyPair]:
    """Return the stretches where old and new differ most, one of each start."""
    found: list[tuple[float, PolicyPair]] = []
    for old, new in zip(before, after, strict=True):
        if old.first is not None and new.first is not None:
            found.append(_stretch(old.first, new.first, reward))
    found.sort(key=lambda one: -one[0])
    return [pair for _, pair in found]


def _stretch(old: Episode, new: Episode, reward: Reward) -> tuple[float, PolicyPair]:
    """Return the same stretch of two drives where they differ most, and by how much."""
    length = min(len(old), len(new))
    size = min(SHOWN_STEPS, length)
    worth = [reward.reward(drive.features[:length]) for drive in (old, new)]
    sums: Numbers = np.convolve(worth[1] - worth[0], np.ones(size), mode="valid")
    start = int(np.abs(sums).argmax())
    cut = PolicyPair(old.up_to(start + size), new.up_to(start + size), start)
    return float(np.abs(sums[start])) / size, cut
