"""What somebody reads first names the keys that are really bound."""

from types import SimpleNamespace

import gymnasium as gym
import numpy as np
import pytest

from iml_robot.cli.crews.greeting import first_keys
from iml_robot.cli.crews.hands import Hands
from iml_robot.core.config import load_config
from iml_robot.core.station_settings import StationSettings
from iml_robot.devices.input.pump import EventPump
from iml_robot.station.kept_settings import KeptSettings

ENV = SimpleNamespace(action_space=gym.spaces.Box(-1, 1, (2,), np.float32))
OWN = {"rover": {"help": ["F2"], "emergency_stop": ["X"], "forward": ["T"]}}


def keyboard(hands):
    """What is said of the keyboard, as where no pad is there."""
    hands.operator.look()
    return hands.operator.bindings()


@pytest.fixture
def hands():
    def make(own, *overrides):
        settings = load_config("point", ["operator=human", *overrides])
        liked = StationSettings.model_validate({"controls": {"keys": own}})
        kept, pump = KeptSettings(liked), EventPump()
        ENV.unwrapped = ENV
        return Hands(ENV, settings, pump, kept=kept, obey=lambda choice: None)

    return make


def test_own_keys_are_named_on_the_first_page_and_stop_in_the_pause_menu(hands):
    mine = hands(OWN)
    told = dict(first_keys(keyboard(mine), mine.controls.help_line))
    assert told["X"] == "EMERGENCY STOP"
    assert told["T/S or Down"] == "drive"
    assert told["F2"] == "all keys"
    assert told["Enter"] == "give back to the policy"
    # Who demonstrates gives nothing back.
    assert told["Z"] == "rewind some seconds"
    nothing_back = {"give back to the policy"}
    told = dict(first_keys(keyboard(mine), ("F2", "all keys"), nothing_back))
    assert "Enter" not in told
    assert told["X"] == "EMERGENCY STOP"
    assert {"X", "back"} == {*mine.menu.stops}


def test_keys_of_the_task_go_before_those_of_the_window(hands):
    task = "operator.device_options.keyboard.keys={give_back: C, emergency_stop: Q}"
    mine = hands({}, task)
    assert ("C", "give back to the policy") in mine.operator.bindings()
    assert "C" not in mine.controls.label("view")
    assert "Q" in mine.menu.stops


def test_settings_that_put_two_things_on_one_key_leave_the_usual_keys(hands):
    twice = hands({"rover": {"view": ["W"]}})
    assert "'forward' and 'view'" in twice.trouble
    assert twice.controls.help_line == ("F1", "all keys")
