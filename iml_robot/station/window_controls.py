"""Reads the presses that are meant for the window itself, wherever people put them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import pygame

from iml_robot.core.station_settings import ControlSettings
from iml_robot.devices.gamepad import LABELS as PAD_LABELS
from iml_robot.devices.keyboard import scancode
from iml_robot.station.controls import Control, Controls, Events
from iml_robot.station.settings.bound import Bound
from iml_robot.station.window_keys import HELP, WINDOW_NAMES, key_label


class WindowControls:
    """What the window does by a press, and what to press for it.

    Keys count by their place, as those that drive do.

    Args:
        layout: "rover" or "drone".
        settings: What the person likes; None: what is usual.
        taken: Keys that the task uses for something else; they do nothing here.

    Attributes:
        stops: Names of the keys and pad buttons of the emergency stop.

    Raises:
        UsageError: If the settings put two actions on one control.
    """

    def __init__(
        self,
        layout: str = "rover",
        settings: ControlSettings | None = None,
        *,
        taken: Collection[str] = (),
    ) -> None:
        liked = settings or ControlSettings()
        keys = Bound("keyboard", layout, liked).now
        buttons = Bound("gamepad", layout, liked).now
        self.stops = (*keys["emergency_stop"], *buttons["emergency_stop"])
        self._keys = {
            action: tuple(key for key in keys[action] if key not in taken)
            for action in WINDOW_NAMES
        }
        self._buttons = {action: buttons[action] for action in WINDOW_NAMES}
        self._by_code = {
            scancode(key): action for action, own in self._keys.items() for key in own
        }
        self._pad = Controls(
            [Control(a, "", (), names) for a, names in self._buttons.items() if names]
        )

    def read(self, events: Events) -> list[str]:
        """Return the actions that are pressed in one batch of events, in order."""
        pads = [event for event in events if event.type not in _KEYS]
        keys = [event for event in events if event.type == pygame.KEYDOWN]
        pressed = [self._by_code.get(getattr(event, "scancode", 0)) for event in keys]
        held_is_no_matter_s = 0.0
        buttons = self._pad.read(pads, held_is_no_matter_s).actions
        return [action for action in (*pressed, *buttons) if action is not None]

    def label(self, action: str) -> str:
        """Return what to press, for display; "" if it is on nothing.

        Args:
            action: One of `WINDOW_NAMES`.
        """
        names = [key_label(key) for key in self._keys[action]]
        if _pad_is_there() or not names:
            names += [PAD_LABELS[name] for name in self._buttons[action]]
        return " or ".join(names)

    def lines(
        self, offered: Collection[str], meanings: Mapping[str, str] | None = None
    ) -> Sequence[tuple[str, str]]:
        """Return (what to press, meaning) of actions that are on something.

        Args:
            offered: The actions.
            meanings: Other words for some of them.
        """
        told = {**WINDOW_NAMES, **(meanings or {})}
        wanted = [action for action in WINDOW_NAMES if action in offered]
        lines = [(self.label(action), told[action]) for action in wanted]
        return [line for line in lines if line[0]]

    @property
    def help_line(self) -> tuple[str, str]:
        """The way to all keys, for the strip: one key and its meaning."""
        return self.label(HELP).split(" or ")[0], "all keys"


_KEYS = (pygame.KEYDOWN, pygame.KEYUP)


def _pad_is_there() -> bool:
    return bool(pygame.joystick.get_init() and pygame.joystick.get_count())
