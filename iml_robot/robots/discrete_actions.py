"""Numbered actions as a vector of scores, so that everything else works unchanged."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, Discrete

from iml_robot.core.errors import UsageError
from iml_robot.core.types import FloatArray
from iml_robot.robots.extras import extra

IDLE_WORDS = ("NOOP", "NOTHING", "IDLE")
"""What environments that name their actions call the one that does nothing."""


class DiscreteActions(gym.ActionWrapper):  # type: ignore[type-arg]
    """Presents `Discrete(n)` as n scores in [-1, 1]; the highest is executed.

    Policies, learners, recorders and arbiters then see what they know: a `Box`. Where two
    or more scores are highest, nobody has decided, and the neutral action is executed:
    the zeros with which an arbiter makes a robot stand still mean just that.

    Args:
        env: Environment with a `Discrete` action space.
        neutral: Number of the action that does nothing; None: the one that the environment
            calls NOOP, else its first.

    Attributes:
        neutral_action: Number of the action that does nothing.
        action_names: What the actions are called.

    Raises:
        UsageError: If there is no such neutral action.
    """

    def __init__(self, env: Any, *, neutral: int | None = None) -> None:
        super().__init__(env)
        space: Discrete = env.action_space
        self._first, self._count = int(space.start), int(space.n)
        self.action_space = Box(-1.0, 1.0, (self._count,), np.float32)
        self.action_names = _names(env, self._first, self._count)
        self.neutral_action = self._first + _idle(self.action_names)
        if neutral is not None:
            self.neutral_action = neutral
        self.scores(self.neutral_action)

    def scores(self, number: int) -> FloatArray:
        """Return the vector that means one action without doubt, shape (n,).

        Raises:
            UsageError: If there is no action with this number.
        """
        if not 0 <= number - self._first < self._count:
            last = self._first + self._count - 1
            raise UsageError(
                f"there is no action {number}; the actions of this environment are "
                f"{self._first} to {last}"
            )
        return one_hot(number - self._first, self._count)

    def action(self, action: Any) -> int:
        """Return the number of the action with the highest score.

        Args:
            action: Scores, shape (n,).
        """
        scores = np.asarray(action, dtype=np.float64)
        highest = np.flatnonzero(scores == scores.max())
        if len(highest) != 1:
            return self.neutral_action
        return self._first + int(highest[0])


def one_hot(place: int, count: int) -> FloatArray:
    """Return 1 at a place and -1 elsewhere, shape (count,)."""
    scores = np.full(count, -1.0, np.float32)
    scores[place] = 1.0
    return scores


def _names(env: Any, first: int, count: int) -> tuple[str, ...]:
    """Return what the environment calls its actions; their numbers if it does not."""
    named = extra(env, "action_names")
    if named is None:
        meanings = extra(env, "get_action_meanings")
        named = () if meanings is None else meanings()
    if len(named) == count:
        return tuple(map(str, named))
    return tuple(f"action {number}" for number in range(first, first + count))


def _idle(names: tuple[str, ...]) -> int:
    """Return the place of the action that is called idle, 0 if none is."""
    called = (place for place, name in enumerate(names) if name.upper() in IDLE_WORDS)
    return next(called, 0)
