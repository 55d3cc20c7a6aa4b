"""Which key or button does what now, and what a change would do; no pixels in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from iml_robot.core.errors import UsageError
from iml_robot.core.registry import did_you_mean
from iml_robot.core.station_settings import ControlSettings
from iml_robot.devices.gamepad import LABELS as PAD_LABELS
from iml_robot.devices.input.bindings import Bindings, rebind
from iml_robot.devices.input.mapping import BUTTONS, TRIGGERS
from iml_robot.devices.input.presets import BUTTONS_BY_HANDS, KEYS_BY_HANDS
from iml_robot.devices.input.sticks import Sticks
from iml_robot.devices.keyboard import scancode
from iml_robot.station.window_keys import (
    WINDOW_BUTTONS,
    WINDOW_KEYS,
    WINDOW_NAMES,
    key_label,
)

SHARING = frozenset({"pause", "reset"})
"""Actions that may be on one button of a pad: a press pauses, holding resets the stop."""

NAMES: Mapping[str, str] = {
    "emergency_stop": "EMERGENCY STOP",
    "forward": "forward",
    "backward": "backward",
    "turn_left": "turn left",
    "turn_right": "turn right",
    "move_left": "fly left",
    "move_right": "fly right",
    "climb": "climb",
    "descend": "descend",
    "grip": "you drive (dead-man)",
    "slow": "slow",
    "give_back": "give back",
    "pause": "pause",
    "reset": "reset the stop",
    "end_episode": "end the episode",
    "rewind": "rewind",
    "good": "that was good",
    "bad": "that was bad",
    "shift": "shift the stick",
    **WINDOW_NAMES,
}
"""What each action is called, in the order of the screen."""


NOTHING = "nothing"
"""What an action is on that is on no control."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A control that does something else already.

    Attributes:
        control: Its name.
        owner: What it does now.
        action: What it should do.
    """

    control: str
    owner: str
    action: str


class Bound:
    """The bindings of one device, and how to change them.

    Args:
        device: "keyboard" or "gamepad".
        layout: "rover" or "drone".
        controls: The settings.

    Attributes:
        device: As given.
        layout: As given.
        defaults: What holds without any change, by action.
        now: What holds, by action.

    Raises:
        UsageError: If the settings put two actions on one control.
    """

    def __init__(self, device: str, layout: str, controls: ControlSettings) -> None:
        self.device, self.layout = device, layout
        keyboard = device == "keyboard"
        hands = controls.hands
        driving = (KEYS_BY_HANDS if keyboard else BUTTONS_BY_HANDS)[layout][hands]
        window = WINDOW_KEYS[hands] if keyboard else WINDOW_BUTTONS[layout][hands]
        self.defaults: Bindings = {**driving, **window}
        self._keys, self._buttons = controls.keys, controls.buttons
        own: Mapping[str, list[str]] = self._buttons
        if keyboard:
            own = next((o for name, o in self._keys.items() if name == layout), {})
        self._own = {a: list(names) for a, names in own.items() if a in self.defaults}
        self._sharing = frozenset() if keyboard else SHARING
        sticks = Sticks(layout, hands=controls.hands, mode=controls.stick_mode)
        self._triggers_drive = not keyboard and sticks.triggers
        self.now = self._checked(self._own)

    def actions(self) -> list[str]:
        """Return the actions in the order of the screen."""
        return sorted(self.now, key=list(NAMES).index)

    def label(self, action: str) -> str:
        """Return what to press for an action, for display."""
        names = [self.name_of(control) for control in self.now[action]]
        return " or ".join(names) or NOTHING

    def name_of(self, control: str) -> str:
        """Return what a control is called, for display."""
        if self.device == "keyboard":
            return key_label(control)
        return PAD_LABELS.get(control, control)

    def changed(self, action: str) -> bool:
        """Return whether an action is on other controls than by default."""
        return self.now[action] != self.defaults[action]

    def conflict(self, action: str, control: str) -> Conflict | None:
        """Return what else the control does; None: the action can have it."""
        for owner, controls in self.now.items():
            together = {owner, action} <= self._sharing
            if control in controls and owner != action and not together:
                return Conflict(control, owner, action)
        return None

    def assigned(self, action: str, control: str) -> dict[str, Any]:
        """Return the change that puts an action on one control and on no other.

        Raises:
            UsageError: If it does something else already.
        """
        return self._change({**self.now, action: (control,)})

    def swapped(self, conflict: Conflict) -> dict[str, Any]:
        """Return the change by which both actions exchange controls.

        Raises:
            UsageError: If something that drives or stops would be on nothing then.
        """
        owner, action = conflict.owner, conflict.action
        kept = [c for c in self.now[owner] if c != conflict.control]
        given = (*kept, *(c for c in self.now[action] if c != conflict.control))
        change = dict(self.now)
        # What shares a button moves with it.
        for moved in (owner, *self._partners(owner)):
            change[moved] = given
        for moved in (action, *self._partners(action)):
            change[moved] = (conflict.control,)
        if not given and owner not in WINDOW_NAMES:
            raise UsageError(
                f"{self.name_of(conflict.control)} is {NAMES[owner]}, which would be on "
                "nothing then; take another one, or put that elsewhere first"
            )
        return self._change(change)

    def reset(self) -> dict[str, Any]:
        """Return the change that takes every own binding back."""
        return self._change(self.defaults)

    def _partners(self, action: str) -> set[str]:
        """Return the other actions that share a control with an action."""
        if action not in self._sharing:
            return set()
        mine = set(self.now[action])
        return {o for o in self._sharing - {action} if mine & set(self.now[o])}

    def _change(self, wanted: Bindings) -> dict[str, Any]:
        own = {
            action: list(names)
            for action, names in wanted.items()
            if names != self.defaults[action]
        }
        self._checked(own)
        if self.device == "gamepad":
            return {"buttons": own}
        others = {name: o for name, o in self._keys.items() if name != self.layout}
        return {"keys": {**others, self.layout: own} if own else others}

    def _checked(self, own: Mapping[str, list[str]]) -> Bindings:
        """Return the bindings with own ones in them, or refuse them."""
        bound = rebind(self.defaults, own, sharing=self._sharing)
        for action, controls in bound.items():
            for control in controls:
                if self.device == "keyboard":
                    scancode(control)
                elif control in TRIGGERS and self._triggers_drive:
                    raise UsageError(
                        f"the trigger {self.name_of(control)} drives, so it cannot be "
                        f"{NAMES[action]} as well; take another button"
                    )
                elif control not in (*BUTTONS, *TRIGGERS):
                    raise UsageError(
                        f"no button of a pad is called {control!r}"
                        f"{did_you_mean(control, BUTTONS)}"
                    )
        return bound


def check_all(controls: ControlSettings) -> None:
    """Check that no control does two things, on any device and any robot.

    Raises:
        UsageError: If one does, and the message names both actions; or if there is no
            such action, key or button.
    """
    for own in (*controls.keys.values(), controls.buttons):
        for action in own:
            if action not in NAMES:
                raise UsageError(
                    f"cannot bind the action {action!r}{did_you_mean(action, NAMES)}"
                )
    for device in ("keyboard", "gamepad"):
        for layout in KEYS_BY_HANDS:
            Bound(device, layout, controls)
