"""Where the mouse points in a list of lines, and whether it chooses one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pygame

MOVED_PX = 3.0
"""The mouse must have gone so far from where it was found first to mean it [pixels]."""


class Pointing:
    """Tells a mouse that somebody moves from one that lies where a new window opens.

    The window system reports a motion for a window that appears under the mouse.
    """

    def __init__(self) -> None:
        self._found: tuple[int, int] | None = None
        self._moved = False

    def read(
        self, events: Sequence[pygame.event.Event], places: Mapping[str, pygame.Rect]
    ) -> tuple[str, bool]:
        """Return the line that the mouse points to, and whether it was pressed there.

        Args:
            events: The newest events.
            places: Where the lines are on the screen [pixels].

        Returns:
            Key of the line, "" where it points to none, and whether it chooses that.
        """
        pointed, pressed = "", False
        for event in events:
            if event.type == pygame.MOUSEMOTION:
                if not self._goes_to(event.pos):
                    continue
            elif event.type != pygame.MOUSEBUTTONDOWN:
                continue
            for key, place in places.items():
                if place.collidepoint(event.pos):
                    pointed = key
                    down = event.type == pygame.MOUSEBUTTONDOWN
                    pressed = pressed or (down and event.button == 1)
        return pointed, pressed

    def _goes_to(self, place: tuple[int, int]) -> bool:
        """Return whether the mouse was moved since it was found."""
        if self._found is None:
            self._found = place
        away = pygame.Vector2(place).distance_to(self._found)
        self._moved = self._moved or away >= MOVED_PX
        return self._moved
