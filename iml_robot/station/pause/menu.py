"""The pause menu, an overlay that takes part in the control steps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import pygame

from iml_robot.core.types import Mode, Request
from iml_robot.devices.input.mapping import BUTTONS
from iml_robot.station.controls import Control, Controls, Events
from iml_robot.station.menus.menu import Item, Menu
from iml_robot.station.menus.pointing import Pointing
from iml_robot.station.pause.choices import PauseChoice
from iml_robot.station.pause.drawing import draw_pause
from iml_robot.station.pause.facts import (
    BACK,
    LEAVE,
    RESTART,
    PauseFacts,
    leave_page,
    main_page,
    restart_page,
)
from iml_robot.station.text import Scribe

CONTROLS = (
    Control("choose", "choose", ("RETURN",), ("a",)),
    Control("up", "up", ("UP", "W"), ("dpup",), repeats=True),
    Control("down", "down", ("DOWN", "S"), ("dpdown",), repeats=True),
    Control("back", "back, or go on", ("ESCAPE", "BACKSPACE"), ("start", "b")),
)
SPARE = {
    "choose": (("E",), ("x",)),
    "up": ((), ("leftshoulder",)),
    "down": ((), ("leftshoulder",)),
    "back": ((), ()),
}
"""Key and button of a control whose only one somebody made the emergency stop."""
STOPS = ("SPACE", "back")
"""Key and pad button that stop the robot as they come, like everywhere."""
MESSAGE_S = 4.0
GUARD_S = 0.2
"""Presses this soon after the menu appears were meant for what was there before [s]."""

_PAGES: dict[str, tuple[str, Callable[[PauseFacts], Sequence[Item]]]] = {
    "": ("What now?", main_page),
    RESTART: ("Restart the episode?", restart_page),
    LEAVE: ("End the session?", leave_page),
}


class PauseMenu:
    """Shows what can be done in a pause, while the control steps go on.

    It never waits: `feed` takes the events of one control step, `draw` draws into the
    picture of that step. The robot stands still because the arbiter is paused, and the
    devices read the same events, so that an emergency stop works as always. Whoever owns
    the loop passes what is chosen on with `spoken`.

    Args:
        stops: Names of keys and pad buttons that stop the robot; they choose nothing
            here, and nothing counts that is pressed in the same step.

    Attributes:
        is_open: Whether it is on the screen.
    """

    def __init__(self, *, stops: Collection[str] = STOPS) -> None:
        self.is_open = False
        self.stops = stops
        self._facts = PauseFacts()
        self._page = ""
        self._menu = Menu(main_page(self._facts))
        self._places: dict[str, pygame.Rect] = {}
        self._pointing = Pointing()
        self._message, self._until_s = "", 0.0
        self._opened_s = self._now_s = 0.0

    @property
    def stops(self) -> Collection[str]:
        """Keys and pad buttons that stop the robot; may be set at any time."""
        return self._stops

    @stops.setter
    def stops(self, stops: Collection[str]) -> None:
        self._stops = tuple(stops)
        self._controls = Controls(_controls(self._stops))

    def follow(self, mode: Mode, facts: PauseFacts, now_s: float) -> None:
        """Open in a pause, close outside of one, and take in what is known now.

        Args:
            mode: State of the arbiter after this step.
            facts: What there is to tell.
            now_s: Time of the step [s], by the clock of the events that are fed.
        """
        if mode is not Mode.PAUSED:
            self.is_open = False
            return
        self._facts = facts
        if self.is_open:
            self._menu.replace(self._items())
            return
        self.is_open = True
        self._opened_s = now_s
        self._message = ""
        self._controls.begin()
        self._turn_to("")

    def feed(
        self,
        events: Events,
        now_s: float,
        *,
        requests: Collection[Request] = frozenset(),
    ) -> PauseChoice | None:
        """Take in the events of a control step.

        Args:
            events: All of them.
            now_s: Their time [s].
            requests: What the devices make of them: the pause control, wherever it is
                bound, goes back or on.

        Returns:
            What was chosen; None: nothing was.
        """
        self._now_s = now_s
        if not self.is_open:
            return None
        pressed = self._controls.read(events, now_s).actions
        clicked = self._clicked(events)
        if now_s - self._opened_s < GUARD_S:
            return None
        if "stop" in pressed or Request.EMERGENCY_STOP in requests:
            return None
        back = Request.PAUSE in requests and "back" not in pressed
        pressed = (*pressed, *(("choose",) if clicked else ()), *(("back",) * back))
        for action in pressed:
            choice = self._do(action)
            if choice is not None:
                return choice
        return None

    def draw(self, scribe: Scribe, area: pygame.Rect) -> None:
        """Draw the menu over a part of the picture; nothing while it is closed.

        Args:
            scribe: Draws and writes.
            area: Where [pixels]; leave the banner free, which tells who drives.
        """
        if not self.is_open:
            return
        say = self._message if self._now_s < self._until_s else ""
        self._places = draw_pause(
            scribe,
            area,
            self._menu,
            title=_PAGES[self._page][0],
            headline=self._facts.headline,
            keys=self._keys(),
            say=say,
        )

    def _do(self, action: str) -> PauseChoice | None:
        """Do what was pressed; return what that chooses."""
        if action in ("up", "down"):
            self._menu.move(-1 if action == "up" else 1)
            return None
        if action == "back":
            if not self._page:
                return PauseChoice.RESUME
            self._turn_to("", start=self._page)
            return None
        item = self._menu.current
        if item.refused:
            self._message, self._until_s = item.refused, self._now_s + MESSAGE_S
        elif item.key == BACK:
            self._turn_to("", start=self._page)
        elif item.key in _PAGES:
            self._turn_to(item.key)
        else:
            return PauseChoice(item.key)
        return None

    def _keys(self) -> list[tuple[str, str]]:
        """Return one key for each thing; that leaves room for the lines."""
        short = [(keys.split(" or ")[0], does) for keys, does in self._controls.bindings()]
        choose, up, down, *others = short
        return [choose, (f"{up[0]} / {down[0]}", "move"), *others]

    def _turn_to(self, page: str, *, start: str = "") -> None:
        self._page = page
        self._menu = Menu(self._items(), start)
        # Where lines were on the page before is nowhere on this one.
        self._places = {}

    def _items(self) -> Sequence[Item]:
        return _PAGES[self._page][1](self._facts)

    def _clicked(self, events: Events) -> bool:
        """Move the cursor to where the mouse is; return whether it was pressed there."""
        key, pressed = self._pointing.read(events, self._places)
        self._menu.point(key)
        return pressed


def _controls(stops: Collection[str]) -> tuple[Control, ...]:
    """Return the controls without what stops the robot, which is named at the end."""
    buttons = tuple(name for name in stops if name in BUTTONS)
    keys = tuple(name for name in stops if name not in BUTTONS)
    free = [
        replace(
            control,
            keys=_without(keys, control.keys, SPARE[control.action][0]),
            buttons=_without(buttons, control.buttons, SPARE[control.action][1]),
        )
        for control in CONTROLS
    ]
    return (*free, Control("stop", "emergency stop", keys, buttons))


def _without(
    taken: Collection[str], names: Sequence[str], spare: Sequence[str]
) -> tuple[str, ...]:
    """Return the names that are not taken, and the spare ones where all are."""
    left = tuple(name for name in names if name not in taken)
    return left or tuple(name for name in spare if name not in taken)
