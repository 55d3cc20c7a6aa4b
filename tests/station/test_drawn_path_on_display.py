"""A way drawn with a real mouse in a real window."""

import json
import os

import numpy as np
import pytest
from display_rig import Demo
from virtual_display import fresh_display

pytestmark = pytest.mark.window

SHOTS = os.environ.get("IML_ROBOT_SHOTS")
"""Folder for pictures of the screen, for those who want to look at it."""


class Drawing(Demo):
    """The demo of drawn paths, its mouse and its states."""

    def __init__(self, display, folder):
        super().__init__(display, "path_demo", "60", folder=folder)
        self.until(lambda state: True)
        self.find()

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
            self.picture(f"{SHOTS}/{name}.png")


@pytest.fixture
def demo(tmp_path):
    with fresh_display("1280x720") as display:
        running = Drawing(display, tmp_path)
        yield running
        running.close()


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
