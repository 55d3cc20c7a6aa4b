"""A fresh X display for tests that open real windows, and programs on it."""

import os
import shutil
import subprocess
from contextlib import contextmanager

import pytest


@contextmanager
def virtual_display(size):
    """Start Xvfb with a screen such as "1280x720" and give the name of its display."""
    read, write = os.pipe()
    # Without -noreset it starts anew, deaf for a moment, when its last client has gone.
    command = ["Xvfb", "-noreset", "-displayfd", str(write), "-screen", "0", f"{size}x24"]
    server = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


@contextmanager
def fresh_display(size):
    """Give the name of a fresh virtual display; skip where the programs are missing."""
    for program in ("Xvfb", "xdotool", "import"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    with virtual_display(size) as name:
        yield name


class Shown:
    """A program on a display, pressed and seen from outside.

    Args:
        display: Name of the display.
        *command: The program and its arguments.
        surroundings: Further environment variables.
        **options: Of the process.

    Attributes:
        process: The program; its output is a pipe if the options say nothing else.
        window: What `find` found.
    """

    def __init__(self, display, *command, surroundings=None, **options):
        self.environment = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11"}
        self.environment |= surroundings or {}
        piped = {"stdout": subprocess.PIPE, "text": True}
        self.process = subprocess.Popen(
            [*map(str, command)], env=self.environment, **(piped | options)
        )
        self.window = ""

    def find(self, kind, *options):
        """Wait for a window of a class and give it the keys.

        Args:
            kind: The class.
            *options: Further ones of the search.
        """
        # By class: xdotool reads no title where there is no window manager, and nobody
        # else gives a window the keys there.
        found = self.xdotool("search", "--sync", *options, "--class", kind)
        self.window = found.split()[-1]
        self.focus()
        return self

    def focus(self):
        """Give the window the keys."""
        self.xdotool("windowfocus", "--sync", self.window)

    def press(self, *keys):
        """Press keys one after the other."""
        self.xdotool("key", "--delay", "60", *keys)

    def xdotool(self, *arguments):
        """Return what xdotool says."""
        return subprocess.run(
            ["xdotool", *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    def picture(self, file):
        """Write what the window shows into a file and return the file."""
        command = ["import", "-window", self.window or "root", str(file)]
        subprocess.run(command, env=self.environment, check=True, timeout=30)
        return file

    def close(self):
        """End the program."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
