"""Joysticks and transmitters that SDL does not know, read axis by axis."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import pygame

from iml_robot.core.station_settings import ControlSettings
from iml_robot.devices.input.bindings import MEANINGS, rebind
from iml_robot.devices.input.calibration import Calibration
from iml_robot.devices.input.finding import can_drive
from iml_robot.devices.input.mapping import BUTTONS
from iml_robot.devices.input.pads import running_controllers
from iml_robot.devices.input.presets import BUTTONS_BY_HANDS
from iml_robot.devices.input.sticks import Sticks

logger = logging.getLogger(__name__)

ASKED_BUTTONS = ("emergency_stop", "grip")
"""Actions whose buttons a person is asked for: without them nobody should drive."""


class PlainPad:
    """A joystick by the numbers of its inputs.

    Args:
        joystick: The open joystick.

    Attributes:
        name: What it calls itself.
        guid: Number of this kind of pad.
        values: Value of each axis, in [-1, 1].
        gone: Whether it was pulled out.
    """

    def __init__(self, joystick: pygame.joystick.JoystickType) -> None:
        self.name = joystick.get_name()
        self.guid = joystick.get_guid()
        self.gone = False
        self.values = [joystick.get_axis(i) for i in range(joystick.get_numaxes())]
        self._joystick = joystick
        self._instance_id = joystick.get_instance_id()

    def take(self, events: Sequence[pygame.event.Event]) -> list[int]:
        """Take in the events of a batch; return the buttons that were pressed."""
        pressed = []
        for event in events:
            if getattr(event, "instance_id", None) != self._instance_id:
                continue
            if event.type == pygame.JOYAXISMOTION and event.axis < len(self.values):
                self.values[event.axis] = float(event.value)
            elif event.type == pygame.JOYBUTTONDOWN:
                pressed.append(int(event.button))
            elif event.type == pygame.JOYDEVICEREMOVED:
                self.gone = True
        return pressed


def plain_pads() -> list[PlainPad]:
    """Return the joysticks that can drive and that SDL does not know.

    Joysticks and a window must be running, as they are while a gamepad is open.
    """
    controllers = running_controllers()
    found = []
    for index in range(pygame.joystick.get_count()):
        try:
            joystick = pygame.joystick.Joystick(index)
        except pygame.error as error:
            # It was pulled out between the count and here.
            logger.info("joystick %d cannot be opened: %s", index, error)
            continue
        known = controllers is not None and controllers.is_controller(index)
        if not known and can_drive(joystick):
            found.append(PlainPad(joystick))
    return found


def calibration_of(pad: PlainPad, settings: ControlSettings, *, layout: str) -> Calibration:
    """Return the calibration of a pad for a kind of robot.

    Args:
        pad: The pad.
        settings: What the person likes: hands, stick mode, buttons and curve.
        layout: "rover" or "drone".

    Raises:
        UsageError: If the buttons of the settings contradict each other.
    """
    sticks = Sticks(layout, hands=settings.hands, mode=settings.stick_mode)
    bound = rebind(
        BUTTONS_BY_HANDS[layout][settings.hands],
        settings.buttons,
        sharing=frozenset({"pause", "reset"}),
    )
    asked = []
    for action in ASKED_BUTTONS:
        names = [name for name in bound[action] if name in BUTTONS]
        asked += [(name, MEANINGS[(action,)]) for name in names[:1]]
    return Calibration(pad.name, sticks.routes, buttons=asked, curve=settings.curve)
