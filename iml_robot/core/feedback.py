"""What people say about driving, as frozen data: segments, questions, replies and edits."""

from __future__ import annotations

import enum
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot.core.types import FloatArray


class Answer(enum.Enum):
    """What an annotator can say to a question.

    "About equal" is evidence that two segments are nearly as good, "can't tell" and a
    skip are none: whoever does not know has not said that there is no difference.
    """

    LEFT = "left"
    RIGHT = "right"
    EQUAL = "equal"
    CANT_TELL = "cant_tell"
    SKIP = "skip"

    @property
    def informative(self) -> bool:
        """True if the answer says something about what is better."""
        return self in INFORMATIVE_ANSWERS

    @property
    def mirrored(self) -> Answer:
        """The answer that means the same where the sides are swapped."""
        swapped = {Answer.LEFT: Answer.RIGHT, Answer.RIGHT: Answer.LEFT}
        return swapped.get(self, self)


INFORMATIVE_ANSWERS = (Answer.LEFT, Answer.RIGHT, Answer.EQUAL)
"""In the order in which probabilities of answers stand beside each other."""


class Wish(enum.Enum):
    """What an annotator can want instead of answering."""

    UNDO = "undo"
    """To answer the question before once more."""
    LEAVE = "leave"
    """To be asked no more in this break."""


class Purpose(enum.Enum):
    """Why a question is asked."""

    INFORMATIVE = "informative"
    RANDOM = "random"
    MIRRORED = "mirrored"
    GOLD = "gold"
    SURPRISING = "surprising"
    POLICIES = "policies"


@dataclass(frozen=True)
class Segment:
    """A short part of an episode.

    Attributes:
        episode_id: Number of the episode.
        start: Its first step.
        features: Reward features of its steps, shape (T, d).
        policy_version: Number of the policy that drove.
    """

    episode_id: int
    start: int
    features: FloatArray
    policy_version: int = 0

    def __len__(self) -> int:
        """Return the number of steps T."""
        return len(self.features)

    @property
    def stop(self) -> int:
        """The step after its last one."""
        return self.start + len(self)

    @property
    def mean(self) -> npt.NDArray[np.float64]:
        """Mean of each feature over the steps, shape (d,)."""
        mean: npt.NDArray[np.float64] = self.features.mean(axis=0, dtype=np.float64)
        return mean


@dataclass(frozen=True)
class Question:
    """Which of two segments is better?

    Attributes:
        question_id: Number of the question in its session.
        left: The segment that is shown on the left.
        right: The other one.
        purpose: Why it is asked.
        repeats: Number of the question that is asked again; None: it is new.
    """

    question_id: int
    left: Segment
    right: Segment
    purpose: Purpose = Purpose.INFORMATIVE
    repeats: int | None = None


SHOWINGS, THINKING_S = 2.0, 3.0
"""A question takes as long as showing each segment once, and time to think [s]."""


@dataclass(frozen=True)
class Reply:
    """What an annotator answered.

    Attributes:
        question: The question.
        answer: What was said.
        much: Whether the difference is said to be large.
        annotator: Who answered.
        seconds: Time from the end of the first showing to the answer [s].
        replays: How often the segments were shown again.
    """

    question: Question
    answer: Answer
    much: bool = False
    annotator: str = ""
    seconds: float = 0.0
    replays: int = 0


@dataclass(frozen=True)
class WeightEdit:
    """What a person says about a weight directly; the latest edit of a feature counts.

    Attributes:
        feature: Name of the feature.
        weight: What it should weigh, in units of standardised features; None: no opinion.
        locked: Whether it must stay there.
        sign: +1 or -1 if the weight must be positive or negative, else 0.
    """

    feature: str
    weight: float | None = None
    locked: bool = False
    sign: int = 0

    def __post_init__(self) -> None:
        """Refuse edits that say nothing or contradict themselves.

        Raises:
            ValueError: If the edit cannot be meant.
        """
        if self.weight is not None and not np.isfinite(self.weight):
            raise ValueError(f"weight must be a finite number, got {self.weight}")
        if self.sign not in (-1, 0, 1):
            raise ValueError(f"sign must be -1, 0 or 1, got {self.sign}")
        if self.locked and self.weight is None:
            raise ValueError("a weight is locked where it stands: give weight too")
        if self.weight is not None and self.sign * self.weight < 0:
            raise ValueError(
                f"weight {self.weight} contradicts sign {self.sign}: change one of them"
            )
