"""The window on a real X display, seen and pressed from outside."""

import time

import numpy as np
import pytest
from display_rig import Demo, demos
from virtual_display import fresh_display

from iml_robot.core.types import Mode
from iml_robot.station.palette import DARK

pytestmark = pytest.mark.window


@pytest.fixture(scope="module")
def display():
    with fresh_display("1920x1080") as name:
        yield name


class Driving(Demo):
    """The demo of the drive view in a mode."""

    def __init__(self, display, mode, folder):
        super().__init__(display, "drive_demo", mode.value, "15", folder=folder)
        self.find()

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
    with demos(lambda mode: Driving(display, mode, tmp_path)) as start:
        yield start


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
    running.focus()
    running.press("F1")
    # The help page lays a card over the grey picture.
    running.until(lambda image: (image[500, 600] == DARK.card).all())
    running.press("h")
    running.until(lambda image: (image[500, 600] == 120).all())


def test_a_resized_window_is_filled_again(demo):
    running = demo(Mode.AUTO)
    running.until(framed(Mode.AUTO))
    running.xdotool("windowsize", running.window, "1600", "900")
    seen = running.until(
        lambda image: image.shape == (900, 1600, 3) and framed(Mode.AUTO)(image)
    )
    np.testing.assert_array_equal(seen[890:, 1595], [DARK.modes[Mode.AUTO].colour] * 10)
