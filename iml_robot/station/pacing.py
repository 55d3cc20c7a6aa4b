"""Real time by deadlines: one control step a period, never two to catch up."""

from __future__ import annotations

import time
from collections import deque

import numpy as np

# The operating system wakes a sleeper up to about this late [s]; the rest is spun away.
_SPIN_S = 0.0006
_REMEMBERED_STEPS = 72_000
_RATE_STEPS = 40
WARM_UP_S = 2.0
"""The first step of an episode may take so long [s]: it makes the first pictures, and the
policy runs for the first time. Where the world waits, that is nobody's absence."""


class RealTimePacer:
    """Keeps the loop at its control rate on the monotonic clock.

    Deadlines follow one another by exactly one period, so rounding in sleeping does not
    add up to drift. A step that begins after its deadline is late: the next deadline is
    then counted from that moment, so simulated time falls behind real time and no step
    is skipped or hurried.

    Args:
        period_s: Control period [s].
        world_waits: Whether the world stands still until a step is done, as simulators
            do. Then nothing that a policy says late is out of date.

    Attributes:
        period_s: Control period [s].
        late_ticks: Steps so far that could not begin in time.

    Raises:
        ValueError: If the period is not above zero.
    """

    def __init__(self, period_s: float, *, world_waits: bool = True) -> None:
        if period_s <= 0:
            raise ValueError(f"period_s is {period_s}; give a control period above 0 s")
        self.period_s = period_s
        self._world_waits = world_waits
        self.late_ticks = 0
        self._jitter_s: deque[float] = deque(maxlen=_REMEMBERED_STEPS)
        self._starts_s: deque[float] = deque(maxlen=_RATE_STEPS)
        self._deadline_s: float | None = None
        self._warming_up = False

    def restart(self) -> float:
        """Forget the last step, as after training: the wait since then is not late.

        Returns:
            The control period, which is what counts as elapsed before a first step [s].
        """
        now = time.perf_counter()
        self._deadline_s = now + self.period_s
        self._starts_s.clear()
        self._starts_s.append(now)
        self._warming_up = self._world_waits
        return self.period_s

    def wait(self) -> float:
        """Wait until the next control step is due.

        Returns:
            Time since the last step began [s]; one period at the first step, and after
            one that warmed up.
        """
        now = time.perf_counter()
        if self._deadline_s is None:
            self._deadline_s = now + self.period_s
            self._starts_s.append(now)
            return self.period_s
        planned = self._deadline_s
        if now > planned:
            self.late_ticks += 1
        else:
            now = _sleep_until(planned)
        self._jitter_s.append(now - planned)
        on_time = now - planned <= _SPIN_S
        self._deadline_s = (planned if on_time else now) + self.period_s
        elapsed_s = now - self._starts_s[-1]
        self._starts_s.append(now)
        warmed_up, self._warming_up = self._warming_up, False
        return self.period_s if warmed_up and elapsed_s <= WARM_UP_S else elapsed_s

    def late(self) -> bool:
        """Return whether the world went on by a control period since the step began."""
        if self._world_waits:
            return False
        begun_s = self._starts_s[-1] if self._starts_s else time.perf_counter()
        return time.perf_counter() - begun_s > self.period_s

    @property
    def jitter_s(self) -> tuple[float, ...]:
        """Actual minus planned start [s] of the steps of the last hour at 20 Hz."""
        return tuple(self._jitter_s)

    @property
    def p99_jitter_s(self) -> float:
        """Start delay that 99 % of the steps stay within [s]; 0 before the second step."""
        if not self._jitter_s:
            return 0.0
        return float(np.quantile(np.asarray(self._jitter_s), 0.99))

    @property
    def rate_hz(self) -> float:
        """Control steps a second over the last steps [Hz]; 0 before the second step."""
        if len(self._starts_s) < 2:
            return 0.0
        return (len(self._starts_s) - 1) / (self._starts_s[-1] - self._starts_s[0])


def _sleep_until(deadline_s: float) -> float:
    """Return the time on the monotonic clock [s], at or just after the deadline."""
    while (now := time.perf_counter()) < deadline_s:
        if deadline_s - now > _SPIN_S:
            time.sleep(deadline_s - now - _SPIN_S)
    return now
