"""Teaches the program a joystick or a transmitter that it does not know."""
