"""An episode as it is looked at again, its last seconds first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from iml_robot.core.types import Episode
from iml_robot.robots.film import Frame

SHOWN_S = 10.0
"""How much of the end of an episode is shown first [s]."""

Pictures = Sequence[Frame | None]
"""Pictures of an episode; None: that one cannot be made."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened at a step of an episode.

    Attributes:
        kind: "ask", "good" or "bad".
        step: When [control steps from its beginning].
    """

    kind: str
    step: int


@dataclass(frozen=True)
class Replay:
    """Everything that is shown of an episode.

    Attributes:
        title: Which episode this is.
        outcome: How it ended by the environment, for example "rolled_over".
        success: Whether that is a success.
        steps: Its number of control steps.
        first: The first step that can be shown.
        dt_s: Control period [s].
        frames: Pictures of the states before the steps first, first + every, ...; None:
            there are none.
        every: Control steps between two pictures.
        no_film: Why there are no pictures.
        takeovers: Runs of steps that the operator drove, as (first, last + 1).
        marks: What else happened.
        earliest_rewind: The earliest step that can be gone back to; None: none can.
        rewind_refused: Why none can.
        opens: The step at which it begins to play; None: the first.
    """

    title: str
    outcome: str
    success: bool
    steps: int
    first: int
    dt_s: float
    frames: Pictures | None = None
    every: int = 2
    no_film: str = ""
    takeovers: Sequence[tuple[int, int]] = ()
    marks: Sequence[Mark] = ()
    earliest_rewind: int | None = None
    rewind_refused: str = ""
    opens: int | None = None

    @property
    def begins(self) -> int:
        """The step at which it begins to play."""
        return self.first if self.opens is None else self.opens

    @property
    def length_s(self) -> float:
        """How long the part is that can be shown [s]."""
        return (self.steps - self.first) * self.dt_s

    def share(self, step: int) -> float:
        """Return where a step is in the part that can be shown, in [0, 1]."""
        span = max(1, self.steps - self.first)
        return min(1.0, max(0.0, (step - self.first) / span))

    def place(self, step: int) -> int:
        """Return the number of the picture that shows a step best."""
        count = len(self.frames or ())
        wanted = round((step - self.first) / max(1, self.every))
        return max(0, min(wanted, count - 1))

    def refusal(self, step: int) -> str:
        """Return why one cannot go back to a step; "" if one can."""
        if self.earliest_rewind is None:
            return self.rewind_refused or "This episode cannot be rewound."
        if step < self.earliest_rewind:
            left_s = (self.steps - self.earliest_rewind) * self.dt_s
            return f"Only the last {left_s:.1f} s can be gone back to."
        if step >= self.steps:
            return "This is the end: go back on the timeline first."
        return ""


def first_shown(episode: Episode, dt_s: float) -> int:
    """Return the step at which a review of an episode begins to play.

    Args:
        episode: The episode.
        dt_s: Control period [s].
    """
    return max(0, len(episode) - round(SHOWN_S / dt_s))


def marks_of(episode: Episode) -> tuple[Mark, ...]:
    """Return where the robot began to ask, and what was pressed as good or bad."""
    begins = np.flatnonzero(episode.asked & ~np.r_[False, episode.asked[:-1]])
    marks = [Mark("ask", int(step)) for step in begins]
    said = episode.evaluations
    pressed = np.flatnonzero(np.isfinite(said) & (said != 0))
    marks += [Mark("good" if said[step] > 0 else "bad", int(step)) for step in pressed]
    return tuple(sorted(marks, key=lambda mark: mark.step))


def replay_of(
    episode: Episode,
    dt_s: float,
    *,
    title: str,
    frames: Pictures | None = None,
    every: int = 2,
    no_film: str = "",
    earliest_rewind: int | None = None,
    rewind_refused: str = "",
) -> Replay:
    """Return what a review shows of an episode.

    Args:
        episode: The episode, with at least one step.
        dt_s: Control period [s].
        title: Which episode this is.
        frames: Pictures of the states before the steps 0, every, ...; None: there is no
            film.
        every: Control steps between two pictures.
        no_film: Why there is none.
        earliest_rewind: The earliest step that can be gone back to; None: none can.
        rewind_refused: Why none can.
    """
    return Replay(
        title=title,
        outcome=episode.info.outcome,
        success=episode.info.outcome == "success",
        steps=len(episode),
        first=0,
        dt_s=dt_s,
        frames=frames or None,
        every=every,
        no_film=no_film,
        takeovers=tuple((run.start, run.stop) for run in episode.takeovers()),
        marks=marks_of(episode),
        earliest_rewind=earliest_rewind,
        rewind_refused=rewind_refused,
        opens=first_shown(episode, dt_s),
    )
