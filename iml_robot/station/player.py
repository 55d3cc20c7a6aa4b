"""Films that run side by side: their common time, and their pictures in boxes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pygame

from iml_robot.station.text import Scribe

Frames = Sequence[npt.NDArray[np.uint8]]

REST_S = 0.6
"""How long the last pictures stay before the films begin again [s]."""


class Player:
    """The time of films that begin together and are shown again and again.

    Time goes on with the pictures that are really shown: a window that hangs for a moment
    skips none of them.

    Args:
        counts: Number of pictures of each film.
        period_s: Time between two pictures [s].

    Attributes:
        showings: How often all films were shown to the end.
        waited_s: Time since they were for the first time [s].
        replays: How often they were shown again: on request, or to the end by themselves.
    """

    def __init__(self, counts: Sequence[int], period_s: float) -> None:
        self.showings = 0
        self.waited_s = 0.0
        self.replays = 0
        self._counts = tuple(counts)
        self._period_s = period_s
        self._length_s = max(counts, default=1) * period_s
        self._at_s = 0.0
        self._last_s: float | None = None
        self._ended = self._asked = False

    @property
    def shown(self) -> bool:
        """Whether all films were shown to the end once."""
        return self.showings > 0

    @property
    def share(self) -> float:
        """How much of this showing is over, in [0, 1]."""
        return min(1.0, self._at_s / self._length_s)

    def places(self) -> list[int]:
        """Return the number of the picture to show of each film.

        A film that is shorter than others waits at its end for them.
        """
        place = int(self._at_s / self._period_s + 1e-6)
        return [min(place, count - 1) for count in self._counts]

    def advance(self, now_s: float) -> None:
        """Go on, at most to the next picture."""
        passed_s = 0.0 if self._last_s is None else max(0.0, now_s - self._last_s)
        self._last_s = now_s
        if self.shown:
            self.waited_s += passed_s
        self._at_s += min(passed_s, self._period_s)
        if self._at_s >= self._length_s and not self._ended:
            self._ended = True
            self.replays += self.shown and not self._asked
            self.showings += 1
        if self._at_s >= self._length_s + REST_S:
            self._begin_again()

    def pause(self) -> None:
        """Leave out the time until the next `advance`."""
        self._last_s = None

    def replay(self) -> None:
        """Begin again now."""
        self._begin_again()
        self.replays += self.shown
        self._asked = True

    def _begin_again(self) -> None:
        self._at_s = 0.0
        self._ended = self._asked = False


class Screening:
    """The pictures of one film, fitted into a box.

    Args:
        frames: Pictures of shape (height, width, 3).
    """

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._fitted: dict[tuple[int, tuple[int, int]], pygame.Surface] = {}

    def __len__(self) -> int:
        """Return the number of pictures."""
        return len(self._frames)

    @property
    def aspect(self) -> float:
        """Height of a picture as a share of its width."""
        height, width = self._frames[0].shape[:2]
        return float(height / width)

    def draw(self, scribe: Scribe, area: pygame.Rect, place: int) -> pygame.Rect:
        """Draw a picture whole and undistorted in the middle of a box.

        Returns:
            Where it is [pixels].
        """
        key = (place, area.size)
        if key not in self._fitted:
            if any(size != area.size for _, size in self._fitted):
                self._fitted.clear()
            self._fitted[key] = _fit(self._frames[place], area.size)
        picture = self._fitted[key]
        where = picture.get_rect(center=area.center)
        scribe.surface.blit(picture, where)
        return where


def draw_empty(scribe: Scribe, area: pygame.Rect, text: str) -> None:
    """Draw a box with a line instead of a film."""
    pygame.draw.rect(scribe.surface, scribe.theme.card, area)
    scribe.write(
        text, area.inflate(-scribe.px(20), 0), 16, colour=scribe.theme.quiet, align="centre"
    )


def _fit(frame: npt.NDArray[np.uint8], room: tuple[int, int]) -> pygame.Surface:
    height, width = frame.shape[:2]
    scale = min(room[0] / width, room[1] / height)
    solid = np.ascontiguousarray(frame)
    picture = pygame.image.frombuffer(solid.data, (width, height), "RGB").convert()
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    if size == (width, height):
        return picture
    # Smooth shrinking keeps thin lines; enlarging keeps the pixels of small frames.
    if scale < 3:
        return pygame.transform.smoothscale(picture, size)
    return pygame.transform.scale(picture, size)
