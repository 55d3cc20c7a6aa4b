"""Driving with the keyboard: keys by their place, commands that grow and fade."""

from __future__ import annotations

from collections.abc import Mapping

import pygame

from iml_robot.core.errors import UsageError
from iml_robot.core.station_settings import ControlSettings
from iml_robot.core.types import Request
from iml_robot.devices import DEVICES
from iml_robot.devices.input.bindings import (
    MOVEMENTS,
    SLOW_FACTOR,
    Bindings,
    check_layout,
    describe,
    rebind,
)
from iml_robot.devices.input.grip import TOGGLE_MEANING, Grip
from iml_robot.devices.input.presets import KEYS_BY_HANDS
from iml_robot.devices.input.pump import EventBatch, EventPump
from iml_robot.devices.input.reading import (
    COMMAND_AXES,
    LASTING_REQUESTS,
    DeviceReading,
)
from iml_robot.devices.input.shaping import (
    FALL_PER_S,
    REVERSE_PER_S,
    RISE_PER_S,
    KeyRamp,
)

#: Default keys, named by scancode: the place of the key on a US keyboard.
KEYS: Mapping[str, Bindings] = {
    layout: by_hands["both"] for layout, by_hands in KEYS_BY_HANDS.items()
}

LABELS = {
    "UP": "Up",
    "DOWN": "Down",
    "LEFT": "Left",
    "RIGHT": "Right",
    "LSHIFT": "Left Shift",
    "RSHIFT": "Right Shift",
    "LCTRL": "Left Ctrl",
    "RCTRL": "Right Ctrl",
    "RETURN": "Enter",
    "SPACE": "Space",
    "ESCAPE": "Esc",
    "BACKSPACE": "Backspace",
    "EQUALS": "=",
    "MINUS": "-",
    "SLASH": "/",
    "SEMICOLON": ";",
    "APOSTROPHE": "'",
    "COMMA": ",",
    "PERIOD": ".",
    "GRAVE": "`",
    "BACKSLASH": "\\",
    "LEFTBRACKET": "[",
    "RIGHTBRACKET": "]",
    "TAB": "Tab",
    "CAPSLOCK": "Caps Lock",
    "LALT": "Left Alt",
    "RALT": "Right Alt",
    "PAGEUP": "Page Up",
    "PAGEDOWN": "Page Down",
    "HOME": "Home",
    "END": "End",
    "INSERT": "Insert",
    "DELETE": "Delete",
}

_PRESS_REQUESTS = {
    "give_back": Request.GIVE_BACK,
    "emergency_stop": Request.EMERGENCY_STOP,
    "pause": Request.PAUSE,
    "end_episode": Request.END_EPISODE,
    "rewind": Request.REWIND,
}

#: Longest time that one batch may move a command [s]: after a stall the keys do not
#: jump to full.
_LONGEST_STEP_S = 0.1


def scancode(name: str) -> int:
    """Return the number of a key place.

    Raises:
        UsageError: If there is no such key.
    """
    code = getattr(pygame, f"KSCAN_{name}", None)
    if code is None:
        raise UsageError(
            f"no key is called {name!r}; use the names of pygame without KSCAN_, "
            "for example 'W', 'SPACE', 'LSHIFT'"
        )
    return int(code)


@DEVICES.register("keyboard")
class Keyboard:
    """Reads held keys and presses from the event batches.

    The state of the keys is kept from events, not asked for: that way a loss of focus
    can clear it, since the releases that follow go to another window.

    Args:
        pump: Source of the events.
        layout: "rover" or "drone".
        keys: Other keys by action, for example {"emergency_stop": "F1"}.
        rise_per_s: Rate at which a command grows [1/s].
        fall_per_s: Rate at which it fades after the release [1/s].
        reverse_per_s: Rate at which it fades while the opposite key is down [1/s].
        settings: What the person likes; what `keys` says goes before it. None: the
            usual keys.

    Raises:
        UsageError: If the layout, an action or a key is unknown, or a key does two
            things.
    """

    def __init__(
        self,
        pump: EventPump,
        *,
        layout: str = "rover",
        keys: Mapping[str, str | list[str]] | None = None,
        rise_per_s: float = RISE_PER_S,
        fall_per_s: float = FALL_PER_S,
        reverse_per_s: float = REVERSE_PER_S,
        settings: ControlSettings | None = None,
    ) -> None:
        self._pump = pump
        liked = settings or ControlSettings()
        defaults = KEYS_BY_HANDS[check_layout(layout)][liked.hands]
        own = next((own for name, own in liked.keys.items() if name == layout), {})
        self._bindings = rebind(defaults, {**own, **(keys or {})})
        self._grip = Grip(liked.grip)
        self._actions = {
            scancode(name): action
            for action, names in self._bindings.items()
            for name in names
        }
        self._ramps = {
            axis: KeyRamp(
                rise_per_s=rise_per_s, fall_per_s=fall_per_s, reverse_per_s=reverse_per_s
            )
            for axis in COMMAND_AXES
        }
        self._held: set[int] = set()
        self._touched: set[str] = set()
        self._requests: set[Request] = set()
        self._evaluation: float | None = None
        self._time_s = pump.time_s

    @property
    def name(self) -> str:
        """Name for display."""
        return "keyboard"

    def open(self) -> None:
        """Start to listen."""
        self._pump.subscribe(self._receive)

    def close(self) -> None:
        """Stop to listen and let go of every key."""
        self._pump.unsubscribe(self._receive)
        self._let_go()

    def reset(self) -> None:
        """Forget presses that nobody has read, except those that must last."""
        self._touched.clear()
        self._requests &= LASTING_REQUESTS
        self._evaluation = None
        self._grip.release()

    def release(self) -> None:
        """Let go of a dead-man control that was switched on."""
        self._grip.release()

    def bindings(self) -> list[tuple[str, str]]:
        """Return what each key does as (label of the key, meaning)."""
        meanings = {"grip": TOGGLE_MEANING} if self._grip.switched else None
        return describe(self._bindings, LABELS, meanings=meanings)

    def read(self) -> DeviceReading:
        """Return the state now, and every press since the last call."""
        actions = self._held_actions() | self._touched
        requests = frozenset(self._requests)
        if "reset" in self._held_actions():
            requests |= {Request.RESET}
        scale = SLOW_FACTOR if "slow" in actions else 1.0
        reading = DeviceReading(
            self.name,
            forward=scale * self._ramps["forward"].value,
            left=scale * self._ramps["left"].value,
            up=scale * self._ramps["up"].value,
            turn=scale * self._ramps["turn"].value,
            moving=not actions.isdisjoint(MOVEMENTS),
            gripping=self._grip.gripping(down="grip" in actions),
            requests=requests,
            evaluation=self._evaluation,
            time_s=self._time_s,
        )
        self._touched.clear()
        self._requests.clear()
        self._evaluation = None
        return reading

    def _held_actions(self) -> set[str]:
        return {self._actions[code] for code in self._held}

    def _receive(self, batch: EventBatch) -> None:
        for event in batch.events:
            if event.type == pygame.WINDOWFOCUSLOST:
                self._let_go()
            elif event.type == pygame.KEYDOWN:
                self._press(event.scancode)
            elif event.type == pygame.KEYUP:
                self._held.discard(event.scancode)
        dt_s = min(batch.time_s - self._time_s, _LONGEST_STEP_S)
        self._time_s = batch.time_s
        targets = dict.fromkeys(COMMAND_AXES, 0.0)
        for action in self._held_actions() & set(MOVEMENTS):
            axis, sign = MOVEMENTS[action]
            targets[axis] += sign
        for axis, ramp in self._ramps.items():
            ramp.step(targets[axis], dt_s)

    def _press(self, code: int) -> None:
        action = self._actions.get(code)
        # A window with key repeat sends a press again and again while the key is held.
        if action is None or code in self._held:
            return
        self._held.add(code)
        self._touched.add(action)
        if action == "grip":
            self._grip.press()
        elif action in ("give_back", "emergency_stop"):
            self._grip.release()
        if action in _PRESS_REQUESTS:
            self._requests.add(_PRESS_REQUESTS[action])
        elif action in ("good", "bad"):
            self._evaluation = 1.0 if action == "good" else -1.0

    def _let_go(self) -> None:
        self._held.clear()
        self._grip.release()
        for ramp in self._ramps.values():
            ramp.reset()
