"""The screens of a session on a real X display, with real keys and a real mouse."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from virtual_display import virtual_display

pytestmark = pytest.mark.window


@pytest.fixture(scope="module")
def display():
    """Number of a fresh virtual display."""
    for program in ("Xvfb", "xdotool"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    with virtual_display("1280x720") as name:
        yield name


@pytest.fixture
def demo(display):
    running = []

    def start(what):
        running.append(Demo(display, what))
        return running[-1]

    yield start
    for one in running:
        one.process.terminate()
        one.process.communicate(timeout=10)


class Demo:
    """The demo process and its lines."""

    def __init__(self, display, what):
        here = Path(__file__)
        self.environment = {
            **os.environ,
            "DISPLAY": display,
            "SDL_VIDEODRIVER": "x11",
            "SDL_VIDEO_X11_WMCLASS": "session_demo",
            "PYTHONPATH": str(here.parents[1]),
        }
        self.process = subprocess.Popen(
            [sys.executable, str(here.with_name("session_demo.py")), what],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        # Without a window manager nobody gives the window the keys.
        window = self.xdotool("search", "--sync", "--class", "session_demo").split()[-1]
        self.xdotool("windowfocus", "--sync", window)
        assert "ready" in self.line()

    def xdotool(self, *arguments):
        return subprocess.run(
            ["xdotool", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        ).stdout

    def press(self, *keys):
        self.xdotool("key", "--delay", "60", *keys)

    def line(self):
        """The next line that is no greeting of a library."""
        while not (text := self.process.stdout.readline()).startswith("{"):
            assert text, f"the process ended with {self.process.poll()}"
        return json.loads(text)


def test_a_review_with_real_keys(demo):
    running = demo("review")
    running.press("y", "1", "4", "space", "Left", "z")
    review = running.line()
    assert (review["success"], review["changed"]) == (True, True)
    assert review["tags"] == ["stuck", "unsafe"]
    # It had run on by itself for less than 4 s of the 10 s.
    assert 400 <= review["rewind_to_step"] <= 480
    assert review["rate_hz"] >= 25.0


def test_the_questions_about_the_work_with_a_real_mouse(demo):
    running = demo("load")
    running.xdotool("mousemove", "640", "200", "click", "1")
    running.press("Left", "space", "Escape")
    answers = running.line()
    assert len(answers["values"]) == 1
    (value,) = answers["values"].values()
    assert 0 < value < 100
    assert value % 5 == 0


def test_a_summary_with_real_keys(demo):
    running = demo("summary")
    running.press("Down", "space", "Right", "Return")
    assert running.line()["done"]
