"""Which stick moves what: layouts, modes of transmitters, and pads held in one hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from iml_robot.devices.input.mapping import TRIGGERS
from iml_robot.devices.input.reading import COMMAND_AXES

Routes = Mapping[str, str]
"""Stick axes by the direction that they command."""

STICK_MODES: Mapping[int, Routes] = {
    1: {"turn": "leftx", "forward": "lefty", "left": "rightx", "up": "righty"},
    2: {"turn": "leftx", "up": "lefty", "left": "rightx", "forward": "righty"},
    3: {"left": "leftx", "forward": "lefty", "turn": "rightx", "up": "righty"},
    4: {"left": "leftx", "up": "lefty", "turn": "rightx", "forward": "righty"},
}
"""Modes as makers of transmitters number them; 2 is the usual one."""

_WORDS = {
    frozenset({"up", "turn"}): "climb, descend, turn",
    frozenset({"forward", "left"}): "fly along and sideways",
    frozenset({"forward", "turn"}): "fly along, turn",
    frozenset({"up", "left"}): "climb, descend, fly sideways",
}


class Sticks:
    """Turns deflections into directions of a command.

    Args:
        layout: "rover" or "drone".
        hands: "both", or the hand whose stick alone commands. With one stick a drone
            flies along and turns; while the pad is shifted, it climbs and flies sideways.
        mode: Mode of the sticks of a drone, 1 to 4.

    Attributes:
        routes: Stick axis by direction.
        shifted: The same while the pad is shifted; empty where nothing shifts it.
        triggers: Whether the triggers drive as well.
    """

    def __init__(self, layout: str, *, hands: str = "both", mode: int = 2) -> None:
        self._layout = layout
        self._hands = hands
        self.triggers = hands == "both" and layout == "rover"
        self.shifted: Routes = {}
        side = "right" if hands == "right" else "left"
        one_stick = {"turn": f"{side}x", "forward": f"{side}y"}
        self.routes: Routes = one_stick
        if layout == "drone" and hands == "both":
            self.routes = STICK_MODES[mode]
        elif layout == "drone":
            self.shifted = {"left": f"{side}x", "up": f"{side}y"}

    @property
    def controls(self) -> tuple[str, ...]:
        """The stick axes without which nobody can steer."""
        return tuple(sorted(self.routes.values()))

    @property
    def moving(self) -> tuple[str, ...]:
        """Everything that moves the robot where it is deflected, and nothing else."""
        return (*self.controls, *(TRIGGERS if self.triggers else ()))

    def command(
        self, value: Callable[[str], float], *, shifted: bool = False
    ) -> dict[str, float]:
        """Return where the sticks point; forward, left, up, counter-clockwise positive.

        Args:
            value: Returns the deflection of a control of the pad.
            shifted: Whether the pad is shifted.
        """
        routes = self.shifted if shifted and self.shifted else self.routes
        # SDL counts to the right and down.
        command = {
            axis: -value(routes[axis]) if axis in routes else 0.0 for axis in COMMAND_AXES
        }
        if self.triggers:
            pulled = value("righttrigger") - value("lefttrigger")
            command["forward"] = max(pulled, command["forward"], key=abs)
        return command

    def lines(self) -> list[tuple[str, str]]:
        """Return what each stick does as (label, meaning), for display."""
        if self.triggers:
            drive = ("RT/LT or left stick", "drive (takes over)")
            return [drive, ("left stick", "turn (takes over)")]
        if self._layout == "rover":
            return [(f"{self._hands} stick", "drive, turn (takes over)")]
        by_stick: dict[str, set[str]] = {}
        for direction, control in self.routes.items():
            by_stick.setdefault(f"{control[:-1]} stick", set()).add(direction)
        return [
            (stick, f"{_WORDS[frozenset(by_stick[stick])]} (takes over)")
            for stick in sorted(by_stick)
        ]
