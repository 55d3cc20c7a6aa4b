"""What the environment knows to be in the way of a line, asked for each point once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from iml_robot.robots.environment import extra
from iml_robot.station.paths.ground import Points


class Hindrances:
    """Asks an environment about lines that grow at their ends, and remembers.

    Args:
        env: Environment; without its extra `in_the_way` nothing is ever in the way.
    """

    def __init__(self, env: Any) -> None:
        self._ask: Callable[[Points], Sequence[str]] | None = extra(env, "in_the_way")
        self._known: Points = np.zeros((0, 2))
        self._words: list[str] = []

    def of(self, points: Points) -> Sequence[str]:
        """Return what is in the way at each point of a line, "" for nothing.

        Args:
            points: World points (x, y) [m], shape (n, 2).
        """
        if self._ask is None:
            return [""] * len(points)
        known = len(self._known)
        if len(points) < known or not np.array_equal(points[:known], self._known):
            self._words, known = [], 0
        if len(points) > known:
            self._words += [str(word) for word in self._ask(points[known:])]
            self._known = points.copy()
        return self._words
