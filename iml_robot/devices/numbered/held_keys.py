"""Which of some keys, alone or together, are pressed now."""

from __future__ import annotations

from collections.abc import Iterable

import pygame

from iml_robot.devices.input.pump import EventBatch, EventPump
from iml_robot.devices.keyboard import scancode


class HeldKeys:
    """Follows some keys, and keys pressed together, through the event batches.

    Args:
        pump: Source of the events.
        names: Keys by their place on a US keyboard, for example "LEFT", or several with a
            "+" between them, for example "LEFT+UP".

    Raises:
        UsageError: If there is no such key.
    """

    def __init__(self, pump: EventPump, names: Iterable[str]) -> None:
        self._pump = pump
        self._codes = {name: keys_of(name) for name in names}
        self._followed = {code for codes in self._codes.values() for code in codes}
        self._held: list[int] = []
        self._touched: list[int] = []

    def open(self) -> None:
        """Start to listen; calling it again does nothing."""
        self._pump.subscribe(self._receive)

    def close(self) -> None:
        """Stop to listen and let go of every key."""
        self._pump.unsubscribe(self._receive)
        self._let_go()

    def reset(self) -> None:
        """Forget presses that nobody has read; keys that are held stay held."""
        self._touched.clear()

    def read(self) -> str | None:
        """Return what is pressed, or was pressed and let go since the last call.

        Of several, most keys count first, and then the newest key.
        """
        pressed = [*self._held, *self._touched]
        self._touched.clear()
        found = [
            (len(codes), max(_last(pressed, code) for code in codes), name)
            for name, codes in self._codes.items()
            if set(codes) <= set(pressed)
        ]
        return max(found)[2] if found else None

    def _receive(self, batch: EventBatch) -> None:
        for event in batch.events:
            if event.type == pygame.WINDOWFOCUSLOST:
                # The releases go to another window.
                self._let_go()
            elif event.type == pygame.KEYDOWN and event.scancode in self._followed:
                # A window with key repeat sends a press again while the key is held.
                if event.scancode not in self._held:
                    self._held.append(event.scancode)
                    self._touched.append(event.scancode)
            elif event.type == pygame.KEYUP and event.scancode in self._held:
                self._held.remove(event.scancode)

    def _let_go(self) -> None:
        self._held.clear()
        self._touched.clear()


def keys_of(name: str) -> tuple[int, ...]:
    """Return the keys that are pressed together.

    Args:
        name: One key, or several with a "+" between them.

    Raises:
        UsageError: If there is no such key.
    """
    return tuple(scancode(part) for part in name.split("+"))


def _last(pressed: list[int], code: int) -> int:
    """Return the place at which a key was pressed last."""
    return len(pressed) - 1 - pressed[::-1].index(code)
