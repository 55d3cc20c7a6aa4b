"""The asking screens on a real X display, pressed and closed from outside."""

import json
import time

import pytest
from display_rig import Demo, demos
from virtual_display import fresh_display

from iml_robot.station.palette import DARK

pytestmark = pytest.mark.window


@pytest.fixture(scope="module")
def display():
    with fresh_display("1280x720") as name:
        yield name


class Asking(Demo):
    """The demo of the asking screens, and its lines."""

    def __init__(self, display, what, folder):
        super().__init__(display, "asking_demo", what, folder=folder)
        assert "ready" in self.line()
        self.find()

    def line(self):
        """The next line of the process."""
        text = self.process.stdout.readline()
        assert text.startswith("{"), f"the process ended with {self.process.poll()}"
        return json.loads(text)

    def asked(self):
        """Wait until the question can be answered."""
        assert self.line() == {"asked": True}

    def answered(self):
        """The next answer and whether it is much."""
        line = self.line()
        return line["answer"], line["much"]


@pytest.fixture
def demo(display, tmp_path):
    with demos(lambda what: Asking(display, what, tmp_path)) as start:
        yield start


def test_questions_are_answered_with_real_keys(demo):
    running = demo("questions")
    running.asked()
    seen = running.screen()
    # Both films, and the marks of both sides.
    assert (seen[250, 300] // 10 == 6).all()
    assert (seen[250, 900] // 10 == 16).all()
    assert (seen == DARK.policy).all(axis=2).sum() > 100
    assert (seen == DARK.operator).all(axis=2).sum() > 100
    # An unknown key and two answers at once count for nothing.
    running.press("z")
    running.press("Left", "Right")
    for keys, answer in [
        (["Left"], ("left", False)),
        (["Right", "Right"], ("right", True)),
        (["Down"], ("equal", False)),
        (["question"], ("cant_tell", False)),
        (["slash"], ("cant_tell", False)),
        (["h"], ("cant_tell", False)),
        (["s"], ("skip", False)),
        (["Left", "u", "Right"], ("right", False)),
    ]:
        running.press(*keys)
        assert running.answered() == answer
        running.asked()
    running.press("Escape")
    assert running.line() == {"wish": "leave"}
    end = running.line()
    assert not end["closed"]
    assert end["rate_hz"] >= 30.0


@pytest.mark.parametrize("key", ["u", "BackSpace"])
def test_undo_is_a_wish(demo, key):
    running = demo("questions")
    running.press(key)
    assert running.line() == {"wish": "undo"}


def test_a_closed_window_answers_nothing(demo):
    running = demo("questions")
    running.asked()
    # SDL turns the signal into the event of a closed window.
    running.process.terminate()
    assert running.line() == {"wish": "leave"}
    assert running.line()["closed"]


def test_knobs_are_turned_with_real_keys(demo):
    running = demo("knobs")
    running.press("Down", "Right", "l", "minus", "Down", "plus", "Down", "equal")
    running.press("equal", "Down", "x", "Return")
    edits = [["clearance", -0.65, True, -1], ["tilt", None, False, 1]]
    assert running.line() == {"edits": edits}


def test_a_moment_is_answered_with_the_keys_that_drive(demo):
    running = demo("moment")
    running.xdotool("keydown", "w", "keydown", "a")
    time.sleep(0.8)
    running.press("Return")
    assert running.line() == {"action": [1.0, 1.0]}
    running.xdotool("keyup", "w", "keyup", "a")
