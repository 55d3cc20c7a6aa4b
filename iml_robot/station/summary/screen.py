"""Shows what came of a session until the person has seen it."""

from __future__ import annotations

import pygame

from iml_robot.station.controls import Control, Controls
from iml_robot.station.stage import Stage
from iml_robot.station.summary.drawing import Scroll, draw_summary
from iml_robot.station.summary.figures import SessionFigures

CONTROLS = (
    Control("done", "done", ("RETURN",), ("a",)),
    Control("up", "up", ("UP", "W"), ("dpup",), repeats=True),
    Control("down", "down", ("DOWN", "S"), ("dpdown",), repeats=True),
    Control("page_up", "page up", ("LEFT",), ("leftshoulder",), repeats=True),
    Control("page_down", "page down", ("RIGHT",), ("rightshoulder",), repeats=True),
    Control("leave", "leave", ("ESCAPE",), ("b", "start")),
)
GUARD_S = 0.6
"""Presses this soon after the screen appears were meant for the robot [s]."""
_WHEEL_LINES = 3


class SummaryScreen:
    """Shows a summary; long ones are scrolled.

    Args:
        stage: The window.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._controls = Controls(CONTROLS)
        self._scroll = Scroll(0, 1, 1)

    def show(self, figures: SessionFigures, *, timeout_s: float | None = None) -> bool:
        """Show a summary until the person is done.

        Args:
            figures: What is told.
            timeout_s: How long to wait without a press [s]; None: for ever.

        Returns:
            True if the person was done; False after the time or at a closed window.
        """
        stage = self._stage
        stage.enter()
        self._controls.begin()
        self._scroll = Scroll(0, 1, 1)
        begun_s = touched_s = stage.now_s
        while not stage.closed:
            scribe = stage.begin()
            keys = self._keys()
            self._scroll = draw_summary(scribe, figures, keys, first=self._scroll.first)
            stage.show()
            stage.wait()
            actions = self._controls.read(stage.events, stage.now_s).actions
            lines = self._lines(actions)
            self._scroll = Scroll(
                max(0, self._scroll.first + lines), self._scroll.fit, self._scroll.count
            )
            if {"done", "leave"} & {*actions} and stage.now_s - begun_s >= GUARD_S:
                return not stage.closed
            if stage.events:
                touched_s = stage.now_s
            if timeout_s is not None and stage.now_s - touched_s >= timeout_s:
                return False
        return False

    def _lines(self, actions: tuple[str, ...]) -> int:
        """Return how many lines to go down; up where negative."""
        page = max(1, self._scroll.fit - 1)
        steps = {"up": -1, "down": 1, "page_up": -page, "page_down": page}
        moved = sum(steps.get(action, 0) for action in actions)
        for event in self._stage.events:
            if event.type == pygame.MOUSEWHEEL:
                moved -= _WHEEL_LINES * event.y
        return moved

    def _keys(self) -> list[tuple[str, str]]:
        """Return the keys, those that scroll only where there is more to see."""
        keys = self._controls.bindings()
        if self._scroll.count > self._scroll.fit:
            return keys
        return [line for line in keys if line[1] in ("done", "leave")]
