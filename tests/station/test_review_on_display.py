"""The screens of a session on a real X display, with real keys and a real mouse."""

import json

import pytest
from display_rig import Demo, demos
from virtual_display import fresh_display

pytestmark = pytest.mark.window


@pytest.fixture(scope="module")
def display():
    with fresh_display("1280x720") as name:
        yield name


@pytest.fixture
def demo(display, tmp_path):
    with demos(lambda what: Screens(display, what, tmp_path)) as start:
        yield start


class Screens(Demo):
    """The demo of the screens, and its lines."""

    def __init__(self, display, what, folder):
        super().__init__(display, "session_demo", what, folder=folder)
        self.find()
        assert "ready" in self.line()

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
