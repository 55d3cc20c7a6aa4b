"""Lets a person turn the weights of the reward."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from iml_robot.core.feedback import WeightEdit
from iml_robot.station.controls import Changes, Control, Controls, rebound
from iml_robot.station.knobs.board import (
    LARGE_AFTER_S,
    LARGE_STEP,
    STEP,
    KnobBoard,
    Knobs,
)
from iml_robot.station.knobs.drawing import draw_knobs
from iml_robot.station.stage import Stage
from iml_robot.station.strip import draw_key_page

CONTROLS = (
    Control("up", "feature above", ("UP",), ("dpup",), repeats=True),
    Control("down", "below", ("DOWN",), ("dpdown",), repeats=True),
    Control("less", "less", ("LEFT",), ("dpleft",), repeats=True),
    Control("more", "more (hold: faster)", ("RIGHT",), ("dpright",), repeats=True),
    Control("lock", "lock", ("L",), ("y",)),
    Control("positive", "always good", ("+", "="), ("rightshoulder",)),
    Control("negative", "always bad", ("-",), ("leftshoulder",)),
    Control("clear", "clear", ("BACKSPACE",), ("x",)),
    Control("done", "done", ("RETURN",), ("a",)),
    Control("leave", "leave all as it was", ("ESCAPE",), ("b",)),
    Control("help", "help", ("F1",), ("start",)),
)
MESSAGE_S = 2.5

_NOTE = "A weight says how good it is to have much of a feature; 0: it does not matter."

Conflicts = Callable[[tuple[WeightEdit, ...]], Mapping[str, str]]


class KnobScreen:
    """Shows the weights and takes edits.

    Args:
        stage: The window.
        conflicts: Returns lines about edits that contradict other evidence, by feature,
            after each change; None: those that came with the knobs stay.
        keys: Other keys by action.
        buttons: Other pad buttons by action.
        deaf_s: Presses within so long after it opened do nothing [s]: they were meant for
            the screen before.

    Raises:
        UsageError: If the keys or buttons contradict each other.
    """

    def __init__(
        self,
        stage: Stage,
        *,
        conflicts: Conflicts | None = None,
        keys: Changes | None = None,
        buttons: Changes | None = None,
        deaf_s: float = 0.0,
    ) -> None:
        self._stage = stage
        self._conflicts = conflicts
        self._deaf_s = deaf_s
        self._controls = Controls(rebound(CONTROLS, keys, buttons))
        self._message, self._until_s = "", 0.0
        self._help = False

    def edit(self, knobs: Knobs) -> tuple[WeightEdit, ...]:
        """Show the knobs until the person is done.

        Returns:
            All edits that hold now. Those that were given if the person left them as they
            were, or closed the window.
        """
        stage = self._stage
        stage.enter()
        self._controls.begin()
        self._message, self._help = "", False
        board = KnobBoard(knobs)
        before, opened_s = tuple(knobs.edits), stage.now_s
        while not stage.closed and knobs.names:
            self._draw(board)
            stage.wait()
            pressed = self._controls.read(stage.events, stage.now_s)
            if self._help or stage.now_s - opened_s < self._deaf_s:
                self._help = self._help and not (pressed.actions or pressed.unknown)
                continue
            if stage.closed or "leave" in pressed.actions:
                return before
            if pressed.unknown:
                self._say(f"'{pressed.unknown[0]}' does nothing here. F1 shows the keys.")
            held = board.edits
            for action in pressed.actions:
                if action == "done":
                    return board.edits
                self._do(board, action)
            if self._conflicts is not None and board.edits != held:
                found = self._conflicts(board.edits)
                board.knobs = replace(board.knobs, conflicts=found)
        return before

    def _do(self, board: KnobBoard, action: str) -> None:
        if action == "help":
            self._help = True
        elif action in ("up", "down"):
            board.move(-1 if action == "up" else 1)
        elif action in ("less", "more"):
            held_s = self._controls.held_s(action, self._stage.now_s)
            step = LARGE_STEP if held_s > LARGE_AFTER_S else STEP
            self._say(board.turn(-step if action == "less" else step))
        elif action == "lock":
            self._say(board.lock())
        elif action in ("positive", "negative"):
            self._say(board.pin(1 if action == "positive" else -1))
        elif action == "clear":
            self._say(board.clear())

    def _say(self, line: str) -> None:
        if line:
            self._message, self._until_s = line, self._stage.now_s + MESSAGE_S

    def _draw(self, board: KnobBoard) -> None:
        stage = self._stage
        scribe = stage.begin()
        keys = self._controls.bindings()
        if self._help:
            page = self._controls.page()
            draw_key_page(scribe, "What matters, and how much", page, _NOTE)
        else:
            message = self._message if stage.now_s < self._until_s else ""
            if not stage.focused:
                message = "Click into this window: it does not get your keys."
            draw_knobs(scribe, board, keys, message)
        stage.show()
