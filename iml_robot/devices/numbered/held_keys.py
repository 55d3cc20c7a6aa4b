"""Which of some keys is pressed now; the one pressed last counts."""

from __future__ import annotations

from collections.abc import Iterable

import pygame

from iml_robot.devices.input.pump import EventBatch, EventPump
from iml_robot.devices.keyboard import scancode


class HeldKeys:
    """Follows some keys through the event batches.

    Args:
        pump: Source of the events.
        names: Keys by their place on a US keyboard, for example "LEFT".

    Raises:
        UsageError: If there is no such key.
    """

    def __init__(self, pump: EventPump, names: Iterable[str]) -> None:
        self._pump = pump
        self._names = {scancode(name): name for name in names}
        self._held: list[str] = []
        self._touched: str | None = None

    def open(self) -> None:
        """Start to listen; calling it again does nothing."""
        self._pump.subscribe(self._receive)

    def close(self) -> None:
        """Stop to listen and let go of every key."""
        self._pump.unsubscribe(self._receive)
        self._held.clear()
        self._touched = None

    def reset(self) -> None:
        """Forget presses that nobody has read; keys that are held stay held."""
        self._touched = None

    def read(self) -> str | None:
        """Return the key that counts, also one pressed and let go since the last call."""
        newest = self._held[-1] if self._held else None
        name, self._touched = self._touched or newest, None
        return name

    def _receive(self, batch: EventBatch) -> None:
        for event in batch.events:
            if event.type == pygame.WINDOWFOCUSLOST:
                # The releases go to another window.
                self._held.clear()
                self._touched = None
            elif event.type == pygame.KEYDOWN and event.scancode in self._names:
                name = self._names[event.scancode]
                if name not in self._held:
                    self._held.append(name)
                    self._touched = name
            elif event.type == pygame.KEYUP and event.scancode in self._names:
                name = self._names[event.scancode]
                if name in self._held:
                    self._held.remove(name)
