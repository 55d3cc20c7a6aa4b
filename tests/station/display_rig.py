"""Demos in windows of a real X display, seen and pressed from outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pygame
import pytest
from virtual_display import virtual_display

HERE = Path(__file__).parent


@contextmanager
def fresh_display(size):
    """Give the name of a fresh virtual display; skip where the programs are missing."""
    for program in ("Xvfb", "xdotool", "import"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    with virtual_display(size) as name:
        yield name


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
        one.process.terminate()
        one.process.communicate(timeout=10)


class Demo:
    """A process of a script of this folder, and its window.

    Args:
        display: Name of the display.
        script: The script; its window has this class.
        *arguments: Of the script.
        folder: Where pictures of the screen are kept.
    """

    def __init__(self, display, script, *arguments, folder):
        self.folder, self._script = folder, script
        tests = {"PYTHONPATH": str(HERE.parent)}
        self.environment = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11"}
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / f"{script}.py"), *arguments],
            env={**self.environment, **tests},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.window = ""

    def find(self):
        """Wait for the window."""
        # By class: xdotool reads no title where there is no window manager.
        found = self.xdotool("search", "--sync", "--class", self._script)
        self.window = found.split()[-1]
        return self

    def focus(self):
        """Give the window the keys, as there is no window manager to do it."""
        self.xdotool("windowfocus", "--sync", self.window)

    def press(self, *keys):
        self.xdotool("key", "--delay", "60", *keys)

    def xdotool(self, *arguments):
        return subprocess.run(
            ["xdotool", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        ).stdout

    def screen(self):
        """What the window shows, shape (H, W, 3)."""
        file = self.folder / "screen.png"
        command = ["import", "-window", self.window, str(file)]
        subprocess.run(command, env=self.environment, check=True, timeout=20)
        return pygame.surfarray.array3d(pygame.image.load(file)).swapaxes(0, 1)
