"""A way drawn with a real mouse in a real window."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from virtual_display import virtual_display

pytestmark = pytest.mark.window

SHOTS = os.environ.get("IML_ROBOT_SHOTS")
"""Folder for pictures of the screen, for those who want to look at it."""


class Demo:
    """The demo process, its mouse and its keys."""

    def __init__(self, display, folder):
        self.environment = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11"}
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("path_demo.py")), "60"],
            env=self.environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.until(lambda state: True)
        window = self.xdotool("search", "--class", "path_demo").split()[-1]
        self.xdotool("windowfocus", window)

    def xdotool(self, *arguments):
        return subprocess.run(
            ["xdotool", *map(str, arguments)],
            env=self.environment, capture_output=True, text=True, check=True, timeout=20,
        ).stdout  # fmt: skip

    def until(self, wanted, *, steps=300):
        """Return the first of the next states that is as wanted, or fail."""
        state = None
        for _ in range(steps):
            state = json.loads(self.process.stdout.readline())
            if wanted(state):
                return state
        raise AssertionError(f"never seen; the last state is {state}")

    def drag(self, *places):
        """Press at the first place, go slowly through the others, let go at the last."""
        self.xdotool("mousemove", *places[0], "mousedown", 1)
        for place in places[1:]:
            self.xdotool("sleep", 0.03, "mousemove", *place)
        self.xdotool("sleep", 0.1, "mouseup", 1)

    def look(self, name):
        if SHOTS:
            subprocess.run(
                ["import", "-window", "root", f"{SHOTS}/{name}.png"],
                env=self.environment, check=True, timeout=20,
            )  # fmt: skip


@pytest.fixture
def demo(tmp_path):
    for program in ("Xvfb", "xdotool"):
        assert shutil.which(program), f"install {program} to run this test"
    with virtual_display("1280x720") as display:
        running = Demo(display, tmp_path)
        yield running
        running.process.terminate()
        running.process.wait(timeout=10)
        running.process.stdout.close()


def ahead_of(state):
    """Return places on the map, which heads up, from the robot on."""
    x, y = state["robot"]
    return [(round(x), round(y) - 15 * k) for k in range(12)]


def test_a_drawn_way_is_driven_to_its_end_and_a_key_takes_it_back(demo):
    begun = demo.until(lambda state: state["mode"] == "auto")
    demo.drag(*ahead_of(begun))
    driving = demo.until(lambda state: state["device"] == "drawn path")
    assert driving["mode"] == "human"
    demo.look("drawn_way")
    way = np.subtract(driving["way"], begun["position"])
    # It leads ahead, by far more than aside.
    heading = np.array([np.cos(begun["heading"]), np.sin(begun["heading"])])
    ahead_m = way @ heading
    assert ahead_m > 1.5
    assert abs(way @ [-heading[1], heading[0]]) < 0.5
    done = demo.until(lambda state: state["words"] == "The path is done.", steps=600)
    assert np.hypot(*np.subtract(done["position"], driving["way"])) < 0.5
    demo.until(lambda state: state["mode"] == "auto")

    demo.xdotool("key", "p")
    demo.drag(*ahead_of(demo.until(lambda state: state["mode"] == "paused")))
    demo.until(lambda state: state["device"] == "drawn path" and state["mode"] == "human")
    demo.xdotool("keydown", "a")
    demo.until(lambda state: state["device"] == "keyboard" and state["mode"] == "human")
    demo.xdotool("keyup", "a")
    taken = demo.until(lambda state: state["mode"] == "auto")
    assert taken["way"] is None
