"""What was asked and answered so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from iml_robot.core.feedback import Purpose, Question, Reply, Segment
from iml_robot.core.types import BoolArray

MOST_USES = 3
"""A segment is shown in no more questions than this."""
LEAST_APART = 10
"""A question is repeated after so many others at the earliest."""

Key = tuple[int, int, int]


def key_of(segment: Segment) -> Key:
    """Return what tells a segment from others: its episode, first and last step."""
    return segment.episode_id, segment.start, segment.stop


class History:
    """Replies in the order of their questions."""

    def __init__(self) -> None:
        self._replies: dict[int, Reply] = {}
        self._uses: Counter[Key] = Counter()
        self._purposes: Counter[Purpose] = Counter()
        self._pairs: set[frozenset[Key]] = set()
        self._repeated: set[int] = set()

    def __len__(self) -> int:
        """Return the number of questions."""
        return len(self._replies)

    @property
    def replies(self) -> list[Reply]:
        """The last reply to each question."""
        return list(self._replies.values())

    @property
    def next_number(self) -> int:
        """Number for the next question."""
        return max(self._replies, default=-1) + 1

    def add(self, reply: Reply) -> None:
        """Take in a reply; one to a question that was answered replaces the other."""
        question = reply.question
        if question.question_id not in self._replies:
            keys = (key_of(question.left), key_of(question.right))
            self._uses.update(keys)
            self._pairs.add(frozenset(keys))
            self._purposes[question.purpose] += 1
            if question.repeats is not None:
                self._repeated.add(question.repeats)
        self._replies[question.question_id] = reply

    def asked(self, purpose: Purpose) -> int:
        """Return how many questions were asked for a purpose."""
        return self._purposes[purpose]

    def fresh(self, left: Segment, right: Segment) -> bool:
        """Return whether two segments were not compared yet."""
        return frozenset((key_of(left), key_of(right))) not in self._pairs

    def usable(self, segments: Sequence[Segment]) -> BoolArray:
        """Return which segments may be shown again, shape (n,)."""
        return np.array([self._uses[key_of(s)] < MOST_USES for s in segments], np.bool_)

    def repeatable(self) -> list[Question]:
        """Return the answered questions that may be asked again, mirrored, by now."""
        return [
            reply.question
            for reply in self._replies.values()
            if reply.answer.informative and self.may_repeat(reply.question)
        ]

    def may_repeat(self, question: Question) -> bool:
        """Return whether enough was asked since, and it is neither worn nor repeated."""
        number = question.question_id
        return (
            question.repeats is None
            and number not in self._repeated
            and self.next_number - number > LEAST_APART
            and bool(self.usable((question.left, question.right)).all())
        )
