"""Keys and buttons by default: for both hands, and for one hand alone.

One hand on the keyboard reaches everything from where it drives: the left hand from W, A,
S, D, the right hand from I, J, K, L. F1 and H belong to the window.
"""

from __future__ import annotations

from collections.abc import Mapping

from iml_robot.devices.input.bindings import Bindings

_BOTH: Bindings = {
    "grip": ("LSHIFT",),
    "slow": ("LCTRL",),
    "give_back": ("RETURN",),
    "emergency_stop": ("SPACE",),
    "reset": ("R",),
    "pause": ("ESCAPE", "P"),
    "end_episode": ("BACKSPACE",),
    "rewind": ("Z",),
    "good": ("EQUALS",),
    "bad": ("MINUS",),
}
_LEFT: Bindings = {
    "grip": ("LSHIFT",),
    "slow": ("LCTRL",),
    "give_back": ("G",),
    "emergency_stop": ("SPACE",),
    "reset": ("T",),
    "pause": ("ESCAPE",),
    "end_episode": ("5",),
    "rewind": ("Z",),
    "good": ("3",),
    "bad": ("2",),
}
_RIGHT: Bindings = {
    "grip": ("RSHIFT",),
    "slow": ("RCTRL",),
    "give_back": ("RETURN",),
    "emergency_stop": ("SPACE",),
    "reset": ("M",),
    "pause": ("0",),
    "end_episode": ("BACKSPACE",),
    "rewind": ("SLASH",),
    "good": ("EQUALS",),
    "bad": ("MINUS",),
}

KEYS_BY_HANDS: Mapping[str, Mapping[str, Bindings]] = {
    "rover": {
        "both": {
            "forward": ("W", "UP"),
            "backward": ("S", "DOWN"),
            "turn_left": ("A", "LEFT"),
            "turn_right": ("D", "RIGHT"),
            **_BOTH,
        },
        "left": {
            "forward": ("W",),
            "backward": ("S",),
            "turn_left": ("A",),
            "turn_right": ("D",),
            **_LEFT,
        },
        "right": {
            "forward": ("I", "UP"),
            "backward": ("K", "DOWN"),
            "turn_left": ("J", "LEFT"),
            "turn_right": ("L", "RIGHT"),
            **_RIGHT,
        },
    },
    "drone": {
        "both": {
            "forward": ("UP",),
            "backward": ("DOWN",),
            "move_left": ("LEFT",),
            "move_right": ("RIGHT",),
            "climb": ("W",),
            "descend": ("S",),
            "turn_left": ("A",),
            "turn_right": ("D",),
            **_BOTH,
        },
        "left": {
            "forward": ("W",),
            "backward": ("S",),
            "move_left": ("A",),
            "move_right": ("D",),
            "climb": ("R",),
            "descend": ("F",),
            "turn_left": ("Q",),
            "turn_right": ("E",),
            **_LEFT,
        },
        "right": {
            "forward": ("I",),
            "backward": ("K",),
            "move_left": ("J",),
            "move_right": ("L",),
            "climb": ("P",),
            "descend": ("SEMICOLON",),
            "turn_left": ("U",),
            "turn_right": ("O",),
            **_RIGHT,
        },
    },
}
"""Keys by layout and hands, named by scancode: the place of the key on a US keyboard."""

_PAD_BOTH: Bindings = {
    "grip": ("rightshoulder",),
    "slow": ("leftshoulder",),
    "give_back": ("a",),
    "emergency_stop": ("back",),
    "reset": ("start",),
    "pause": ("start",),
    "end_episode": ("b",),
    "rewind": ("x",),
    "good": ("dpup",),
    "bad": ("dpdown",),
}
# BACK and START lie in the middle, where either thumb reaches them; the nearer one stops.
_PAD_LEFT: Bindings = {
    "grip": ("leftshoulder",),
    "slow": ("lefttrigger",),
    "give_back": ("dpright",),
    "emergency_stop": ("back",),
    "reset": ("start",),
    "pause": ("start",),
    "end_episode": ("dpleft",),
    "rewind": ("leftstick",),
    "good": ("dpup",),
    "bad": ("dpdown",),
}
_PAD_RIGHT: Bindings = {
    "grip": ("rightshoulder",),
    "slow": ("righttrigger",),
    "give_back": ("a",),
    "emergency_stop": ("start",),
    "reset": ("back",),
    "pause": ("back",),
    "end_episode": ("b",),
    "rewind": ("rightstick",),
    "good": ("y",),
    "bad": ("x",),
}

BUTTONS_BY_HANDS: Mapping[str, Mapping[str, Bindings]] = {
    "rover": {"both": _PAD_BOTH, "left": _PAD_LEFT, "right": _PAD_RIGHT},
    "drone": {
        "both": _PAD_BOTH,
        # One stick has two directions, and a drone has four.
        "left": {
            **_PAD_LEFT,
            "shift": ("lefttrigger",),
            "slow": ("leftstick",),
            "rewind": ("guide",),
        },
        "right": {
            **_PAD_RIGHT,
            "shift": ("righttrigger",),
            "slow": ("rightstick",),
            "rewind": ("guide",),
        },
    },
}
"""Buttons by layout and hands, named as SDL does, after their place on an Xbox pad."""
