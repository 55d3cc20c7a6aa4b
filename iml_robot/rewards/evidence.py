"""What the posterior is fed with: comparisons, choices, alarms and weight edits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, TypeVar

from iml_robot.core.feedback import Answer, WeightEdit
from iml_robot.rewards.arrays import Array, finite

Source: TypeAlias = Literal["question", "rating", "correction"]
HALF_LIFE = 300.0
"""Events after which evidence counts half where it fades (the study's section 5.4)."""


@dataclass(frozen=True)
class Comparison:
    """One of two segments was said or shown to be better, or both to be equal.

    Attributes:
        difference: Mean standardised features, left minus right, shape (d,).
        answer: What was said; "can't tell" and a skip are no evidence.
        weight: How much it counts; the pairs of one event share 1.
        source: "question": somebody was asked; "rating": two presses of good or bad;
            "correction": what the operator drove (left) and the policy would have (right).
        much: Whether the difference is said to be large.
        annotator: Who said so; "" is nobody in particular.
        event: Number of the event in its session, from which its age is reckoned.

    Raises:
        ValueError: If numbers are not finite or the weight is negative.
    """

    difference: Array
    answer: Answer
    weight: float = 1.0
    source: Source = "question"
    much: bool = False
    annotator: str = ""
    event: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no number."""
        object.__setattr__(self, "difference", finite(self.difference, "difference", (-1,)))
        _check_weight(self.weight)


@dataclass(frozen=True)
class Choice:
    """Of many ways to drive on from a state, the operator chose one.

    Attributes:
        chosen: Mean standardised features of the way that was chosen, shape (d,).
        others: Those of the ways that were not, shape (K, d).
        weight: How much it counts.
        source: "demonstration".
        event: Number of the event in its session.

    Raises:
        ValueError: If numbers are not finite or the weight is negative.
    """

    chosen: Array
    others: Array
    weight: float = 1.0
    source: Literal["demonstration"] = "demonstration"
    event: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no number."""
        object.__setattr__(self, "chosen", finite(self.chosen, "chosen", (-1,)))
        others = finite(self.others, "others", (-1, len(self.chosen)))
        object.__setattr__(self, "others", others)
        _check_weight(self.weight)


@dataclass(frozen=True)
class Alarm:
    """Whether the operator took over from what the policy was about to do.

    Attributes:
        predicted: Mean standardised features of the second that would have come without a
            takeover, shape (d,).
        weight: How much it counts.
        taken: True: the operator took over; False: all stayed quiet.
        event: Number of the event in its session.

    Raises:
        ValueError: If numbers are not finite or the weight is negative.
    """

    predicted: Array
    weight: float
    taken: bool
    event: int = 0

    def __post_init__(self) -> None:
        """Refuse what is no number."""
        object.__setattr__(self, "predicted", finite(self.predicted, "predicted", (-1,)))
        _check_weight(self.weight)


Event = TypeVar("Event", Comparison, Choice, Alarm)


@dataclass(frozen=True)
class Evidence:
    """All that is known about the weights beside the prior.

    Attributes:
        comparisons: Answers, ratings and corrections.
        choices: Demonstrations.
        alarms: Takeovers, and windows without one.
        edits: Weights that were set by hand, the newest last; it alone counts.
    """

    comparisons: tuple[Comparison, ...] = ()
    choices: tuple[Choice, ...] = ()
    alarms: tuple[Alarm, ...] = ()
    edits: tuple[WeightEdit, ...] = ()

    def __post_init__(self) -> None:
        """Keep what is given as it is now."""
        for name in self.__dataclass_fields__:
            object.__setattr__(self, name, tuple(getattr(self, name)))

    def __add__(self, other: Evidence) -> Evidence:
        """Return both; what the other says comes later."""
        return Evidence(
            self.comparisons + other.comparisons,
            self.choices + other.choices,
            self.alarms + other.alarms,
            self.edits + other.edits,
        )

    def faded(self, *, newest: int | None = None, half_life: float = HALF_LIFE) -> Evidence:
        """Return evidence that counts less the older it is; edits do not age.

        Args:
            newest: Number of the event that is now; None: the newest here.
            half_life: Events after which it counts half, above 0.

        Raises:
            ValueError: If the half-life is no positive number.
        """
        if not half_life > 0:
            raise ValueError(f"half_life must be above 0 events, got {half_life}")
        now = max((e.event for e in self._events()), default=0)
        now = now if newest is None else newest

        def fade(events: Sequence[Event]) -> tuple[Event, ...]:
            return tuple(
                replace(e, weight=e.weight * 0.5 ** (max(0, now - e.event) / half_life))
                for e in events
            )

        return Evidence(
            fade(self.comparisons), fade(self.choices), fade(self.alarms), self.edits
        )

    def _events(self) -> Iterator[Comparison | Choice | Alarm]:
        yield from self.comparisons
        yield from self.choices
        yield from self.alarms


def _check_weight(weight: float) -> None:
    if not 0 <= weight < float("inf"):
        raise ValueError(f"weight must be a number >= 0, got {weight}")
