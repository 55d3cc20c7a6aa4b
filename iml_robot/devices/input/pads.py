"""Gamepads behind names of controls that are the same for every pad.

This is the only module that touches `pygame._sdl2`, which is a private name of pygame
and has its traps in pygame 2.6.1, hence three rules:

- `Controller.get_mapping` frees memory that is not its own: never call it.
- A `Controller` without a `Joystick` of the same pad can make `pygame.event.get` fail
  when the pad is pulled out: always hold both.
- The events of controllers stop for good when `pygame.quit` comes before
  `controller.quit`, see `start_controllers`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from types import ModuleType
from typing import Any

import pygame

from iml_robot.core.station_settings import CurveSettings
from iml_robot.devices.input.mapping import TRIGGERS, Link
from iml_robot.devices.input.rumble import STRENGTH

logger = logging.getLogger(__name__)

#: A trigger counts as released below this, of 1, and a button made of an axis as pressed
#: above the other.
_TRIGGER_REST = 0.1
_PRESSED = 0.5

#: Controllers report their axes in whole numbers up to this; joysticks up to 1.
_FULL_SCALE = 32767.0

_KINDS = {
    pygame.JOYAXISMOTION: "a",
    pygame.JOYBUTTONDOWN: "b",
    pygame.JOYBUTTONUP: "b",
    pygame.JOYHATMOTION: "h",
    pygame.CONTROLLERAXISMOTION: "A",
    pygame.CONTROLLERBUTTONDOWN: "B",
    pygame.CONTROLLERBUTTONUP: "B",
}
_MOTIONS = (pygame.JOYAXISMOTION, pygame.CONTROLLERAXISMOTION)
_PRESSES = (pygame.JOYBUTTONDOWN, pygame.CONTROLLERBUTTONDOWN)


class Pad:
    """One connected pad: decodes its events and keeps the state of its controls.

    Args:
        joystick: The open joystick. SDL sends nothing of one that nobody holds on to.
        links: Where its controls are.
        controller: The same pad as a controller of pygame, if SDL knows it.
        curve: The curve of this kind of pad; None: that of all.
        warning: What a person should know about it; "" for nothing.

    Attributes:
        instance_id: Number of this connection; a pad that is plugged in again gets
            another one.
        guid: Number of this kind of pad, which stays.
        name: What the pad calls itself.
        curve: As given.
        warning: As given.
    """

    def __init__(
        self,
        joystick: pygame.joystick.JoystickType,
        links: Sequence[Link],
        *,
        controller: Any = None,
        curve: CurveSettings | None = None,
        warning: str = "",
    ) -> None:
        self.instance_id = joystick.get_instance_id()
        self.guid = joystick.get_guid()
        self.name = joystick.get_name()
        self.curve = curve
        self.warning = warning
        self._handles = (joystick, controller)
        self._inputs: dict[tuple[str, int], list[Link]] = {}
        self._by_control: dict[str, list[Link]] = {}
        for link in links:
            self._inputs.setdefault((link.kind, link.number), []).append(link)
            self._by_control.setdefault(link.control, []).append(link)
        self._values: dict[Link, float] = {}
        self._live_triggers = {
            link.control
            for link in links
            if link.control in TRIGGERS
            and controller is not None
            and controller.get_axis(link.number) <= _TRIGGER_REST * _FULL_SCALE
        }

    def value(self, control: str) -> float:
        """Return a stick axis in [-1, 1] (right, down positive) or trigger in [0, 1].

        A trigger is neutral until it was seen released: one that nobody has touched yet
        may report its middle.
        """
        if control in TRIGGERS and control not in self._live_triggers:
            return 0.0
        values = [self._values.get(link, 0.0) for link in self._by_control.get(control, ())]
        return max(values, key=abs, default=0.0)

    def held(self, controls: Iterable[str]) -> bool:
        """Return whether one of these buttons, or triggers as buttons, is down."""
        return any(self.value(control) > _PRESSED for control in controls)

    @property
    def attached(self) -> bool:
        """Whether the pad is there, as far as SDL tells; events may have been lost."""
        controller = self._handles[1]
        return controller is None or bool(controller.attached())

    def removed_by(self, event: pygame.event.Event) -> bool:
        """Return whether an event says that this pad is gone."""
        return (
            event.type == pygame.JOYDEVICEREMOVED and event.instance_id == self.instance_id
        )

    def handle(self, event: pygame.event.Event) -> set[str]:
        """Take in an event; return the buttons that it pressed."""
        if getattr(event, "instance_id", None) != self.instance_id:
            return set()
        pressed = set()
        for link in self._inputs.get(_input_of(event), ()):
            was_held = self.held([link.control])
            value = link.apply(_input_value(link, event))
            self._values[link] = value
            if link.control in TRIGGERS and value <= _TRIGGER_REST:
                self._live_triggers.add(link.control)
            if self.held([link.control]) and not was_held:
                pressed.add(link.control)
        return pressed

    def pulse(self, length_s: float) -> bool:
        """Shake for a time [s]; return whether the hardware can."""
        joystick, controller = self._handles
        motors = controller or joystick
        try:
            return bool(motors.rumble(STRENGTH, STRENGTH, round(1000 * length_s)))
        except pygame.error as error:
            logger.info("the pad %r cannot rumble: %s", self.name, error)
            return False


def _input_of(event: pygame.event.Event) -> tuple[str, int]:
    """Return kind and number of the input that an event is about."""
    kind = _KINDS.get(event.type, "")
    if kind in ("a", "A"):
        return kind, event.axis
    if kind in ("b", "B"):
        return kind, event.button
    return (kind, event.hat) if kind == "h" else ("", -1)


def _input_value(link: Link, event: pygame.event.Event) -> float:
    """Return the value of the link's input."""
    if link.kind in ("a", "A"):
        return float(event.value) / (1.0 if link.kind == "a" else _FULL_SCALE)
    if link.kind == "h":
        return float(_hat_bits(*event.value) & link.bit != 0)
    return float(event.type in _PRESSES)


def coalesced(events: Sequence[pygame.event.Event]) -> list[pygame.event.Event]:
    """Return events without the movements of axes that later ones make meaningless.

    A noisy pad sends a thousand a step. Of each axis its lowest, its highest and its last
    value stay, so that a trigger that was pressed and let go is still seen.

    Args:
        events: Events of one batch in their order.
    """
    kept: dict[tuple[int, int, int], list[int]] = {}
    for place, event in enumerate(events):
        if event.type in _MOTIONS:
            axis = (event.type, event.instance_id, event.axis)
            found = kept.setdefault(axis, [place] * 3)
            if event.value < events[found[0]].value:
                found[0] = place
            if event.value > events[found[1]].value:
                found[1] = place
            found[2] = place
    wanted = {place for places in kept.values() for place in places}
    return [
        event
        for place, event in enumerate(events)
        if event.type not in _MOTIONS or place in wanted
    ]


def _hat_bits(x: int, y: int) -> int:
    return (1 if y > 0 else 4 if y < 0 else 0) | (2 if x > 0 else 8 if x < 0 else 0)


def start_controllers() -> ModuleType | None:
    """Start joysticks and the controllers of SDL; return the module of the latter.

    Returns:
        The module, or None if it does not work here; pads are then read by number.
    """
    pygame.joystick.init()
    try:
        from pygame._sdl2 import controller

        if controller.get_init():
            # Somebody closed pygame without closing the pad. The controllers look alive
            # and are deaf, and their stopping takes the joysticks along.
            pygame.joystick.quit()
            controller.quit()
            pygame.joystick.init()
        controller.init()
    except (ImportError, pygame.error) as error:
        logger.warning("no game-controller mappings, pads are read by number: %s", error)
        return None
    module: ModuleType = controller
    return module


def running_controllers() -> ModuleType | None:
    """Return the module of the controllers of SDL where it runs; None: it does not."""
    from pygame._sdl2 import controller

    module: ModuleType = controller
    return module if module.get_init() else None


def stop_controllers(module: ModuleType | None) -> None:
    """Stop the controllers of SDL; must come before `pygame.quit`."""
    if module is not None and module.get_init():
        module.quit()
