"""Driving with a gamepad, plugged in and pulled out whenever people like."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType

import pygame

from iml_robot.core.errors import UsageError
from iml_robot.core.registry import did_you_mean
from iml_robot.core.types import Request
from iml_robot.devices import DEVICES
from iml_robot.devices.input.bindings import (
    SLOW_FACTOR,
    Bindings,
    check_layout,
    describe,
    rebind,
)
from iml_robot.devices.input.mapping import BUTTONS, UNKNOWN_PAD, parse_mapping
from iml_robot.devices.input.pads import Pad, find_pad, start_controllers, stop_controllers
from iml_robot.devices.input.pump import EventBatch, EventPump
from iml_robot.devices.input.reading import COMMAND_AXES, LASTING_REQUESTS, DeviceReading
from iml_robot.devices.input.shaping import TAKEOVER_DEFLECTION, deflection, shape_axis

#: Default buttons, named as SDL does, after their place on an Xbox pad.
PAD_BUTTONS: Bindings = {
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

LABELS = {
    "a": "A",
    "b": "B",
    "x": "X",
    "y": "Y",
    "back": "BACK",
    "start": "START",
    "guide": "GUIDE",
    "leftshoulder": "LB",
    "rightshoulder": "RB",
    "leftstick": "left stick click",
    "rightstick": "right stick click",
    "dpup": "D-pad up",
    "dpdown": "D-pad down",
    "dpleft": "D-pad left",
    "dpright": "D-pad right",
}

#: What the sticks do, for display.
_STICKS = {
    "rover": [
        ("RT/LT or left stick", "drive (takes over)"),
        ("left stick", "turn (takes over)"),
    ],
    "drone": [
        ("left stick", "climb, descend, turn (takes over)"),
        ("right stick", "fly along and sideways (takes over)"),
    ],
}

#: A and B lie side by side, so that ending the episode takes a deliberate hold [s].
END_HOLD_S = 0.8

_PRESS_REQUESTS = {
    "give_back": Request.GIVE_BACK,
    "emergency_stop": Request.EMERGENCY_STOP,
    "pause": Request.PAUSE,
    "rewind": Request.REWIND,
}


@DEVICES.register("gamepad")
class Gamepad:
    """Reads one pad; when it is pulled out, it or the next one is bound again.

    A second pad is ignored while the first one is there.

    Args:
        pump: Source of the events.
        layout: "rover" or "drone" (stick mode 2).
        buttons: Other buttons by action, for example {"grip": "leftshoulder"}.
        unknown_pad: Where the controls are on a pad that SDL does not know, in its
            notation, for example {"lefttrigger": "a2"}.

    Raises:
        UsageError: If the layout, an action or a control is unknown, or a button
            does two things.
    """

    def __init__(
        self,
        pump: EventPump,
        *,
        layout: str = "rover",
        buttons: Mapping[str, str | list[str]] | None = None,
        unknown_pad: Mapping[str, str] | None = None,
    ) -> None:
        self._pump = pump
        self._layout = check_layout(layout)
        # A press of the shared button asks for a pause, which a latched stop ignores;
        # holding it resets the stop, which a pause ignores.
        self._bindings = rebind(
            PAD_BUTTONS, buttons or {}, sharing=frozenset({"pause", "reset"})
        )
        for name in (name for names in self._bindings.values() for name in names):
            if name not in BUTTONS:
                raise UsageError(
                    f"no button of a pad is called {name!r}{did_you_mean(name, BUTTONS)}"
                )
        self._unknown_pad = {**UNKNOWN_PAD, **(unknown_pad or {})}
        parse_mapping(self._unknown_pad)
        self._controllers: ModuleType | None = None
        self._pad: Pad | None = None
        self._name = "gamepad"
        self._open = False
        self._search = True
        self._lost = False
        self._touched: set[str] = set()
        self._requests: set[Request] = set()
        self._evaluation: float | None = None
        self._end_held_s = 0.0
        self._time_s = pump.time_s

    @property
    def name(self) -> str:
        """What the pad calls itself; "gamepad" until one was there."""
        return self._name

    def open(self) -> None:
        """Start to listen, and bind a pad that is there already."""
        if self._open:
            return
        self._controllers = start_controllers()
        self._pump.subscribe(self._receive)
        self._open = self._search = True
        self._bind()

    def close(self) -> None:
        """Stop to listen and let go of the pad; must come before `pygame.quit`."""
        self._pump.unsubscribe(self._receive)
        self._pad = None
        if self._open:
            stop_controllers(self._controllers)
        self._open = False

    def reset(self) -> None:
        """Forget presses that nobody has read, except those that must last."""
        self._touched.clear()
        self._requests &= LASTING_REQUESTS
        self._evaluation = None
        self._end_held_s = 0.0

    def bindings(self) -> list[tuple[str, str]]:
        """Return what each control does as (label of the control, meaning)."""
        labels = dict(LABELS)
        for name in self._bindings["end_episode"]:
            labels[name] = f"{LABELS[name]} (hold {END_HOLD_S:g} s)"
        first, *others = describe(self._bindings, labels)
        return [first, *_STICKS[self._layout], *others]

    def read(self) -> DeviceReading:
        """Return the state now, and every press since the last call."""
        actions = self._held_actions() | self._touched
        raw = self._raw_command()
        scale = SLOW_FACTOR if "slow" in actions else 1.0
        command = {axis: scale * shape_axis(value) for axis, value in raw.items()}
        requests = frozenset(self._requests)
        if "reset" in self._held_actions():
            requests |= {Request.RESET}
        reading = DeviceReading(
            self.name,
            connected=self._pad is not None,
            lost=self._lost,
            forward=command["forward"],
            left=command["left"],
            up=command["up"],
            turn=command["turn"],
            moving=deflection(*raw.values()) > TAKEOVER_DEFLECTION,
            gripping="grip" in actions,
            requests=requests,
            evaluation=self._evaluation,
            time_s=self._time_s,
        )
        self._touched.clear()
        self._requests.clear()
        self._evaluation = None
        self._lost = False
        return reading

    def _held_actions(self) -> set[str]:
        if self._pad is None:
            return set()
        pad = self._pad
        return {action for action, names in self._bindings.items() if pad.held(names)}

    def _raw_command(self) -> dict[str, float]:
        """Return where the sticks point, unshaped; forward, left, up positive."""
        if self._pad is None:
            return dict.fromkeys(COMMAND_AXES, 0.0)
        value = self._pad.value
        x, y = value("leftx"), value("lefty")
        if self._layout == "drone":
            forward, left = -value("righty"), -value("rightx")
            return {"forward": forward, "left": left, "up": -y, "turn": -x}
        forward = max(value("righttrigger") - value("lefttrigger"), -y, key=abs)
        return {"forward": forward, "left": 0.0, "up": 0.0, "turn": -x}

    def _receive(self, batch: EventBatch) -> None:
        dt_s = max(batch.time_s - self._time_s, 0.0)
        self._time_s = batch.time_s
        lost_now = False
        for event in batch.events:
            if event.type == pygame.JOYDEVICEADDED:
                self._search = True
            elif self._pad is not None and self._pad.removed_by(event):
                self._lose()
                lost_now = True
            elif self._pad is not None:
                for button in self._pad.handle(event):
                    self._press(button)
        if self._pad is not None and not self._pad.attached:
            self._lose()
            lost_now = True
        # A pad that is back within the batch was gone all the same, and whoever reads
        # has to see it gone.
        if not lost_now:
            self._bind()
        self._hold_to_end(dt_s)

    def _press(self, button: str) -> None:
        for action, names in self._bindings.items():
            if button not in names:
                continue
            self._touched.add(action)
            if action in _PRESS_REQUESTS:
                self._requests.add(_PRESS_REQUESTS[action])
            elif action in ("good", "bad"):
                self._evaluation = 1.0 if action == "good" else -1.0

    def _hold_to_end(self, dt_s: float) -> None:
        held = "end_episode" in self._held_actions()
        before_s, self._end_held_s = self._end_held_s, self._end_held_s + dt_s
        if not held:
            self._end_held_s = 0.0
        elif before_s < END_HOLD_S <= self._end_held_s:
            self._requests.add(Request.END_EPISODE)

    def _lose(self) -> None:
        self._pad = None
        self._lost = self._search = True
        self._touched.clear()
        self._requests &= LASTING_REQUESTS

    def _bind(self) -> None:
        if self._pad is not None or not self._search:
            return
        self._search = False
        self._pad = find_pad(self._controllers, self._unknown_pad)
        if self._pad is not None:
            self._name = self._pad.name
