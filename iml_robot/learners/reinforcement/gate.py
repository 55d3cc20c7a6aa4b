"""Whether a new policy may drive: what it does, what that is worth, and what people say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from iml_robot.core.feedback import Answer, Purpose, Question, Reply, Segment, Wish
from iml_robot.core.interfaces import Annotator, Policy
from iml_robot.core.types import FloatArray
from iml_robot.learners.reinforcement.practice import Ground
from iml_robot.learners.reinforcement.reward import Numbers, Reward
from iml_robot.learners.reinforcement.rollouts import Drive, drive, returns

SHOWN_STEPS = 60
"""Length of the segments in a question: 3 s."""
EPISODE = -1
"""Number of the episode of segments that no session recorded."""


@dataclass(frozen=True)
class GateVerdict:
    """What was decided about a new policy.

    Attributes:
        accepted: Whether it may drive.
        reason: Why, in one line.
        figures: For the log, by name.
        replies: What was said about old and new; they are evidence about the reward too.
    """

    accepted: bool
    reason: str
    figures: Mapping[str, float]
    replies: Sequence[Reply] = ()


@dataclass(frozen=True)
class Gate:
    """Lets both policies drive from the same starts.

    A new policy is refused if it fails more often, if the lower bound of what its driving
    is worth is lower, or if whoever is asked prefers the old one.

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
        count = self.ground.robots
        before, after = (
            drive(
                policy,
                self.ground,
                count=count,
                seed=self.seed,
                feature_size=feature_size,
            )
            for policy in (old, new)
        )
        failures = [sum(d.failures for d in drives) for drives in (before, after)]
        bounds = [returns(d, reward, pessimism=self.pessimism) for d in (before, after)]
        worth = [float(bound.mean()) for bound in bounds]
        figures = {
            "failures_before": float(failures[0]),
            "failures_after": float(failures[1]),
            "lower_bound_before": worth[0],
            "lower_bound_after": worth[1],
        }
        if failures[1] > failures[0]:
            reason = f"fails {failures[1]} times in {count} drives, before {failures[0]}"
            return GateVerdict(False, reason, figures)
        if worth[1] < worth[0]:
            reason = f"a step is worth at least {worth[1]:.3g}, before {worth[0]:.3g}"
            return GateVerdict(False, reason, figures)
        verdict = GateVerdict(True, "neither fails more nor is worth less", figures)
        if annotator is None:
            return verdict
        if rng is None:
            raise ValueError("sides are drawn at random: give rng too")
        asked = _Asked(annotator, reward, first_question, rng)
        return asked.about(verdict, before, after, most=self.questions)


@dataclass
class _Asked:
    """Questions about old and new, and what was said."""

    annotator: Annotator
    reward: Reward
    first_question: int
    rng: np.random.Generator
    replies: list[Reply] = field(default_factory=list)

    def about(
        self,
        verdict: GateVerdict,
        before: Sequence[Drive],
        after: Sequence[Drive],
        *,
        most: int,
    ) -> GateVerdict:
        """Return the verdict after what was said."""
        pairs = [
            _most_different(*pair, self.reward) for pair in zip(before, after, strict=True)
        ]
        pairs.sort(key=lambda pair: -pair[2])
        said = self._said([(old, new) for old, new, _ in pairs[:most]])
        balance = sum(said)
        figures = {**verdict.figures, "preferred": float(balance)}
        if balance < 0:
            reason = (
                f"the old policy is preferred in {-balance} more pairs than the new one"
            )
            return GateVerdict(False, reason, figures, tuple(self.replies))
        reason = f"{verdict.reason}, and nobody prefers the old one"
        return GateVerdict(True, reason, figures, tuple(self.replies))

    def _said(self, pairs: Sequence[tuple[FloatArray, FloatArray]]) -> list[int]:
        """Return for each pair 1 if the new one is said to be better, -1 if the old one."""
        waiting, answered = list(range(len(pairs))), list[int]()
        said: list[int] = []
        lefts = self.rng.integers(2, size=len(pairs)).astype(bool).tolist()
        while waiting:
            new_left, (old, new) = lefts[waiting[0]], pairs[waiting[0]]
            left, right = (new, old) if new_left else (old, new)
            reply = self.annotator.answer(self._question(left, right))
            if reply is Wish.LEAVE or (reply is Wish.UNDO and not said):
                break
            if isinstance(reply, Wish):
                waiting.insert(0, answered.pop())
                said.pop()
                self.replies.pop()
                continue
            place = waiting.pop(0)
            if reply is not None:  # Else it could not be shown.
                answered.append(place)
                self.replies.append(reply)
                better = {Answer.LEFT: 1, Answer.RIGHT: -1}.get(reply.answer, 0)
                said.append(better if new_left else -better)
        return said

    def _question(self, left: FloatArray, right: FloatArray) -> Question:
        number = self.first_question + len(self.replies)
        first, second = Segment(EPISODE, 0, left), Segment(EPISODE, 0, right)
        return Question(number, first, second, Purpose.POLICIES)


def _most_different(
    old: Drive, new: Drive, reward: Reward
) -> tuple[FloatArray, FloatArray, float]:
    """Return the same stretch of two drives where they differ most, and by how much."""
    length = min(len(old.features), len(new.features))
    size = min(SHOWN_STEPS, length)
    difference = reward.reward(new.features[:length]) - reward.reward(old.features[:length])
    sums: Numbers = np.convolve(difference, np.ones(size), mode="valid")
    start = int(np.abs(sums).argmax())
    part = slice(start, start + size)
    return old.features[part], new.features[part], float(np.abs(sums[start])) / size
