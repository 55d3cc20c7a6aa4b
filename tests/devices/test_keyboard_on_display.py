"""Real key presses on a real X display."""

import json
import sys
from pathlib import Path

import pytest
from virtual_display import Shown, fresh_display

pytestmark = pytest.mark.window


@pytest.fixture(scope="module")
def display():
    with fresh_display("640x480") as name:
        yield name


class Listener(Shown):
    """The listening process and the keys of its display."""

    def __init__(self, display):
        script = Path(__file__).with_name("key_listener.py")
        super().__init__(display, sys.executable, script, "30")
        self.until(lambda state: True)
        self.find("key_listener")

    def until(self, wanted):
        """Return the first of the next 100 states that is as wanted, or fail."""
        states = []
        for _ in range(100):
            states.append(json.loads(self.process.stdout.readline()))
            if wanted(states[-1]):
                return states[-1]
        raise AssertionError(f"never seen; the last state is {states[-1]}")


@pytest.fixture
def listener(display):
    listener = Listener(display)
    yield listener
    listener.close()


def test_real_keys_drive_grip_and_stop(listener):
    listener.xdotool("keydown", "w", "keydown", "Left", "keydown", "Shift_L")
    listener.until(lambda s: (s["forward"], s["turn"], s["gripping"]) == (1, 1, True))
    listener.xdotool("keyup", "w", "keyup", "Left", "keyup", "Shift_L")
    listener.until(lambda s: (s["forward"], s["turn"], s["moving"]) == (0, 0, False))
    listener.xdotool("key", "space")
    listener.until(lambda s: s["requests"] == ["emergency_stop"])


def test_a_real_loss_of_focus_lets_go_of_the_keys(listener):
    listener.xdotool("keydown", "s")
    listener.until(lambda s: s["forward"] == -1)
    # The focus goes to the root window, and with it the release of the key.
    listener.xdotool("windowfocus", "0")
    lost = listener.until(lambda s: not s["focused"])
    assert (lost["forward"], lost["moving"]) == (0, False)
    listener.xdotool("keyup", "s")
    listener.focus()
    back = listener.until(lambda s: s["focused"])
    assert not back["moving"]


def test_a_request_to_terminate_arrives_as_a_closed_window(listener):
    # SDL catches the signal; a loop that ignores `quit_requested` would go on.
    listener.process.terminate()
    assert listener.process.wait(timeout=5) == 0
