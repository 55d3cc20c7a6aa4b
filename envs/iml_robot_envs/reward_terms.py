"""Parts of a reward; each maps what one step changed to a number for every robot."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from iml_robot_envs.terrain import Array


class Change(NamedTuple):
    """What one control step changed.

    Attributes:
        gained_m: How much nearer the goals are [m], shape (N,).
        ended: Robots whose episode ended in this step, with the outcome by name.
    """

    gained_m: Array
    ended: Mapping[int, str]


RewardTerm = Callable[[Change], Array]


@dataclass(frozen=True)
class Progress:
    """Pays for every metre gained.

    Attributes:
        per_m: Reward [1/m].
    """

    per_m: float = 1.0

    def __call__(self, change: Change) -> Array:
        """Return the rewards of the way gained, shape (N,)."""
        return self.per_m * change.gained_m


@dataclass(frozen=True)
class EveryStep:
    """Is the same at every step.

    Attributes:
        reward: The constant.
    """

    reward: float

    def __call__(self, change: Change) -> Array:
        """Return the constant, shape (N,)."""
        return np.full(change.gained_m.shape, self.reward)


@dataclass(frozen=True)
class AtTheEnd:
    """Depends on how the episode ended.

    Attributes:
        rewards: Reward of an outcome by its name.
        otherwise: Reward of any other outcome.
    """

    rewards: Mapping[str, float]
    otherwise: float = 0.0

    def __call__(self, change: Change) -> Array:
        """Return the rewards of the outcomes, shape (N,), 0 while an episode goes on."""
        reward = np.zeros(change.gained_m.shape)
        for robot, outcome in change.ended.items():
            reward[robot] = self.rewards.get(outcome, self.otherwise)
        return reward


def towards_the_goal() -> dict[str, RewardTerm]:
    """Return the reward of robots that have a goal: way gained, haste, and the end."""
    return {
        "progress": Progress(),
        "time": EveryStep(-0.02),
        "end": AtTheEnd({"success": 10.0}, otherwise=-10.0),
    }
