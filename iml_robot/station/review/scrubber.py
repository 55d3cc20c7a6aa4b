"""Where in an episode a person looks."""

from __future__ import annotations

from iml_robot.station.review.replay import Replay


class Scrubber:
    """A step of a replay that runs by itself or is moved.

    Args:
        replay: What is shown.

    Attributes:
        step: The step that is shown now.
        playing: Whether it goes on by itself.
    """

    def __init__(self, replay: Replay) -> None:
        self.step = replay.begins
        self.playing = replay.frames is not None
        self._replay = replay
        self._rest_s = 0.0
        self._last_s: float | None = None

    @property
    def before_end_s(self) -> float:
        """How long before the end of the episode that is [s]."""
        return (self._replay.steps - self.step) * self._replay.dt_s

    def advance(self, now_s: float) -> None:
        """Go on as time does; it stops at the end.

        Args:
            now_s: Time now [s]; what a hanging window missed is not caught up with.
        """
        passed_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        if not self.playing:
            return
        self._rest_s += min(max(0.0, passed_s), 0.2)
        steps = int(self._rest_s / self._replay.dt_s + 1e-9)
        self._rest_s -= steps * self._replay.dt_s
        self._go(self.step + steps)
        self.playing = self.step < self._replay.steps

    def move(self, pictures: int) -> None:
        """Stop, and go so many pictures on, or back where negative."""
        self.playing = False
        self._go(self.step + pictures * self._replay.every)

    def jump(self, seconds: float) -> None:
        """Stop, and go so many seconds on, or back where negative."""
        self.playing = False
        self._go(self.step + round(seconds / self._replay.dt_s))

    def point(self, share: float) -> None:
        """Stop, and go to a share of what is shown.

        Args:
            share: In [0, 1].
        """
        self.playing = False
        span = self._replay.steps - self._replay.first
        self._go(self._replay.first + round(min(1.0, max(0.0, share)) * span))

    def toggle(self) -> None:
        """Stop, or go on; at the end from where it began to play."""
        if self.step >= self._replay.steps:
            self._go(self._replay.begins)
        self.playing = not self.playing
        self._rest_s = 0.0

    def _go(self, step: int) -> None:
        self.step = max(self._replay.first, min(step, self._replay.steps))
