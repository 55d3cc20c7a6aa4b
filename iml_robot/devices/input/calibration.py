"""Finds out where the sticks of a plain joystick or a transmitter are, step by step.

It is told the values of all axes again and again, and says what the person is to do next.
No hardware and no window in here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from iml_robot.core.errors import UsageError
from iml_robot.core.station_settings import AxisRange, CurveSettings, PadSettings
from iml_robot.devices.input.calibrated import (
    SHORTEST_TRAVEL,
    calibrated_links,
    normalised,
)

REST_S = 1.0
"""How long the sticks are watched at rest [s]."""

REST_SPREAD = 0.2
"""Movement of an axis within that time beyond which a hand is on it."""

DEAD_ZONE_MARGIN = 0.02
"""What the dead zone is wider than the largest deflection that was seen at rest."""

LARGEST_DEAD_ZONE = 0.30
"""A stick that needs more cannot be steered with; the limit of the settings."""

PUSHED, OTHERS = 0.6, 0.5
"""Deflection from which a stick counts as pushed, and what share of it all other axes
stay below, so that a stick that is pushed askew is not taken for another one."""

PUSH_S = 0.3
"""How long a stick must be pushed [s]."""

LET_GO = 0.25
"""Deflection below which a stick counts as let go of."""

DIRECTIONS: Mapping[str, str] = {
    "forward": "Push FORWARD the stick that is to drive forward",
    "left": "Push LEFT the stick that is to fly sideways",
    "up": "Push UP the stick that is to climb",
    "turn": "Push LEFT the stick that is to turn",
}
"""What to do for each direction, in the order in which they are asked for."""

_HIGH_IS = {"x": "right", "y": "up"}


class Phase(Enum):
    """What the person is asked for."""

    REST = "rest"
    ENDS = "ends"
    PUSH = "push"
    BUTTON = "button"
    DONE = "done"


@dataclass
class AxisState:
    """What is known about one axis.

    Attributes:
        value: What it says now.
        low: The lowest that it said.
        high: The highest that it said.
        centre: Where it rests.
        noise: The largest distance from there while it rested.
        direction: What it commands; "" for nothing.
    """

    value: float
    low: float
    high: float
    centre: float = 0.0
    noise: float = 0.0
    direction: str = ""

    @property
    def moved(self) -> bool:
        """Whether it went far enough to both sides."""
        return min(self.high - self.centre, self.centre - self.low) >= SHORTEST_TRAVEL

    @property
    def deflection(self) -> float:
        """Where it is, in [-1, 1] from its rest to its ends."""
        ends = AxisRange(source="a0", low=self.low, centre=self.centre, high=self.high)
        return normalised(ends, self.value)

    @property
    def dead_zone(self) -> float:
        """The dead zone that it needs, of 1."""
        travel = min(self.high - self.centre, self.centre - self.low)
        return self.noise / max(travel, SHORTEST_TRAVEL) + DEAD_ZONE_MARGIN


class Calibration:
    """One run through all steps.

    Args:
        name: What the pad calls itself.
        routes: Stick axis, as SDL names it, by the direction that it commands.
        buttons: Buttons to ask for, as (name by SDL, what it does).
        curve: Where the rest of the curve comes from.

    Attributes:
        phase: What the person is asked for.
        axes: What is known about each axis.
        problem: What the person did that does not help; "" for nothing.
    """

    def __init__(
        self,
        name: str,
        routes: Mapping[str, str],
        *,
        buttons: Sequence[tuple[str, str]] = (),
        curve: CurveSettings | None = None,
    ) -> None:
        self._name = name
        self._routes = routes
        self._buttons = tuple(buttons)
        self._curve = curve or CurveSettings()
        self.restart()

    def restart(self) -> None:
        """Begin again."""
        self.phase = Phase.REST
        self.axes: list[AxisState] = []
        self.problem = ""
        self._begun_s: float | None = None
        self._samples: list[tuple[float, ...]] = []
        self._directions = [d for d in DIRECTIONS if d in self._routes]
        self._pushed: tuple[int, float] | None = None
        self._pushed_s = 0.0
        self._let_go = True
        self._found: dict[str, AxisRange] = {}
        self._unasked = list(self._buttons)
        self._found_buttons: dict[str, str] = {}

    @property
    def steps(self) -> list[tuple[str, bool]]:
        """What there is to do in short, and whether it is done."""
        phases = list(Phase)
        now = phases.index(self.phase)
        asked = [d for d in DIRECTIONS if d in self._routes]
        lines = [("rest", now > 0), ("ends of the sticks", now > 1)]
        lines += [(d, d not in self._directions) for d in asked]
        waiting = [what for _, what in self._unasked]
        lines += [
            (what, now > 3 or (now == 3 and what not in waiting))
            for _, what in self._buttons
        ]
        return lines

    @property
    def instruction(self) -> str:
        """What the person is to do now."""
        if self.phase is Phase.REST:
            return "Put throttles in their middle, and let go of all sticks"
        if self.phase is Phase.ENDS:
            return "Move each stick to all its ends, then press Enter"
        if self.phase is Phase.PUSH:
            if not self._let_go:
                return "Let go of all sticks; throttles in their middle"
            return DIRECTIONS[self._directions[0]]
        if self.phase is Phase.BUTTON:
            return f'Press the button for "{self._unasked[0][1]}"'
        return "Try it: do the sticks do what they should?"

    def feed(self, values: Sequence[float], time_s: float) -> None:
        """Take in the values of all axes.

        Args:
            values: Value of each axis, in [-1, 1].
            time_s: Monotonic time [s].
        """
        if self._begun_s is None:
            self._begin(values, time_s)
        for axis, value in zip(self.axes, values, strict=True):
            axis.value = value
            axis.low, axis.high = min(axis.low, value), max(axis.high, value)
        if self.phase is Phase.REST:
            self._rest(values, time_s)
        elif self.phase is Phase.PUSH:
            self._push(time_s)

    def press(self, button: int) -> None:
        """Take in the press of a button, by its number."""
        if self.phase is not Phase.BUTTON:
            return
        source = f"b{button}"
        if source in self._found_buttons.values():
            self.problem = "That button does something already; press another one."
            return
        self._found_buttons[self._unasked.pop(0)[0]] = source
        self._next_button()

    def confirm(self) -> None:
        """Go on: all ends were reached, or there is no button for this."""
        if self.phase is Phase.ENDS:
            moved = sum(axis.moved for axis in self.axes)
            if moved < len(self._directions):
                self.problem = (
                    f"{moved} of {len(self._directions)} axes went to both ends so far; "
                    "move the other ones, too."
                )
                return
            self.problem = ""
            self.phase, self._let_go = Phase.PUSH, False
        elif self.phase is Phase.BUTTON:
            self._unasked.pop(0)
            self._next_button()

    @property
    def result(self) -> PadSettings:
        """What was found out.

        Raises:
            UsageError: If it is not done, or what was found cannot be steered with.
        """
        if self.phase is not Phase.DONE:
            raise UsageError("the calibration is not done; go through all of its steps")
        zone = max(axis.dead_zone for axis in self.axes if axis.direction)
        if zone > LARGEST_DEAD_ZONE:
            raise UsageError(
                f"a stick moves by {zone:.2f} by itself, and {LARGEST_DEAD_ZONE:g} is the "
                "most that can be steered with; calibrate it again with hands off"
            )
        curve = self._curve.model_copy(update={"dead_zone": round(zone, 3)})
        found = PadSettings(
            name=self._name, axes=self._found, buttons=self._found_buttons, curve=curve
        )
        calibrated_links(found, self._routes.values())
        return found

    def command(self, direction: str) -> float:
        """Return what a direction commands now, before any curve, in [-1, 1]."""
        control = self._routes[direction]
        for axis in self.axes:
            if axis.direction == direction:
                share = normalised(self._found[control], axis.value)
                # High is up or right; commands count up and left.
                return share if control.endswith("y") else -share
        return 0.0

    def _begin(self, values: Sequence[float], time_s: float) -> None:
        self._begun_s = time_s
        self._samples = []
        self.axes = [AxisState(value, value, value) for value in values]

    def _rest(self, values: Sequence[float], time_s: float) -> None:
        assert self._begun_s is not None
        self._samples.append(tuple(values))
        if any(axis.high - axis.low > REST_SPREAD for axis in self.axes):
            self.problem = "A stick moves: let go of all of them."
            self._begin(values, time_s)
        elif time_s - self._begun_s >= REST_S:
            for axis, seen in zip(self.axes, zip(*self._samples, strict=True), strict=True):
                axis.centre = sum(seen) / len(seen)
                axis.noise = max(abs(value - axis.centre) for value in seen)
            self.problem = ""
            self.phase = Phase.ENDS

    def _push(self, time_s: float) -> None:
        """Wait for one axis alone to be pushed for a while, then for all to rest."""
        order = sorted(
            (i for i, axis in enumerate(self.axes) if axis.moved),
            key=lambda i: -abs(self.axes[i].deflection),
        )
        first = abs(self.axes[order[0]].deflection)
        second = abs(self.axes[order[1]].deflection) if len(order) > 1 else 0.0
        if not self._let_go:
            self._let_go = first < LET_GO
            return
        if first < PUSHED or second > OTHERS * first:
            self._pushed = None
            if first >= PUSHED:
                self.problem = "Two axes move: push straight, and one stick alone."
            return
        axis = self.axes[order[0]]
        if axis.direction:
            self.problem = f"That is the stick for {axis.direction}; push another one."
            return
        pushed = order[0], 1.0 if axis.deflection > 0 else -1.0
        if pushed != self._pushed:
            self._pushed, self._pushed_s = pushed, time_s
        elif time_s - self._pushed_s >= PUSH_S:
            self._assign(*pushed)

    def _assign(self, number: int, side: float) -> None:
        direction = self._directions.pop(0)
        control, axis = self._routes[direction], self.axes[number]
        axis.direction = direction
        # It was pushed up, or to the left where high is to be right.
        wanted = 1.0 if _HIGH_IS[control[-1]] == "up" else -1.0
        self._found[control] = AxisRange(
            source=f"a{number}",
            low=axis.low,
            centre=axis.centre,
            high=axis.high,
            reversed=side != wanted,
        )
        self.problem = ""
        self._pushed, self._let_go = None, False
        if not self._directions:
            self.phase = Phase.BUTTON
            self._next_button()

    def _next_button(self) -> None:
        self.problem = ""
        if not self._unasked:
            self.phase = Phase.DONE
