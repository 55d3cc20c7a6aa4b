"""Demos in windows of a real X display, seen and pressed from outside."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pygame
from virtual_display import Shown

HERE = Path(__file__).parent


@contextmanager
def demos(make):
    """Give what starts demos, and end those that it started.

    Args:
        make: Returns the started `Demo` of what it is given.
    """
    running = []

    def start(what):
        running.append(make(what))
        return running[-1]

    yield start
    for one in running:
        one.close()


class Demo(Shown):
    """A process of a script of this folder, and its window.

    Args:
        display: Name of the display.
        script: The script; its window has this class.
        *arguments: Of the script.
        folder: Where pictures of the screen are kept.
    """

    def __init__(self, display, script, *arguments, folder):
        self.folder, self._script = folder, script
        tests = {"PYTHONPATH": str(HERE.parent), "SDL_VIDEO_X11_WMCLASS": script}
        command = (sys.executable, HERE / f"{script}.py", *arguments)
        super().__init__(display, *command, surroundings=tests, stdin=subprocess.PIPE)

    def find(self):
        """Wait for the window and give it the keys."""
        return super().find(self._script)

    def screen(self):
        """What the window shows, shape (H, W, 3)."""
        shot = pygame.image.load(self.picture(self.folder / "screen.png"))
        return pygame.surfarray.array3d(shot).swapaxes(0, 1)
