"""When an ask begins and ends: votes, refusals, and a budget."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from iml_robot.core.types import BoolArray, Mode, Request, Step

VOTES, VOTERS = 3, 5
"""An ask begins when so many of the last so many steps want one."""
CALM_S = 0.5
"""An ask that nobody answered ends after so long without a reason [s]."""
REFUSED_S = 5.0
"""Nothing is asked for so long after a refusal [s]."""
HELPED_S = 1.0
"""Nothing is asked for so long after help [s]."""
MINUTE_S = 60.0


class Gate:
    """Turns wishes of single steps into asks.

    Args:
        dt: Control period [s].
        asks_per_min: Most asks within a minute of driving; more is not asked, whatever
            the reason.

    Raises:
        ValueError: If the number of asks is not above 0.

    Attributes:
        asking: Whether the robot asks now.
    """

    def __init__(self, dt: float, *, asks_per_min: float) -> None:
        if not asks_per_min > 0:
            raise ValueError(f"asks_per_min must be above 0, got {asks_per_min}")
        self._asks_per_min = asks_per_min
        self._calm_steps = max(1, round(CALM_S / dt))
        self._refused_steps = round(REFUSED_S / dt)
        self._helped_steps = round(HELPED_S / dt)
        self._minute_steps = round(MINUTE_S / dt)
        self.remember([])
        self.reset()

    def remember(self, asked: Sequence[BoolArray]) -> None:
        """Take from a record what was asked within the last minute.

        Not from memory: a session that is taken up again must ask the same.

        Args:
            asked: At which steps of each episode the robot asked, the newest last.
        """
        self._now = 0
        self._starts: deque[int] = deque()
        for one in reversed(asked):
            begins = np.flatnonzero(one & ~np.r_[False, one[:-1]]) - len(one)
            self._starts.extendleft(reversed((begins + 1 + self._now).tolist()))
            self._now -= len(one)
            if self._now <= -self._minute_steps:
                break
        self._now = 0

    def reset(self) -> None:
        """Prepare for a new episode; what was asked within the last minute still counts."""
        self._wishes: deque[bool] = deque(maxlen=VOTERS)
        self._calm = self._silent = 0
        self.asking = False

    def hear(self, last: Step) -> None:
        """Take in what became of the step before."""
        mode = last.decision.mode
        refused = mode is Mode.AUTO and Request.GIVE_BACK in last.signal.requests
        if mode in (Mode.HUMAN, Mode.RELEASING):
            self._end(self._helped_steps)
        elif self.asking and (refused or mode in (Mode.HOLD, Mode.ESTOP)):
            self._end(self._refused_steps)

    def advance(self, wants: bool, calm: bool) -> bool:
        """Return whether to ask at this step.

        Args:
            wants: Whether there is a reason to begin.
            calm: Whether there is none to go on.
        """
        self._now += 1
        self._wishes.append(wants)
        if self.asking:
            self._calm = self._calm + 1 if calm else 0
            if self._calm >= self._calm_steps:
                self._end(0)
        elif self._silent > 0:
            self._silent -= 1
        elif sum(self._wishes) >= VOTES and self._affordable():
            self.asking, self._calm = True, 0
            self._starts.append(self._now)
        return self.asking

    def _affordable(self) -> bool:
        while self._starts and self._starts[0] <= self._now - self._minute_steps:
            self._starts.popleft()
        return len(self._starts) < self._asks_per_min

    def _end(self, silent_steps: int) -> None:
        self.asking, self._silent = False, silent_steps
        self._wishes.clear()
