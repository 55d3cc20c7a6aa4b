"""Asks a person how much work a session was."""

from __future__ import annotations

import pygame

from iml_robot.data.judgements import LoadAnswers
from iml_robot.station.controls import Control, Controls
from iml_robot.station.stage import Stage
from iml_robot.station.workload.drawing import draw_load
from iml_robot.station.workload.form import LoadForm
from iml_robot.station.workload.scales import MOST, SCALES

CONTROLS = (
    Control("choose", "next", ("RETURN",), ("a",)),
    Control("up", "up", ("UP",), ("dpup",), repeats=True),
    Control("down", "down", ("DOWN",), ("dpdown",), repeats=True),
    Control("less", "less", ("LEFT",), ("dpleft",), repeats=True),
    Control("more", "more", ("RIGHT",), ("dpright",), repeats=True),
    Control("clear", "no answer", ("BACKSPACE",), ("x",)),
    Control("skip", "skip the rest", ("ESCAPE",), ("b", "start")),
)
GUARD_S = 0.4
"""Presses this soon after the screen appears were meant for another one [s]."""
PATIENCE_S = 120.0
"""Time without a press after which nobody seems to be there [s]."""


class LoadScreen:
    """Shows six sliders; all of them may be left out.

    Args:
        stage: The window.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._controls = Controls(CONTROLS)
        self._form = LoadForm()
        self._bars: dict[int, pygame.Rect] = {}
        self._done = pygame.Rect(0, 0, 0, 0)
        self._dragged: int | None = None

    def ask(self) -> LoadAnswers:
        """Ask until the person is done, skips the rest, or closes the window.

        Returns:
            What was answered until then; without values if nothing was.
        """
        stage = self._stage
        stage.enter()
        self._controls.begin()
        self._form, self._dragged = LoadForm(), None
        begun_s = touched_s = stage.now_s
        done = False
        while not (done or stage.closed or stage.now_s - touched_s > PATIENCE_S):
            self._draw()
            stage.wait()
            pressed = self._controls.read(stage.events, stage.now_s)
            clicked = self._clicked()
            if stage.events:
                touched_s = stage.now_s
            if stage.now_s - begun_s < GUARD_S:
                continue
            done = self._take(pressed.actions) or clicked
        return self._form.answers(stage.now_s - begun_s)

    def _take(self, actions: tuple[str, ...]) -> bool:
        """Do what was pressed; return whether that was all."""
        form = self._form
        for action in actions:
            if action == "skip":
                return True
            if action == "choose":
                if form.place == len(SCALES):
                    return True
                form.move(1)
            elif action in ("up", "down"):
                form.move(-1 if action == "up" else 1)
            elif action in ("less", "more"):
                form.turn(-1 if action == "less" else 1)
            elif action == "clear":
                form.clear()
        return False

    def _clicked(self) -> bool:
        """Let the mouse move sliders; return whether it pressed "done"."""
        done = False
        for event in self._stage.events:
            if event.type == pygame.MOUSEBUTTONUP:
                self._dragged = None
            elif event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
                self._dragged = self._bar_at(event.pos)
                done = done or self._done.collidepoint(event.pos)
            if self._dragged is not None and hasattr(event, "pos"):
                bar = self._bars.get(self._dragged, self._done)
                share = (event.pos[0] - bar.left) / max(1, bar.width)
                self._form.put(self._dragged, MOST * share)
        return done

    def _bar_at(self, spot: tuple[int, int]) -> int | None:
        for place, bar in self._bars.items():
            # A bar is thin, and easier to hit than it looks.
            if bar.inflate(bar.height, 2 * bar.height).collidepoint(spot):
                return place
        return None

    def _draw(self) -> None:
        stage = self._stage
        say = "" if stage.focused else "Click into this window: it does not get your keys."
        keys = self._controls.bindings()
        self._bars, self._done = draw_load(stage.begin(), self._form, keys, say=say)
        stage.show()
