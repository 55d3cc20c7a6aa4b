"""Gamepads that read virtual joysticks."""

import contextlib

import pygame
import pytest
from virtual_joystick import AVAILABLE

from iml_robot.devices.gamepad import Gamepad

needs_pad = pytest.mark.skipif(not AVAILABLE, reason="this SDL has no virtual joysticks")


@contextlib.contextmanager
def opened(rig, **options):
    """Give an open gamepad that has seen its joysticks."""
    gamepad = Gamepad(rig.pump, **options)
    gamepad.open()
    rig.step()
    yield gamepad
    gamepad.close()


def read(rig, gamepad):
    """Return what the gamepad says a step later."""
    rig.step()
    return gamepad.read()


def guid_of_first():
    """Return the kind of the first joystick."""
    return pygame.joystick.Joystick(0).get_guid()
