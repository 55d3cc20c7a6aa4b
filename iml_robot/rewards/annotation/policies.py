"""What people say to the driving of an old and a new policy, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from iml_robot.core.feedback import Answer, Purpose, Question, Reply, Segment, Wish
from iml_robot.core.interfaces import Annotator
from iml_robot.core.types import Episode


@dataclass(frozen=True)
class PolicyPair:
    """The same stretch of two drives from one start.

    Attributes:
        old: How the old policy drove, up to the end of the stretch.
        new: How the new one drove, as many steps.
        start: First step of the stretch.
    """

    old: Episode
    new: Episode
    start: int

    def numbered(self, first: int, *, versions: tuple[int, int]) -> PolicyPair:
        """Return the same drives as episodes that can be told apart.

        Args:
            first: Number of the drive of the old policy; that of the new one follows.
            versions: Numbers of the old and the new policy.
        """
        drives = [
            replace(
                drive,
                info=replace(drive.info, episode_id=first + side, policy_version=version),
            )
            for side, (drive, version) in enumerate(
                zip((self.old, self.new), versions, strict=True)
            )
        ]
        return PolicyPair(drives[0], drives[1], self.start)

    def segments(self) -> tuple[Segment, Segment]:
        """Return what is shown of the old and of the new policy."""
        old, new = (
            Segment(
                drive.info.episode_id,
                self.start,
                drive.features[self.start :],
                drive.info.policy_version,
            )
            for drive in (self.old, self.new)
        )
        return old, new


@dataclass(frozen=True)
class Opinion:
    """What was said about an old and a new policy.

    Attributes:
        said: For each reply 1 if the new one is better, -1 if the old one, else 0.
        replies: What was said; it is evidence about the reward too.
    """

    said: tuple[int, ...] = ()
    replies: tuple[Reply, ...] = ()

    @property
    def balance(self) -> int:
        """How many more replies are for the new policy than for the old one."""
        return sum(self.said)

    @property
    def reason(self) -> str:
        """What that means for the new policy, in one line."""
        new, old = self.said.count(1), self.said.count(-1)
        count = f"{len(self.said)} pair{'' if len(self.said) == 1 else 's'}"
        if not self.said:
            return "nobody compared it with the policy before"
        return f"of {count} shown to people, {new} speak for it, {old} for the one before"


def ask_about_policies(
    pairs: Sequence[PolicyPair],
    annotator: Annotator,
    *,
    first_question: int,
    rng: np.random.Generator,
) -> Opinion:
    """Ask which of two policies drove better; each is shown on both sides by chance.

    Args:
        pairs: What is asked about, in this order.
        annotator: Who is asked; may go back, or want no more.
        first_question: Number of the first question.
        rng: Draws on which side the new policy is shown.
    """
    lefts = rng.integers(2, size=len(pairs)).astype(bool).tolist()
    waiting, answered = list(range(len(pairs))), list[int]()
    said, replies = list[int](), list[Reply]()
    while waiting:
        new_left = lefts[waiting[0]]
        number = first_question + len(replies)
        reply = annotator.answer(_question(number, pairs[waiting[0]], new_left=new_left))
        if reply is Wish.LEAVE or (reply is Wish.UNDO and not said):
            break
        if isinstance(reply, Wish):
            waiting.insert(0, answered.pop())
            said.pop()
            replies.pop()
            continue
        place = waiting.pop(0)
        if reply is not None:  # Else it could not be shown.
            answered.append(place)
            replies.append(reply)
            better = {Answer.LEFT: 1, Answer.RIGHT: -1}.get(reply.answer, 0)
            said.append(better if new_left else -better)
    return Opinion(tuple(said), tuple(replies))


def _question(number: int, pair: PolicyPair, *, new_left: bool) -> Question:
    old, new = pair.segments()
    left, right = (new, old) if new_left else (old, new)
    return Question(number, left, right, Purpose.POLICIES)
