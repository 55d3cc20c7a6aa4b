"""Keys and pad buttons of a screen by what they do, on every layout of the keyboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pygame

from iml_robot.core.errors import UsageError
from iml_robot.core.registry import did_you_mean
from iml_robot.devices.gamepad import LABELS as PAD_LABELS
from iml_robot.devices.input.mapping import BUTTONS, UNKNOWN_PAD, parse_mapping
from iml_robot.devices.keyboard import LABELS as KEY_LABELS

REPEAT_AFTER_S, REPEAT_EVERY_S = 0.4, 0.06
"""A control that repeats does so after being held for, and then every so often [s]."""

_PLACES = ("UP", "DOWN", "LEFT", "RIGHT", "RETURN", "SPACE", "ESCAPE", "BACKSPACE", "F1")
_PUNCTUATION = {"SLASH": "/", "MINUS": "-", "EQUALS": "="}
_MODIFIERS = (
    *("LSHIFT", "RSHIFT", "LCTRL", "RCTRL", "LALT", "RALT", "LGUI", "RGUI"),
    *("CAPSLOCK", "NUMLOCKCLEAR", "SCROLLLOCK", "MODE"),
)
_CONTROLLER = (pygame.CONTROLLERBUTTONDOWN, pygame.CONTROLLERBUTTONUP)

Events = Sequence[pygame.event.Event]
Changes = Mapping[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that a person can do on a screen.

    Attributes:
        action: Its name.
        meaning: What it does, for display.
        keys: Names of keys: a letter as printed on its cap, a character that is typed,
            or a place such as "LEFT" as pygame names it.
        buttons: Names of pad buttons as SDL names them.
        repeats: Whether holding it does it again and again.
    """

    action: str
    meaning: str
    keys: tuple[str, ...]
    buttons: tuple[str, ...] = ()
    repeats: bool = False

    def label(self, *, pad: bool) -> str:
        """Return what to press, for display: two ways at most; "" if there is none."""
        names, labels = (self.buttons, PAD_LABELS) if pad else (self.keys, KEY_LABELS)
        return " or ".join(labels.get(name, name) for name in names[:2])


@dataclass(frozen=True, slots=True)
class Presses:
    """What was pressed in one batch of events.

    Attributes:
        actions: Names of actions in the order of the presses.
        unknown: Names of keys and buttons that do nothing.
    """

    actions: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


class Controls:
    """Reads the presses of one screen from the events.

    Sticks are left alone on purpose: a hand that still steers must not answer. Buttons
    of a pad arrive while a gamepad device is open.

    Args:
        controls: What can be done, the most important first.

    Attributes:
        pad_used: Whether the last press came from a pad.
    """

    def __init__(self, controls: Sequence[Control]) -> None:
        self.pad_used = False
        self._controls = tuple(controls)
        self._by_key = {key: c for c in controls for key in c.keys}
        self._by_button = {button: c for c in controls for button in c.buttons}
        self._known_pads: set[int] = set()
        self._held: dict[object, tuple[Control, float, float]] = {}
        self._down: set[object] = set()

    def begin(self) -> None:
        """Forget what is held: it was pressed for another screen."""
        self._held.clear()
        self._down.clear()

    def bindings(self, *, pad: bool | None = None) -> list[tuple[str, str]]:
        """Return (what to press, meaning) of each control.

        Args:
            pad: Whether for a pad; None: for what was used last.
        """
        chosen = self.pad_used if pad is None else pad
        lines = [(c.label(pad=chosen), c.meaning) for c in self._controls]
        return [line for line in lines if line[0]]

    def page(self) -> list[tuple[str, str]]:
        """Return (keys, meaning with the pad buttons) of each control, for a page."""
        lines = []
        for control in self._controls:
            pad = control.label(pad=True)
            meaning = f"{control.meaning}  (gamepad: {pad})" if pad else control.meaning
            lines.append((control.label(pad=False), meaning))
        return lines

    def held_s(self, action: str, now_s: float) -> float:
        """Return for how long an action has been held [s], 0 if it is not."""
        since = [begun for c, begun, _ in self._held.values() if c.action == action]
        return now_s - min(since, default=now_s)

    def read(self, events: Events, now_s: float) -> Presses:
        """Return what the events press, and what is held long enough to repeat."""
        actions: list[str] = []
        unknown: list[str] = []
        # Such a pad tells every press a second time as a joystick.
        self._known_pads |= {e.instance_id for e in events if e.type in _CONTROLLER}
        for event in events:
            if event.type in (pygame.WINDOWFOCUSLOST, pygame.JOYDEVICEREMOVED):
                self.begin()
            for source, names, down in self._inputs(event):
                if not down:
                    self._down.discard(source)
                    self._held.pop(source, None)
                elif source not in self._down:
                    self._down.add(source)
                    control = self._control(names)
                    if control is None:
                        labels = PAD_LABELS if self.pad_used else KEY_LABELS
                        unknown.append(labels.get(names[0], names[0]))
                    else:
                        actions.append(control.action)
                        self._held[source] = control, now_s, now_s + REPEAT_AFTER_S
        return Presses((*actions, *self._repeated(now_s)), tuple(unknown))

    def _control(self, names: Sequence[str]) -> Control | None:
        where = self._by_button if self.pad_used else self._by_key
        return next((where[name] for name in names if name in where), None)

    def _repeated(self, now_s: float) -> list[str]:
        again = []
        for source, (control, begun_s, due_s) in self._held.items():
            if control.repeats and now_s >= due_s:
                again.append(control.action)
                self._held[source] = control, begun_s, now_s + REPEAT_EVERY_S
        return again

    def _inputs(self, event: pygame.event.Event) -> list[tuple[object, list[str], bool]]:
        """Return (what it is, names for it, whether it is down) of keys and buttons."""
        if event.type in (pygame.KEYDOWN, pygame.KEYUP):
            if event.scancode in _modifiers():
                return []
            down = event.type == pygame.KEYDOWN
            self.pad_used = self.pad_used and not down
            return [(event.scancode, key_names(event) if down else [], down)]
        found = self._pad_inputs(event)
        self.pad_used = self.pad_used or any(down for _, _, down in found)
        return found

    def _pad_inputs(
        self, event: pygame.event.Event
    ) -> list[tuple[object, list[str], bool]]:
        pad = getattr(event, "instance_id", None)
        if event.type in _CONTROLLER:
            name = BUTTONS[event.button] if event.button < len(BUTTONS) else "?"
            down = event.type == pygame.CONTROLLERBUTTONDOWN
            return [((pad, name), [name], down)]
        if pad in self._known_pads:
            return []
        if event.type in (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP):
            name = _unknown_pad_buttons().get(event.button, f"button {event.button}")
            return [((pad, name), [name], event.type == pygame.JOYBUTTONDOWN)]
        if event.type == pygame.JOYHATMOTION:
            x, y = event.value
            sides = {"dpup": y > 0, "dpdown": y < 0, "dpleft": x < 0, "dpright": x > 0}
            return [((pad, name), [name], down) for name, down in sides.items()]
        return []


def key_names(event: pygame.event.Event) -> list[str]:
    """Return the names that fit a pressed key, the one to show first.

    A character that is typed counts on every layout, and so does a letter on its cap.
    Where the caps bear no Latin letters, the place on a US keyboard counts.
    """
    typed = getattr(event, "unicode", "")
    by_place = _places().get(event.scancode)
    if by_place in _PLACES:
        return [by_place]
    names = [typed.upper()] if typed.isprintable() and typed else []
    if 32 < event.key < 127:
        names.append(chr(event.key).upper())
    elif by_place is not None and (event.key == 0 or by_place.isalpha()):
        names.append(by_place)
    return names or [pygame.key.name(event.key) or "this key"]


def rebound(
    controls: Sequence[Control],
    keys: Changes | None = None,
    buttons: Changes | None = None,
) -> tuple[Control, ...]:
    """Return controls with some actions on other keys or buttons.

    Args:
        controls: The controls of a screen.
        keys: New keys by action, one name or several.
        buttons: New pad buttons by action.

    Raises:
        UsageError: If there is no such action, or one key would do two things.
    """
    actions = [control.action for control in controls]
    for action in (*(keys or {}), *(buttons or {})):
        if action not in actions:
            raise UsageError(f"cannot bind {action!r}{did_you_mean(action, actions)}")
    bound = tuple(
        replace(
            control,
            keys=_names((keys or {}).get(control.action), control.keys),
            buttons=_names((buttons or {}).get(control.action), control.buttons),
        )
        for control in controls
    )
    owners: dict[tuple[str, str], str] = {}
    for control in bound:
        for kind, names in (("key", control.keys), ("button", control.buttons)):
            for name in names:
                owner = owners.setdefault((kind, name), control.action)
                if owner != control.action:
                    raise UsageError(
                        f"the {kind} {name!r} is bound to both {owner!r} and "
                        f"{control.action!r}; bind one of them to another {kind}"
                    )
    return bound


def _names(given: str | list[str] | None, usual: tuple[str, ...]) -> tuple[str, ...]:
    if given is None:
        return usual
    return (given,) if isinstance(given, str) else tuple(given)


@cache
def _places() -> dict[int, str]:
    """Return what is called by its place: letters, punctuation and special keys."""
    names = {name: name for name in (*_PLACES, *map(chr, range(ord("A"), ord("Z") + 1)))}
    names |= _PUNCTUATION
    return {getattr(pygame, f"KSCAN_{place}"): name for place, name in names.items()}


@cache
def _modifiers() -> frozenset[int]:
    codes = (getattr(pygame, f"KSCAN_{name}", None) for name in _MODIFIERS)
    return frozenset(code for code in codes if code is not None)


@cache
def _unknown_pad_buttons() -> dict[int, str]:
    """Return the buttons of a pad that SDL does not know, by number."""
    links = parse_mapping(UNKNOWN_PAD)
    return {link.number: link.control for link in links if link.kind == "b"}
