"""The window as the screens between episodes use it: events in, pictures out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

import pygame

from iml_robot.station.display import open_display
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.layout import Layout
from iml_robot.station.rate import RateMeter
from iml_robot.station.text import Placed, Scribe

FRAME_S = 1 / 40
"""Time between two pictures [s]; 25 % shorter than that of 30 pictures a second, so that
a picture that is late now and then does not spoil the rate."""


class Pump(Protocol):
    """The owner of the event queue, as far as a window needs it."""

    @property
    def events(self) -> Sequence[pygame.event.Event]:
        """Events of the newest batch."""
        ...

    @property
    def focused(self) -> bool:
        """Whether the window has the keyboard focus."""
        ...

    @property
    def quit_requested(self) -> bool:
        """Whether somebody closed the window in the newest batch."""
        ...

    def pump(self) -> object:
        """Collect the events since the last call."""
        ...


class Stage:
    """Paces the pictures of one screen after another in the same window.

    Args:
        pump: Owner of the event queue.
        kept: What the person likes; None: the defaults.
        size: Width and height of the window at first, if none is open yet [pixels].
        title: Text of its title bar then.
        clock: Monotonic time [s]; tests pass their own.

    Attributes:
        closed: Whether somebody closed the window; stays True.
        now_s: Time of the newest batch of events [s].

    Raises:
        InfrastructureError: If no window can be opened.
    """

    def __init__(
        self,
        pump: Pump,
        *,
        kept: KeptSettings | None = None,
        size: tuple[int, int] = (1280, 720),
        title: str = "iml robot",
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.closed = False
        self.now_s = clock()
        self._pump = pump
        self._kept = kept or KeptSettings()
        self._clock = clock
        self._next_s = self.now_s
        self._rate = RateMeter()
        opened = pygame.display.get_init() and pygame.display.get_surface()
        self._surface = opened or open_display(size, title)
        self._scribe = Scribe(self._surface, 1.0)

    @property
    def focused(self) -> bool:
        """Whether the window has the keyboard focus."""
        return self._pump.focused

    @property
    def texts(self) -> list[Placed]:
        """Every text of the last picture and where it is."""
        return list(self._scribe.placed)

    @property
    def surface(self) -> pygame.Surface:
        """What is on the screen."""
        return self._surface

    @property
    def events(self) -> Sequence[pygame.event.Event]:
        """Events of the newest batch."""
        return self._pump.events

    def enter(self) -> None:
        """Begin with a screen: what took time before it does not count as a delay."""
        self._next_s = self.now_s = self._clock()
        self._rate.restart()

    def wait(self, collect: Callable[[], object] | None = None) -> None:
        """Wait until the next picture is due and collect the events.

        Args:
            collect: Collects them instead of the pump itself, as an operator does who
                looks at the devices at the same time.
        """
        left_s = self._next_s - self._clock()
        if left_s > 0:
            time.sleep(left_s)
        (collect or self._pump.pump)()
        self.now_s = self._clock()
        # A late picture is not made up for by two in a hurry.
        self._next_s = max(self._next_s, self.now_s - FRAME_S) + FRAME_S
        self.closed = self.closed or self._pump.quit_requested

    def begin(self) -> Scribe:
        """Return who draws the next picture, on an empty window of its present size."""
        self._surface = pygame.display.get_surface() or self._surface
        self._surface.fill(self._kept.theme.background)
        unit = Layout.of(self._surface.get_size()).unit * self._kept.scale
        self._scribe = Scribe(self._surface, unit, self._kept.theme)
        return self._scribe

    def show(self) -> float:
        """Show the picture; return how many there are a second [Hz], 0 at first."""
        pygame.display.flip()
        return self._rate.tick()

    def close(self) -> None:
        """Close the window; harmless when it is closed already."""
        pygame.display.quit()
