"""The line that a person draws with the mouse, event by event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pygame

from iml_robot.core.types import Mode
from iml_robot.devices.input.pump import EventBatch, EventPump
from iml_robot.operators.drawing.drawing import Stroke
from iml_robot.operators.drawing.path import DrawnPath, Points
from iml_robot.station.paths.ground import Ground

LEFT_BUTTON = 1
LEAST_PX = 4.0
"""The mouse must have moved so far for another point of the line [pixels]."""
FRESH_S = 0.5
"""A map that was shown longer ago is not what the mouse is on now [s]."""
WORDS_S = 4.0
"""For so long a sentence can be read [s]."""

NO_MAP = "A path can be drawn on the map from above only."
CROSSES = "This line meets {}, where the crosses are."
CROSSED = "Your path meets {}: touch a control to give it up."
STOPPED = "Stopped: reset the emergency stop before you draw a path."


class Sketch:
    """Turns drags of the left button into lines on the ground; `Strokes` of the operator.

    Args:
        pump: Source of the events.

    Attributes:
        line: What has been drawn so far, world points (x, y) [m]; empty: nothing.
        path: What the robot drives along; None: nothing.
        along_m: How far it has come [m].
    """

    def __init__(self, pump: EventPump) -> None:
        self.line: list[Points] = []
        self.path: DrawnPath | None = None
        self.along_m = 0.0
        self._pump = pump
        self._ground: Ground | None = None
        self._area = pygame.Rect(0, 0, 0, 0)
        self._mode = Mode.AUTO
        self._seen_s = float("-inf")
        self._last_px = (0, 0)
        self._finished: Stroke | None = None
        self._words, self._until_s = "", 0.0
        self._warned: DrawnPath | None = None
        pump.subscribe(self._receive)

    @property
    def words(self) -> str:
        """What the person should know now about the line; "" for nothing."""
        return self._words if self._pump.time_s < self._until_s else ""

    def close(self) -> None:
        """Stop to look at the mouse."""
        self._pump.unsubscribe(self._receive)

    def look(self, ground: Ground | None, area: pygame.Rect, mode: Mode) -> None:
        """Take in what the window shows now; without, the mouse draws nothing.

        Args:
            ground: What of the world; None: no map from above.
            area: Where on the screen [pixels].
            mode: Who may move the robot.
        """
        self._ground, self._area, self._mode = ground, area.copy(), mode
        self._seen_s = self._pump.time_s

    def take(self) -> Stroke | None:
        """Return the line that was finished since the last call, if any."""
        finished, self._finished = self._finished, None
        return finished

    def follow(self, path: DrawnPath | None, along_m: float, words: str) -> None:
        """Show what becomes of it; see `Strokes`."""
        self.path, self.along_m = path, along_m
        self._say(words)

    def warn(self, words: Sequence[str], *, path: bool) -> None:
        """Say what a line meets: all the time that it is drawn, and once of a path.

        Args:
            words: What is in the way at each of its points, "" for nothing.
            path: Whether the robot drives along it already.
        """
        met = " and ".join(dict.fromkeys(word for word in words if word))
        if path and self.path is self._warned:
            return
        self._warned = self.path
        if met:
            self._say(CROSSED.format(met) if path else CROSSES.format(met))

    def _receive(self, batch: EventBatch) -> None:
        if batch.time_s - self._seen_s > FRESH_S:
            # Another screen is there, whose clicks mean something else.
            self.line.clear()
            return
        for event in batch.events:
            if event.type == pygame.MOUSEBUTTONDOWN and event.button == LEFT_BUTTON:
                self._begin(event.pos)
            elif event.type == pygame.MOUSEMOTION and self.line:
                self._go_on(event.pos)
            elif event.type == pygame.MOUSEBUTTONUP and event.button == LEFT_BUTTON:
                self._end(event.pos)
            elif event.type == pygame.WINDOWFOCUSLOST or _is_escape(event):
                self.line.clear()

    def _begin(self, place: tuple[int, int]) -> None:
        if not self._area.collidepoint(place):
            return
        if self._ground is None or self._mode is Mode.ESTOP:
            self._say(NO_MAP if self._ground is None else STOPPED)
            return
        self._last_px = place
        self.line = [self._ground.at(place)[0]]

    def _go_on(self, place: tuple[int, int]) -> None:
        moved = pygame.Vector2(place).distance_to(self._last_px)
        inside = self._area.collidepoint(place)
        if moved >= LEAST_PX and inside and self._ground is not None:
            self._last_px = place
            self.line.append(self._ground.at(place)[0])

    def _end(self, place: tuple[int, int]) -> None:
        if not self.line:
            return
        self._go_on(place)
        self._finished = Stroke(np.vstack(self.line), self._mode is Mode.PAUSED)
        self.line = []

    def _say(self, words: str) -> None:
        if words:
            self._words, self._until_s = words, self._pump.time_s + WORDS_S


def _is_escape(event: pygame.event.Event) -> bool:
    return event.type == pygame.KEYDOWN and event.scancode == pygame.KSCAN_ESCAPE
