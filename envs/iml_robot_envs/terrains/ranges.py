"""Parameters that grow with the difficulty of a map."""

from __future__ import annotations

from typing import NamedTuple


class Range(NamedTuple):
    """A parameter from its easy to its hard value.

    Attributes:
        easy: Value at difficulty 0.
        hard: Value at difficulty 1; may be the smaller one.
    """

    easy: float
    hard: float

    def at(self, difficulty: float) -> float:
        """Return the value at a difficulty.

        Raises:
            ValueError: If the difficulty is not from 0 to 1.
        """
        if not 0.0 <= difficulty <= 1.0:
            raise ValueError(f"a difficulty is a number from 0 to 1, got {difficulty!r}")
        return self.easy + difficulty * (self.hard - self.easy)


def always(value: float) -> Range:
    """Return a parameter that does not depend on the difficulty."""
    return Range(value, value)
