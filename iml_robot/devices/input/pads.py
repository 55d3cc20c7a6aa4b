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
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import pygame

from iml_robot.devices.input.mapping import (
    KNOWN_PAD,
    TRIGGERS,
    UNKNOWN_PAD,
    Link,
    parse_mapping,
)

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
_PRESSES = (pygame.JOYBUTTONDOWN, pygame.CONTROLLERBUTTONDOWN)


class Pad:
    """One connected pad: decodes its events and keeps the state of its controls.

    Args:
        joystick: The open joystick. SDL sends nothing of one that nobody holds on to.
        links: Where its controls are.
        controller: The same pad as a controller of pygame, if SDL knows it.
    """

    def __init__(
        self,
        joystick: pygame.joystick.JoystickType,
        links: Sequence[Link],
        *,
        controller: Any = None,
    ) -> None:
        self._handles = (joystick, controller)
        self._links = links
        self._values: dict[Link, float] = {}
        self._live_triggers = {
            link.control
            for link in links
            if link.control in TRIGGERS
            and controller is not None
            and controller.get_axis(link.number) <= _TRIGGER_REST * _FULL_SCALE
        }
        #: Number of this connection; a pad that is plugged in again gets a new one.
        self.instance_id = joystick.get_instance_id()
        #: What the pad calls itself.
        self.name = joystick.get_name()

    def value(self, control: str) -> float:
        """Return a stick axis in [-1, 1] (right, down positive) or trigger in [0, 1].

        A trigger is neutral until it was seen released: one that nobody has touched yet
        may report its middle.
        """
        if control in TRIGGERS and control not in self._live_triggers:
            return 0.0
        return self._combined(control)

    def held(self, controls: Sequence[str]) -> bool:
        """Return whether one of these buttons is down."""
        return any(self._combined(control) > _PRESSED for control in controls)

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
        for link in self._links:
            value = _input_value(link, event)
            if value is None:
                continue
            was_held = self.held([link.control])
            self._values[link] = link.apply(value)
            if link.control in TRIGGERS and self._values[link] <= _TRIGGER_REST:
                self._live_triggers.add(link.control)
            if self.held([link.control]) and not was_held:
                pressed.add(link.control)
        return pressed

    def _combined(self, control: str) -> float:
        values = [v for link, v in self._values.items() if link.control == control]
        return max(values, key=abs, default=0.0)


def _input_value(link: Link, event: pygame.event.Event) -> float | None:
    """Return the value of the link's input, or None if the event is about another."""
    if link.kind != _KINDS.get(event.type):
        return None
    if link.kind in ("a", "A"):
        scale = 1.0 if link.kind == "a" else _FULL_SCALE
        return float(event.value) / scale if link.number == event.axis else None
    if link.kind == "h":
        bits = _hat_bits(*event.value) & link.bit
        return float(bits != 0) if link.number == event.hat else None
    return float(event.type in _PRESSES) if link.number == event.button else None


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


def stop_controllers(module: ModuleType | None) -> None:
    """Stop the controllers of SDL; must come before `pygame.quit`."""
    if module is not None and module.get_init():
        module.quit()


def find_pad(
    controllers: ModuleType | None, unknown_pad: Mapping[str, str] = UNKNOWN_PAD
) -> Pad | None:
    """Open the first pad that can drive, one that SDL knows before one that it does not.

    Args:
        controllers: What `start_controllers` returned.
        unknown_pad: Where the controls are on a pad that SDL does not know.

    Returns:
        The pad, or None if there is none.
    """
    indices = range(pygame.joystick.get_count())
    known = [i for i in indices if controllers is not None and controllers.is_controller(i)]
    for index in (*known, *(i for i in indices if i not in known)):
        try:
            joystick = pygame.joystick.Joystick(index)
            if controllers is not None and index in known:
                return Pad(joystick, KNOWN_PAD, controller=controllers.Controller(index))
        except pygame.error as error:
            # The pad was pulled out between the count and here.
            logger.info("pad %d cannot be opened: %s", index, error)
            continue
        # The motion sensor of a pad shows up as a joystick of its own, without buttons.
        if joystick.get_numaxes() >= 2 and joystick.get_numbuttons() >= 1:
            logger.warning(
                "the pad %r is unknown to SDL; if a control does something else than it "
                "should, set unknown_pad",
                joystick.get_name(),
            )
            return Pad(joystick, parse_mapping(unknown_pad))
    return None
