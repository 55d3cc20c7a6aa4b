"""A hand at a joystick: moves its axes by events while a screen looks on."""

import pygame

from iml_robot.core.station_settings import ControlSettings
from iml_robot.devices.input.plain import PlainPad, calibration_of

GUID = "0300000000000000000000000000beef"


class Joystick:
    """As much of an open joystick of pygame as is asked, with axes that rest at 0."""

    def __init__(self, axes=6, name="Some Transmitter"):
        self._axes = axes
        self._name = name

    def get_name(self):
        return self._name

    def get_guid(self):
        return GUID

    def get_instance_id(self):
        return 7

    def get_numaxes(self):
        return self._axes

    def get_axis(self, number):
        return 0.0


def motion(axis, value):
    return pygame.event.Event(
        pygame.JOYAXISMOTION, instance_id=7, axis=axis, value=float(value)
    )


def press(button):
    return pygame.event.Event(pygame.JOYBUTTONDOWN, instance_id=7, button=button)


def unplugged():
    return pygame.event.Event(pygame.JOYDEVICEREMOVED, instance_id=7)


def plain_pad(**options):
    return PlainPad(Joystick(**options))


def drone_calibration(pad, **settings):
    return calibration_of(pad, ControlSettings(**settings), layout="drone")


class Hand:
    """Plans events on the pump of a screen.

    Args:
        pump: A `ScriptedPump`.
        tap: Makes the press of a key.
    """

    def __init__(self, pump, tap):
        self._pump = pump
        self._tap = tap
        self.time_s = 1.3

    def key(self, name):
        self._pump.at(self.time_s, *self._tap(name))
        self.time_s += 0.2

    def ends(self, *axes):
        """Move axes to both ends and back."""
        for axis in axes:
            for value in (-0.9, 0.8, 0.0):
                self._pump.at(self.time_s, motion(axis, value))
                self.time_s += 0.1

    def push(self, axis, value):
        """Push an axis for half a second and let go."""
        self.time_s += 0.2
        self._pump.at(self.time_s, motion(axis, value))
        self.time_s += 0.5
        self._pump.at(self.time_s, motion(axis, 0.0))
        self.time_s += 0.2

    def press(self, button):
        self._pump.at(self.time_s, press(button))
        self.time_s += 0.2

    def all(self):
        """Everything: axes 2, 0, 3 and 1, and buttons 4 and 5."""
        self.ends(0, 1, 2, 3)
        self.key("RETURN")
        # Forward is low on axis 2, left high on 0, up high on 3, turning left low on 1.
        for axis, value in ((2, -0.9), (0, 0.8), (3, 0.8), (1, -0.9)):
            self.push(axis, value)
        self.press(4)
        self.press(5)
