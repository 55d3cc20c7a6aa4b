"""Keys press the numbered actions of an environment of Gymnasium in a real window."""

import sys
import time
from pathlib import Path

import numpy as np
import pytest
from run_rig import episodes_of
from virtual_display import Shown, fresh_display

from iml_robot.core.types import Source

pytestmark = pytest.mark.window

LEFT, NOTHING = [1, -1, -1], [-1, 1, -1]


@pytest.fixture
def display():
    with fresh_display("800x600") as name:
        yield name


def test_a_key_takes_over_letting_go_hands_back_and_the_policy_learns(display, tmp_path):
    script = Path(__file__).with_name("numbered_demo.py")
    demo = Shown(display, sys.executable, script, tmp_path)
    assert demo.process.stdout.readline() == "driving\n"
    demo.find("numbered_demo")
    time.sleep(1.0)
    demo.xdotool("keydown", "Left")
    time.sleep(1.0)
    demo.xdotool("keyup", "Left")
    output, _ = demo.process.communicate(timeout=60)
    assert demo.process.returncode == 0, output

    (episode,) = episodes_of(tmp_path)
    (takeover,) = episode.takeovers()
    assert episode.sources[0] == episode.sources[-1] == Source.POLICY
    # A second of pressing and half a second of rest at 30 Hz; a busy machine is slower.
    assert 20 <= takeover.stop - takeover.start <= 90
    driven = episode.executed_actions[takeover]
    pressed = (driven == LEFT).all(axis=1)
    assert pressed[0]
    assert 12 <= pressed.sum() <= 70
    np.testing.assert_array_equal(driven[~pressed], [NOTHING] * int((~pressed).sum()))
    assert (tmp_path / "policies" / "0001.safetensors").is_file()
