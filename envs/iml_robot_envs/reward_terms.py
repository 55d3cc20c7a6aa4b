"""Parts of a reward; each maps what one step changed to a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Change(NamedTuple):
    """What one control step changed.

    Attributes:
        gained_m: How much nearer the goal is [m].
        outcome: How the episode ended in this step; "" if it goes on.
    """

    gained_m: float
    outcome: str


RewardTerm = Callable[[Change], float]


@dataclass(frozen=True)
class Progress:
    """Pays for every metre gained.

    Attributes:
        per_m: Reward [1/m].
    """

    per_m: float = 1.0

    def __call__(self, change: Change) -> float:
        """Return the reward of the way gained."""
        return self.per_m * change.gained_m


@dataclass(frozen=True)
class EveryStep:
    """Is the same at every step.

    Attributes:
        reward: The constant.
    """

    reward: float

    def __call__(self, change: Change) -> float:
        """Return the constant."""
        return self.reward


@dataclass(frozen=True)
class AtTheEnd:
    """Depends on how the episode ended.

    Attributes:
        rewards: Reward of an outcome by its name.
        otherwise: Reward of any other outcome.
    """

    rewards: Mapping[str, float]
    otherwise: float = 0.0

    def __call__(self, change: Change) -> float:
        """Return the reward of the outcome, 0 while the episode goes on."""
        if not change.outcome:
            return 0.0
        return self.rewards.get(change.outcome, self.otherwise)
