"""What a person likes reaches the devices; devices that rumble, and that send nonsense."""

import math

import numpy as np
import pytest
from gymnasium.spaces import Box
from input_rig import CONTROL_DT_S, InputRig
from virtual_joystick import AVAILABLE, VirtualJoystick

from iml_robot.arbitration import ARBITERS
from iml_robot.core.errors import UsageError
from iml_robot.core.station_settings import (
    ControlSettings,
    FeedbackSettings,
    StationSettings,
)
from iml_robot.core.types import Link, Mode, Request
from iml_robot.devices.input.reading import DeviceReading
from iml_robot.devices.input.rumble import Rumble
from iml_robot.operators.human import HumanOperator, PersonalControlsError

POLICY = np.zeros(2, np.float32)
SCRIPTED = "test_human_operator_settings:Scripted"
needs_pad = pytest.mark.skipif(not AVAILABLE, reason="this SDL has no virtual joysticks")


class Robot:
    action_space = Box(-1.0, 1.0, (2,), np.float32)


class Scripted:
    """A device from outside that says what a test tells it to."""

    def __init__(self, pump, *, layout="rover"):
        self.name = "scripted"
        self.values = {}
        self.rumbles = []
        self._pump = pump
        made.append(self)

    def open(self):
        pass

    def close(self):
        pass

    def reset(self):
        pass

    def rumble(self, pattern):
        self.rumbles.append(pattern)

    def bindings(self):
        return [("it", "EMERGENCY STOP")]

    def read(self):
        return DeviceReading(self.name, time_s=self._pump.time_s, **self.values)


made = []


def liking(**controls):
    """The settings of a person with these controls."""
    return StationSettings(controls=ControlSettings(**controls))


@pytest.fixture
def rig():
    with InputRig() as rig:
        yield rig


class Drive:
    """Operator and arbiter in a loop."""

    def __init__(self, rig, **options):
        self.rig = rig
        self.operator = HumanOperator(Robot(), pump=rig.pump, **options)
        self.operator.reset(seed=0)
        self.arbiter = ARBITERS.build("takeover", 2)
        self.step(20)

    def step(self, count=1, **info):
        for _ in range(count):
            self.rig.now_s += CONTROL_DT_S
            self.signal = self.operator.advise(np.zeros(1, np.float32), POLICY, info)
            self.decision = self.arbiter.decide(POLICY, self.signal, elapsed_s=CONTROL_DT_S)
        return self.decision


@pytest.fixture
def scripted(rig):
    drive = Drive(rig, devices=(SCRIPTED, "keyboard"))
    yield drive, made[-1]
    drive.operator.close()


def test_what_a_person_likes_reaches_the_devices(rig):
    liked = liking(keys={"rover": {"grip": ["Q"]}}, buttons={"grip": ["y"]})
    operator = HumanOperator(Robot(), pump=rig.pump, settings=liked)
    shown = operator.bindings()
    assert {("Q", "hold: you drive"), ("Y", "hold: you drive")} <= set(shown)


def test_bad_controls_of_a_person_are_told_from_bad_ones_of_the_task(rig):
    bad = liking(keys={"rover": {"grip": ["R"]}})
    words = "your own controls cannot be used: the control 'R' is bound to both 'grip'"
    with pytest.raises(PersonalControlsError, match=words):
        HumanOperator(Robot(), pump=rig.pump, settings=bad)
    # Without them everything is well: nobody is left without controls.
    assert HumanOperator(Robot(), pump=rig.pump, settings=None).bindings()
    task = {"keyboard": {"keys": {"grip": "R"}}}
    with pytest.raises(UsageError, match="'R' is bound to both") as caught:
        HumanOperator(Robot(), pump=rig.pump, settings=liking(), device_options=task)
    assert not isinstance(caught.value, PersonalControlsError)


def test_a_contradiction_between_person_and_task_is_the_persons(rig):
    liked = liking(keys={"rover": {"slow": ["Q"]}})
    task = {"keyboard": {"keys": {"grip": "Q"}}}
    with pytest.raises(PersonalControlsError, match="both 'grip' and 'slow'"):
        HumanOperator(Robot(), pump=rig.pump, settings=liked, device_options=task)


def test_devices_from_outside_need_not_know_settings(rig):
    liked = liking(hands="left")
    operator = HumanOperator(Robot(), pump=rig.pump, devices=(SCRIPTED,), settings=liked)
    assert operator.bindings() == [("it", "EMERGENCY STOP")]


@pytest.mark.parametrize("nonsense", [math.nan, math.inf])
def test_numbers_that_are_none_are_no_input_and_hold(scripted, nonsense):
    drive, device = scripted
    device.values = {"forward": 0.5, "moving": True}
    assert drive.step().mode is Mode.HUMAN
    device.values = {"forward": nonsense, "moving": True}
    assert drive.step().mode is Mode.HOLD
    assert drive.signal.link is Link.STALE
    np.testing.assert_array_equal(drive.signal.action, 0.0)
    assert drive.operator.warning == "scripted sends no numbers; plug it in again"
    device.values = {"forward": nonsense, "requests": frozenset({Request.EMERGENCY_STOP})}
    assert drive.step().mode is Mode.ESTOP


@needs_pad
@pytest.mark.parametrize("rumble", [True, False])
def test_pads_shake_only_for_those_who_like_it(rig, monkeypatch, rumble):
    pulses = []
    monkeypatch.setattr(
        "iml_robot.devices.input.pads.Pad.pulse", lambda self, s: pulses.append(s)
    )
    liked = StationSettings(feedback=FeedbackSettings(rumble=rumble))
    with VirtualJoystick():
        drive = Drive(rig, settings=liked)
        drive.step(10, asking=True)
        drive.operator.close()
    assert pulses == ([0.12, 0.12] if rumble else [])


def test_the_warning_of_a_device_is_passed_on_while_it_lasts(scripted):
    drive, device = scripted
    device.values = {"warning": "it creaks"}
    drive.step()
    assert drive.operator.warning == "it creaks"
    device.values = {}
    drive.step()
    assert drive.operator.warning == ""


def test_the_hands_feel_once_that_the_robot_asks(scripted):
    drive, device = scripted
    for asking in (False, True, True, False, True):
        drive.step(asking=asking)
    assert device.rumbles == [Rumble.TAKEOVER_REQUEST] * 2


def test_no_grip_that_was_switched_on_drives_again_after_another_device(scripted):
    drive, device = scripted
    drive.operator.close()
    liked = liking(grip="toggle")
    drive = Drive(drive.rig, devices=(SCRIPTED, "keyboard"), settings=liked)
    device = made[-1]
    drive.rig.tap("LSHIFT")
    assert drive.step().mode is Mode.HUMAN
    device.values = {"gripping": True, "turn": 0.5}
    drive.step()
    assert drive.signal.device == "scripted"
    device.values = {}
    drive.step(3)
    assert not drive.signal.gripping
    drive.operator.close()


@needs_pad
def test_everybody_can_stop_whoever_drives(rig):
    with VirtualJoystick() as first, VirtualJoystick() as second:
        drive = Drive(rig)
        first.button("rightshoulder", True)
        assert drive.step().mode is Mode.HUMAN
        second.button("back", True)
        assert drive.step().mode is Mode.ESTOP
        drive.operator.close()
