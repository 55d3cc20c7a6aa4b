"""What people may say about an episode before anything is learned from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from iml_robot.core.types import Episode


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of an episode that has ended.

    Attributes:
        discard: Why nothing may be learned from it; "": it counts.
        again: Whether the next episode is driven on the same map.
        back_to: From where it is driven on, in control steps from `env.reset`; what came
            after is taken back. None: it ended where it ended.
    """

    discard: str = ""
    again: bool = False
    back_to: int | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decided about the newest drive of which they were asked.

    Attributes:
        episode: Number of its last episode; -1: there was no drive yet.
        again: Where in the order of the maps the next one is driven; None: it is new.
        undo: Whether the policy that drove is taken back.
    """

    episode: int = -1
    again: int | None = None
    undo: bool = False


TakeUp: TypeAlias = Callable[[int], str]
"""Puts the robot back to a control step since `env.reset`; returns why it cannot, or ""."""
Judge: TypeAlias = Callable[[Episode, TakeUp], Judged]
"""Gets a drive as one episode, from its reset to its end, without what was rewound, and
what tries whether it can be driven on from one of its steps."""

COUNTS = Judged()


def accept(episode: Episode, take_up: TakeUp) -> Judged:
    """Let an episode count as it is."""
    del episode, take_up
    return COUNTS
