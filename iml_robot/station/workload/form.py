"""The answers to the six scales while they are given; no pixels in here."""

from __future__ import annotations

from iml_robot.data.judgements import LoadAnswers
from iml_robot.station.workload.scales import MIDDLE, MOST, SCALES, STEP


class LoadForm:
    """Six sliders that stand nowhere until somebody moves them.

    Attributes:
        place: Number of the scale under the cursor, from 0; `len(SCALES)`: the line "done".
    """

    def __init__(self) -> None:
        self.place = 0
        self._values: dict[str, int] = {}

    @property
    def complete(self) -> bool:
        """Whether every question is answered."""
        return len(self._values) == len(SCALES)

    def value(self, key: str) -> int | None:
        """Return an answer; None: there is none."""
        return self._values.get(key)

    def move(self, lines: int) -> None:
        """Move the cursor down, or up if negative; it goes round at the ends."""
        self.place = (self.place + lines) % (len(SCALES) + 1)

    def turn(self, steps: int) -> None:
        """Move the slider under the cursor; without an answer from the middle on."""
        if self.place < len(SCALES):
            key = SCALES[self.place].key
            self.put(self.place, self._values.get(key, MIDDLE) + steps * STEP)

    def put(self, place: int, value: float) -> None:
        """Put a slider somewhere; it snaps to the steps and stays within its ends."""
        self.place = place
        snapped = round(value / STEP) * STEP
        self._values[SCALES[place].key] = max(0, min(MOST, snapped))

    def clear(self) -> None:
        """Take back the answer under the cursor."""
        if self.place < len(SCALES):
            self._values.pop(SCALES[self.place].key, None)

    def answers(self, seconds_spent: float) -> LoadAnswers:
        """Return what was answered so far, in the order of the scales."""
        given = {s.key: self._values[s.key] for s in SCALES if s.key in self._values}
        return LoadAnswers(given, self.complete, seconds_spent)
