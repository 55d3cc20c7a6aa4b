"""A dummy window, a clock that tests turn, and keys that tests press."""

from __future__ import annotations

from types import TracebackType

import pygame

from iml_robot.devices.input.pump import EventBatch, EventPump

CONTROL_DT_S = 0.05


class InputRig:
    """Opens a dummy window and joystick support; closes both at the end.

    Attributes:
        now_s: What the clock shows; tests add to it.
        pump: Event pump on that clock.
    """

    def __init__(self) -> None:
        self.now_s = 100.0

    def __enter__(self) -> InputRig:
        pygame.display.init()
        pygame.display.set_mode((64, 64))
        pygame.joystick.init()
        pygame.event.clear()
        self.pump = EventPump(clock=lambda: self.now_s)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pygame.quit()

    def step(self, dt_s: float = CONTROL_DT_S) -> EventBatch:
        """Let time pass and pump once."""
        self.now_s += dt_s
        return self.pump.pump()

    def down(self, key: str) -> None:
        """Post the press of a key, named by scancode, for example "W"."""
        self._post(pygame.KEYDOWN, key)

    def up(self, key: str) -> None:
        """Post the release of a key."""
        self._post(pygame.KEYUP, key)

    def tap(self, key: str) -> None:
        """Post a press and a release."""
        self.down(key)
        self.up(key)

    def focus(self, gained: bool) -> None:
        """Post that the window got or lost the keyboard focus."""
        kind = pygame.WINDOWFOCUSGAINED if gained else pygame.WINDOWFOCUSLOST
        pygame.event.post(pygame.event.Event(kind))

    def _post(self, kind: int, key: str) -> None:
        code = getattr(pygame, f"KSCAN_{key}")
        pygame.event.post(pygame.event.Event(kind, key=0, mod=0, scancode=code))
