"""The only reader of the event queue of pygame; window and devices share its batches."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

import pygame

from iml_robot.core.errors import InfrastructureError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EventBatch:
    """Everything that happened between two control steps.

    Attributes:
        events: Events in the order in which they arrived.
        time_s: Monotonic time at which they were collected [s].
        focused: False while the window lacks the keyboard focus, and for a batch in
            which it was lost for a moment.
        quit_requested: True if somebody closed the window.
    """

    events: tuple[pygame.event.Event, ...]
    time_s: float
    focused: bool
    quit_requested: bool


class EventPump:
    """Collects one batch of events per control step and hands it to all who listen.

    pygame has one queue, and whoever reads it takes the events away from everybody
    else. A press that the window swallowed would be lost for the keyboard, and a lost
    release is a robot that drives on. So nobody else may call `pygame.event.get`.

    The whole batch is collected before anyone looks at it: when a pad is unplugged, SDL
    first reports centred sticks and released buttons and only then the removal.

    Args:
        clock: Monotonic time [s]; tests pass their own.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._has_focus = True
        self._listeners: list[Callable[[EventBatch], None]] = []
        self._batch = EventBatch((), clock(), focused=True, quit_requested=False)

    @property
    def batch(self) -> EventBatch:
        """The newest batch."""
        return self._batch

    @property
    def events(self) -> tuple[pygame.event.Event, ...]:
        """Events of the newest batch."""
        return self._batch.events

    @property
    def time_s(self) -> float:
        """Monotonic time of the newest batch [s]."""
        return self._batch.time_s

    @property
    def focused(self) -> bool:
        """Whether the window had the keyboard focus throughout the newest batch."""
        return self._batch.focused

    @property
    def quit_requested(self) -> bool:
        """Whether somebody closed the window in the newest batch."""
        return self._batch.quit_requested

    @property
    def window_open(self) -> bool:
        """Whether there is a window whose events can be collected."""
        return bool(pygame.display.get_init())

    def subscribe(self, listener: Callable[[EventBatch], None]) -> None:
        """Call a function with every batch from now on, also those of menus."""
        if listener not in self._listeners:
            self._listeners.append(listener)

    def unsubscribe(self, listener: Callable[[EventBatch], None]) -> None:
        """Stop calling a function."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def pump(self) -> EventBatch:
        """Collect what happened since the last call; call it once per control step.

        Raises:
            InfrastructureError: If no window is open.
        """
        if not self.window_open:
            raise InfrastructureError(
                "cannot read keys and sticks because no window is open; open the window "
                "first, or run with --operator simulated"
            )
        events = _waiting_events()
        kinds = [event.type for event in events]
        for kind in kinds:
            if kind in (pygame.WINDOWFOCUSLOST, pygame.WINDOWFOCUSGAINED):
                self._has_focus = kind == pygame.WINDOWFOCUSGAINED
        focused = self._has_focus and pygame.WINDOWFOCUSLOST not in kinds
        self._batch = EventBatch(
            events, self.clock(), focused=focused, quit_requested=pygame.QUIT in kinds
        )
        for listener in tuple(self._listeners):
            listener(self._batch)
        return self._batch


def _waiting_events() -> tuple[pygame.event.Event, ...]:
    try:
        return tuple(pygame.event.get())
    except SystemError:
        # Some versions of pygame stumble over the removal of a pad. The events of this
        # step are gone, but the loop must go on: it is what stops the robot.
        logger.exception("pygame lost the events of one step")
        return ()
