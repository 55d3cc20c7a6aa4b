"""Says which joysticks are plugged in, for a look at the machine.

Run as `python -m iml_robot.devices.input.survey`: SDL can hang or crash on a broken
display, so it is asked in a process of its own, which writes one line of JSON.
"""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict, dataclass
from types import ModuleType

import pygame

from iml_robot.devices.input.finding import can_drive
from iml_robot.devices.input.pads import start_controllers, stop_controllers

logger = logging.getLogger(__name__)

UNFELT = 0.001
"""Strength of motors that nobody feels, of 1."""


@dataclass(frozen=True, slots=True)
class Found:
    """One joystick.

    Attributes:
        name: What it calls itself.
        guid: Number of its kind.
        known: Whether SDL knows where its controls are.
        drives: Whether it has enough axes and buttons to steer with.
        axes: Number of axes.
        buttons: Number of buttons.
        rumbles: Whether it can shake.
    """

    name: str
    guid: str
    known: bool
    drives: bool
    axes: int
    buttons: int
    rumbles: bool


def survey(controllers: ModuleType | None) -> list[Found]:
    """Return the joysticks that are plugged in.

    Args:
        controllers: What `start_controllers` returned.
    """
    pads = []
    for index in range(pygame.joystick.get_count()):
        try:
            joystick = pygame.joystick.Joystick(index)
            known = controllers is not None and bool(controllers.is_controller(index))
            pads.append(_found(joystick, known=known))
        except pygame.error as error:
            # It was pulled out between the count and here.
            logger.info("joystick %d cannot be opened: %s", index, error)
    return pads


def _found(joystick: pygame.joystick.JoystickType, *, known: bool) -> Found:
    return Found(
        name=joystick.get_name(),
        guid=joystick.get_guid(),
        known=known,
        drives=can_drive(joystick),
        axes=joystick.get_numaxes(),
        buttons=joystick.get_numbuttons(),
        # SDL says yes to strength 0 without asking the hardware.
        rumbles=bool(joystick.rumble(UNFELT, UNFELT, 1)),
    )


def main() -> None:
    """Write the driver of the display ("driver") and the joysticks ("pads")."""
    pygame.display.init()
    controllers = start_controllers()
    pads = [asdict(found) for found in survey(controllers)]
    said = {"driver": pygame.display.get_driver(), "pads": pads}
    stop_controllers(controllers)
    pygame.quit()
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
