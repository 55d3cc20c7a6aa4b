"""How fast the loop really goes, measured from one picture to the next."""

from __future__ import annotations

import time
from collections import deque

_PICTURES = 30
_FEWEST = 5


class RateMeter:
    """Mean rate over the last pictures."""

    def __init__(self) -> None:
        self._times_s: deque[float] = deque(maxlen=_PICTURES)

    def tick(self) -> float:
        """Note a picture; return the rate [Hz], 0 at the first ones."""
        self._times_s.append(time.perf_counter())
        if len(self._times_s) < _FEWEST:
            return 0.0
        return (len(self._times_s) - 1) / (self._times_s[-1] - self._times_s[0])

    def restart(self) -> None:
        """Forget the past, as after a pause that was meant to be."""
        self._times_s.clear()
