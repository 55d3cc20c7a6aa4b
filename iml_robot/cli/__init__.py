"""The command `iml-robot`."""

from iml_robot.cli.entry import main

__all__ = ["main"]
