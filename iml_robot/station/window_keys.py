"""What the window itself does by a press, and the keys and buttons for it by default.

Devices know what drives; they are given settings without these actions.
"""

from __future__ import annotations

from collections.abc import Mapping

from iml_robot.core.station_settings import ControlSettings
from iml_robot.devices.input.bindings import Bindings
from iml_robot.devices.keyboard import LABELS

HELP, VIEW, FIGURES, UNDO, WEIGHTS = "help", "view", "figures", "undo", "weights"

WINDOW_NAMES: Mapping[str, str] = {
    HELP: "show all keys",
    VIEW: "change the view",
    FIGURES: "more figures",
    UNDO: "undo the last learning",
    WEIGHTS: "weigh what counts",
}
"""What each action is called where it is bound, in the order of the screen."""

_KEYS: Bindings = {
    HELP: ("F1", "H"),
    VIEW: ("C",),
    FIGURES: ("TAB",),
    UNDO: ("F8",),
    WEIGHTS: ("F7",),
}
WINDOW_KEYS: Mapping[str, Bindings] = {
    "both": _KEYS,
    "left": {**_KEYS, HELP: ("F1",), UNDO: ("F4",), WEIGHTS: ("F3",)},
    # Around I, J, K, L: what the right hand reaches without leaving them.
    "right": {**_KEYS, VIEW: ("N",), FIGURES: ("RIGHTBRACKET",)},
}
"""Keys by hands, named by their place on a US keyboard; none is one that drives."""

_BUTTONS: Bindings = {
    HELP: ("guide",),
    VIEW: ("rightstick",),
    FIGURES: ("dpright",),
    # It is in the pause menu, too, and no button should undo what took minutes.
    UNDO: (),
    WEIGHTS: ("dpleft",),
}
_BUTTONS_LEFT: Bindings = {**_BUTTONS, FIGURES: ("a",), WEIGHTS: ("b",)}
_BUTTONS_RIGHT: Bindings = {**_BUTTONS, VIEW: ("leftstick",)}
WINDOW_BUTTONS: Mapping[str, Mapping[str, Bindings]] = {
    "rover": {"both": _BUTTONS, "left": _BUTTONS_LEFT, "right": _BUTTONS_RIGHT},
    # With one hand GUIDE rewinds a drone.
    "drone": {
        "both": _BUTTONS,
        "left": {**_BUTTONS_LEFT, HELP: ("x",)},
        "right": {**_BUTTONS_RIGHT, HELP: ("dpup",)},
    },
}
"""Buttons by layout and hands, named as SDL does; none is one that drives."""

_LABELS: Mapping[str, str] = {
    "TAB": "Tab",
    "LEFTBRACKET": "[",
    "RIGHTBRACKET": "]",
    "BACKSLASH": "\\",
    "COMMA": ",",
    "PERIOD": ".",
    "APOSTROPHE": "'",
    "GRAVE": "`",
    "CAPSLOCK": "Caps Lock",
    "LALT": "Left Alt",
    "RALT": "Right Alt",
    "INSERT": "Insert",
    "DELETE": "Delete",
    "HOME": "Home",
    "END": "End",
    "PAGEUP": "Page Up",
    "PAGEDOWN": "Page Down",
}


def key_label(name: str) -> str:
    """Return what a key is called, for display: its own name where it has no other."""
    return LABELS.get(name) or _LABELS.get(name, name)


def for_devices(controls: ControlSettings) -> ControlSettings:
    """Return what a person likes without the window's own actions.

    Args:
        controls: Everything; the devices refuse actions that they do not know.
    """
    keys = {
        layout: {action: names for action, names in own.items() if action not in _KEYS}
        for layout, own in controls.keys.items()
    }
    buttons = {a: names for a, names in controls.buttons.items() if a not in _KEYS}
    return controls.model_copy(update={"keys": keys, "buttons": buttons})
