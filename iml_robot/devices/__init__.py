"""Hardware in, numbers out; one device a file."""

from iml_robot.core.registry import Registry
from iml_robot.devices.input.reading import InputDevice

DEVICES: Registry[InputDevice] = Registry("device", "iml_robot.devices")
