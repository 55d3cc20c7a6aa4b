"""Pictures of a whole episode, made when somebody wants to see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

from iml_robot.core.types import Episode
from iml_robot.robots.film import Film, Frame

_TOGETHER = 25
"""Pictures made at once: 2.5 s, for which nobody waits much longer than for one."""


class LatePictures(Sequence[Frame | None]):
    """The pictures of an episode, one in so many steps; None where there can be none.

    Args:
        film: Drives the episode again in front of a camera.
        episode: The episode.
        every: Control steps between two pictures.
    """

    def __init__(self, film: Film, episode: Episode, *, every: int) -> None:
        self._film, self._episode, self._every = film, episode, every
        self._failed: set[int] = set()

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self._episode) // self._every + 1

    @overload
    def __getitem__(self, place: int) -> Frame | None: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Frame | None]: ...

    def __getitem__(self, place: int | slice) -> Frame | Sequence[Frame | None] | None:
        """Return one picture, or some."""
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        part, within = divmod(place, _TOGETHER)
        if part in self._failed:
            return None
        # The last picture of one part is the first of the next, so that none is empty.
        start = part * _TOGETHER * self._every
        stop = min(start + _TOGETHER * self._every, len(self._episode))
        if start == stop:
            part, within, start = part - 1, _TOGETHER, start - _TOGETHER * self._every
        frames = self._film.frames(self._episode, start, stop, every=self._every)
        if frames is None:
            self._failed.add(part)
            return None
        return frames[within]

    def make_from(self, step: int) -> bool:
        """Make the pictures from a step to the end; return whether there are any."""
        made = [self[place] for place in range(step // self._every, len(self))]
        return any(picture is not None for picture in made)
