"""Where the controls of a pad are.

SDL knows most pads and then names their controls itself. For the others there is a
table in the notation of SDL: `b3` is button 3, `h0.4` hat 0 pressed down, `a2` axis 2,
`+a2` or `-a2` half of it, `a2~` the axis the wrong way round.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iml_robot.core.errors import UsageError
from iml_robot.core.registry import did_you_mean

STICK_AXES = ("leftx", "lefty", "rightx", "righty")
TRIGGERS = ("lefttrigger", "righttrigger")
BUTTONS = (
    *("a", "b", "x", "y", "back", "guide", "start"),
    *("leftstick", "rightstick", "leftshoulder", "rightshoulder"),
    *("dpup", "dpdown", "dpleft", "dpright"),
)
CONTROLS = (*STICK_AXES, *TRIGGERS, *BUTTONS)

#: A pad that SDL does not know: the order of the Linux driver of Xbox 360 pads, which
#: most nameless pads imitate. The triggers are left out on purpose: where one is in
#: truth a stick, its centre would read as a half-pressed trigger.
UNKNOWN_PAD: Mapping[str, str] = {
    **{"leftx": "a0", "lefty": "a1", "rightx": "a3", "righty": "a4"},
    **{"a": "b0", "b": "b1", "x": "b2", "y": "b3", "leftshoulder": "b4"},
    **{"rightshoulder": "b5", "back": "b6", "start": "b7", "guide": "b8"},
    **{"leftstick": "b9", "rightstick": "b10"},
    **{"dpup": "h0.1", "dpright": "h0.2", "dpdown": "h0.4", "dpleft": "h0.8"},
}

_SOURCE = re.compile(
    r"(?P<half>[+-]?)(?P<kind>[abh])(?P<number>\d+)(\.(?P<bit>\d+))?(?P<turned>~?)"
)


@dataclass(frozen=True, slots=True)
class Link:
    """One line of a mapping: an input of the pad drives a control.

    Attributes:
        control: Name of the control.
        kind: "a" axis, "b" button, "h" hat; "A" axis and "B" button of a pad that SDL
            knows, whose numbers are those of SDL.
        number: Number of the axis, button or hat.
        bit: Direction of a hat: 1 up, 2 right, 4 down, 8 left.
        rest: Input at which the control is at the start of its range.
        full: Input at which it is at the end of its range.
        low: Start of the range of the control, which ends at 1.
    """

    control: str
    kind: str
    number: int
    bit: int = 0
    rest: float = 0.0
    full: float = 1.0
    low: float = 0.0

    def apply(self, value: float) -> float:
        """Return the value of the control for a value of the input."""
        share = (value - self.rest) / (self.full - self.rest)
        return self.low + min(max(share, 0.0), 1.0) * (1.0 - self.low)


def parse_link(control: str, source: str) -> Link:
    """Return one line of a mapping, for example ("lefttrigger", "a2").

    Raises:
        UsageError: If the control is unknown, or the source is not in SDL's notation.
    """
    name = control.lstrip("+-")
    if name not in CONTROLS:
        raise UsageError(
            f"no control of a pad is called {name!r}{did_you_mean(name, CONTROLS)}"
        )
    match = _SOURCE.fullmatch(source)
    if match is None:
        raise UsageError(
            f"the control {control!r} cannot be on {source!r}; write b3 for a button, a2, "
            "+a2, -a2 or a2~ for an axis, h0.4 for a hat"
        )
    rest, full, low = 0.0, 1.0, 0.0
    if match["kind"] == "a":
        rest, full = {"": (-1.0, 1.0), "+": (0.0, 1.0), "-": (0.0, -1.0)}[match["half"]]
        if match["turned"]:
            rest, full = full, rest
        if control in STICK_AXES and not match["half"]:
            low = -1.0
    return Link(
        control=control,
        kind=match["kind"],
        number=int(match["number"]),
        bit=int(match["bit"] or 0),
        rest=rest,
        full=full,
        low=low,
    )


def parse_mapping(mapping: Mapping[str, str]) -> list[Link]:
    """Return all lines of a mapping.

    Raises:
        UsageError: If a line is wrong.
    """
    return [parse_link(control, source) for control, source in mapping.items()]


#: A pad that SDL knows: axes and buttons in the order of SDL_GameControllerAxis and
#: SDL_GameControllerButton of SDL 2. Its triggers rest at 0.
KNOWN_PAD: Sequence[Link] = (
    *(
        Link(name, "A", number, rest=-1.0, low=-1.0)
        for number, name in enumerate(STICK_AXES)
    ),
    *(Link(name, "A", number) for number, name in enumerate(TRIGGERS, len(STICK_AXES))),
    *(Link(name, "B", number) for number, name in enumerate(BUTTONS)),
)
