"""The window on a real X display, seen and pressed from outside."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pygame
import pytest
from virtual_display import virtual_display

from iml_robot.core.types import Mode
from iml_robot.station.palette import DARK

pytestmark = pytest.mark.window


@pytest.fixture(scope="module")
def display():
    """Number of a fresh virtual display of 1920 x 1080."""
    for program in ("Xvfb", "xdotool", "import"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    with virtual_display("1920x1080") as name:
        yield name


class Demo:
    """The demo process and what one can do to its window."""

    def __init__(self, display, mode, folder):
        self.environment = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11"}
        self.folder = folder
        command = [sys.executable, str(Path(__file__).with_name("drive_demo.py"))]
        self.process = subprocess.Popen(
            [*command, mode.value, "15"],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.window = ""

    def find(self):
        # By class: xdotool reads no title where there is no window manager.
        found = self.xdotool("search", "--sync", "--class", "drive_demo")
        self.window = found.split()[-1]
        return self

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
        file = self.folder / "screen.png"
        command = ["import", "-window", self.window, str(file)]
        subprocess.run(command, env=self.environment, check=True, timeout=20)
        return pygame.surfarray.array3d(pygame.image.load(file)).swapaxes(0, 1)

    def until(self, wanted):
        """Return the first screen that is as wanted, or fail after 5 s."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            seen = self.screen()
            if wanted(seen):
                return seen
        raise AssertionError(f"not seen within 5 s; the last screen is {self.folder}")


@pytest.fixture
def demo(display, tmp_path):
    running = []

    def start(mode):
        running.append(Demo(display, mode, tmp_path))
        return running[-1].find()

    yield start
    for one in running:
        one.process.terminate()
        one.process.communicate(timeout=10)


def framed(mode):
    colour = DARK.modes[mode].colour
    return lambda image: (image[image.shape[0] // 2 :, 3] == colour).all()


def test_the_window_is_really_drawn(demo):
    seen = demo(Mode.HUMAN).until(framed(Mode.HUMAN))
    assert seen.shape == (720, 1280, 3)
    assert len(np.unique(seen.reshape(-1, 3), axis=0)) > 100
    # The grey picture of the environment and the orange path over it.
    assert (seen[200, 300] == 120).all()
    assert (seen[100:600, 20:900] == DARK.modes[Mode.HUMAN].colour).all(axis=2).sum() > 200


def test_f1_pressed_on_the_keyboard_shows_the_help(demo):
    running = demo(Mode.AUTO)
    running.until(framed(Mode.AUTO))
    running.xdotool("windowfocus", "--sync", running.window)
    running.xdotool("key", "F1")
    # The help page lays a card over the grey picture.
    running.until(lambda image: (image[500, 600] == DARK.card).all())
    running.xdotool("key", "h")
    running.until(lambda image: (image[500, 600] == 120).all())


def test_a_resized_window_is_filled_again(demo):
    running = demo(Mode.AUTO)
    running.until(framed(Mode.AUTO))
    running.xdotool("windowsize", running.window, "1600", "900")
    seen = running.until(
        lambda image: image.shape == (900, 1600, 3) and framed(Mode.AUTO)(image)
    )
    np.testing.assert_array_equal(seen[890:, 1595], [DARK.modes[Mode.AUTO].colour] * 10)
