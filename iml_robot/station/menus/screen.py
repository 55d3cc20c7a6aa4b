"""Lets a person walk through a menu with keys, a pad or the mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pygame

from iml_robot.station.controls import Control, Controls
from iml_robot.station.menus.drawing import MenuAreas, draw_menu
from iml_robot.station.menus.menu import Item, Menu
from iml_robot.station.menus.pointing import Pointing
from iml_robot.station.stage import Stage
from iml_robot.station.text import Scribe

# Space chooses nothing: everywhere in the window it stops the robot.
CONTROLS = (
    Control("choose", "choose", ("RETURN",), ("a",)),
    Control("up", "up", ("UP", "W"), ("dpup",), repeats=True),
    Control("down", "down", ("DOWN", "S"), ("dpdown",), repeats=True),
    Control("less", "less", ("LEFT", "A"), ("dpleft",), repeats=True),
    Control("more", "more", ("RIGHT", "D"), ("dpright",), repeats=True),
    Control("back", "back", ("ESCAPE", "BACKSPACE"), ("b", "start")),
)
MESSAGE_S = 4.0

Beside: TypeAlias = Callable[[Scribe, pygame.Rect], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person did in a menu.

    Attributes:
        key: Key of the line.
        action: "choose", "less", "more", "back", "closed" (the window was closed), or
            "time" (nobody did anything for as long as the menu waits).
    """

    key: str
    action: str


class MenuScreen:
    """Shows one menu until the person does something with a line.

    Args:
        stage: The window.
        title: Heading.
        items: Gives the lines; asked before every picture, so that they can tell what
            goes on.
        beside: Draws into the box beside the lines; None: there is none.
        start: Key of the line under the cursor at first.
        watch: Called at every picture, for example to look at the devices; a key that it
            returns is chosen at once.
        back: Whether the menu can be left without a choice.
    """

    def __init__(
        self,
        stage: Stage,
        title: str,
        items: Callable[[], Sequence[Item]],
        *,
        beside: Beside | None = None,
        start: str = "",
        watch: Callable[[], str | None] | None = None,
        back: bool = True,
    ) -> None:
        self.title = title
        self._stage = stage
        self._items = items
        self._beside = beside
        self._watch = watch
        chosen = CONTROLS if back else CONTROLS[:-1]
        self._controls = Controls(chosen)
        self._menu = Menu(items(), start)
        self._places: dict[str, pygame.Rect] = {}
        self._pointing = Pointing()
        self._message, self._until_s = "", 0.0

    @property
    def pad_used(self) -> bool:
        """Whether the last press came from a pad."""
        return self._controls.pad_used

    def say(self, line: str) -> None:
        """Say something for some seconds in place of the notes."""
        self._message, self._until_s = line, self._stage.now_s + MESSAGE_S

    def point(self, key: str) -> None:
        """Move the cursor to a line."""
        self._menu.point(key)

    def wait(self, timeout_s: float | None = None) -> Choice:
        """Show the menu until something is chosen, changed or left.

        Args:
            timeout_s: How long to wait without any press [s]; None: for ever.
        """
        stage = self._stage
        stage.enter()
        self._controls.begin()
        quiet_since_s = stage.now_s
        while not stage.closed:
            self._menu.replace(self._items())
            self._draw()
            stage.wait()
            found = self._watch() if self._watch is not None else None
            if found is not None:
                return Choice(found, "choose")
            choice = self._read()
            if choice is not None:
                return choice
            if stage.events:
                quiet_since_s = stage.now_s
            if timeout_s is not None and stage.now_s - quiet_since_s >= timeout_s:
                return Choice(self._menu.current.key, "time")
        return Choice(self._menu.current.key, "closed")

    def _read(self) -> Choice | None:
        """Return what the newest events choose; move the cursor otherwise."""
        stage, menu = self._stage, self._menu
        if stage.closed:
            return None
        clicked = self._clicked()
        pressed = self._controls.read(stage.events, stage.now_s)
        for action in (*pressed.actions, *(("choose",) if clicked else ())):
            if action in ("up", "down"):
                menu.move(-1 if action == "up" else 1)
                continue
            item = menu.current
            if action == "back":
                return Choice(item.key, action)
            if item.refused:
                self.say(item.refused)
            elif action == "choose" or item.adjustable:
                return Choice(item.key, action)
        return None

    def _clicked(self) -> bool:
        """Move the cursor to where the mouse is; return whether it was pressed there."""
        key, pressed = self._pointing.read(self._stage.events, self._places)
        self._menu.point(key)
        return pressed

    def _draw(self) -> None:
        stage = self._stage
        scribe = stage.begin()
        keys = self._controls.bindings()
        if not any(item.adjustable for item in self._menu.items):
            keys = [line for line in keys if line[1] not in ("less", "more")]
        areas = MenuAreas.of(scribe, keys, beside=self._beside is not None)
        say = self._message if stage.now_s < self._until_s else ""
        if not stage.focused:
            say = "Click into this window: it does not get your keys."
        self._places = draw_menu(scribe, areas, self.title, self._menu, keys, say=say)
        if self._beside is not None:
            self._beside(scribe, areas.beside)
        stage.show()
