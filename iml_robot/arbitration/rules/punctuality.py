"""Whether the policy keeps up with the control rate."""

from __future__ import annotations

#: Actions in a row that came too late, after which the robot holds still.
LATE_IN_A_ROW = 5


class Punctuality:
    """Counts the actions of the policy that came too late to be used.

    Attributes:
        late: How many were late in this episode.
    """

    def __init__(self) -> None:
        self.late = 0
        self._in_a_row = 0

    def look(self, *, late: bool) -> None:
        """Take in one action with which the policy should have driven."""
        self.late += late
        self._in_a_row = self._in_a_row + 1 if late else 0

    def restart(self) -> None:
        """Count those in a row anew, as after somebody else drove."""
        self._in_a_row = 0

    @property
    def too_slow(self) -> bool:
        """True if so many came late in a row that waiting is in vain."""
        return self._in_a_row >= LATE_IN_A_ROW
