import numpy as np
import pytest
from gymnasium.spaces import Box, Discrete
from input_rig import CONTROL_DT_S, InputRig
from virtual_joystick import AVAILABLE, VirtualJoystick

from iml_robot.arbitration import ARBITERS
from iml_robot.core.errors import InfrastructureError, UsageError
from iml_robot.core.types import Link, Mode, Request, Source
from iml_robot.devices.input.pump import EventPump
from iml_robot.operators.human import HumanOperator

POLICY = np.asarray([0.5, 0.0], dtype=np.float32)
needs_pad = pytest.mark.skipif(not AVAILABLE, reason="this SDL has no virtual joysticks")


class Robot:
    """As much of an environment as the operator looks at."""

    def __init__(self, size=2):
        self.action_space = Box(-1.0, 1.0, (size,), np.float32)


class Cockpit:
    """Operator and arbiter in a loop, with the hands of the test."""

    def __init__(self, rig, **options):
        self.rig = rig
        self.operator = HumanOperator(Robot(), pump=rig.pump, **options)
        self.operator.reset(seed=0)
        self.arbiter = ARBITERS.build("takeover", 2)
        self.step(20)

    def step(self, count=1):
        for _ in range(count):
            self.rig.now_s += CONTROL_DT_S
            self.signal = self.operator.advise(np.zeros(1, np.float32), POLICY, {})
            self.decision = self.arbiter.decide(POLICY, self.signal, elapsed_s=CONTROL_DT_S)
        return self.decision


@pytest.fixture
def rig():
    with InputRig() as rig:
        yield rig


@pytest.fixture
def keys(rig):
    cockpit = Cockpit(rig, devices=("keyboard",))
    yield cockpit
    cockpit.operator.close()


@pytest.fixture
def pad(rig):
    with VirtualJoystick() as pad:
        yield pad


@pytest.fixture
def both(rig, pad):
    cockpit = Cockpit(rig)
    yield cockpit
    cockpit.operator.close()


@pytest.mark.parametrize(
    ("key", "action"),
    [("W", (1, 0)), ("DOWN", (-1, 0)), ("A", (0, 1)), ("RIGHT", (0, -1))],
)
def test_keys_become_speed_and_turn_with_left_positive(keys, key, action):
    keys.rig.down(key)
    decision = keys.step(20)
    assert decision.source is Source.OPERATOR
    np.testing.assert_allclose(decision.executed, action, atol=1e-6)
    np.testing.assert_allclose(keys.signal.action, action, atol=1e-6)


def test_a_movement_key_takes_over_in_its_step(keys):
    assert keys.decision.source is Source.POLICY
    keys.rig.down("W")
    assert keys.step().mode is Mode.HUMAN


def test_the_dead_man_key_takes_over_and_its_release_gives_back(keys):
    keys.rig.down("LSHIFT")
    assert keys.step(20).mode is Mode.HUMAN
    keys.rig.up("LSHIFT")
    assert keys.step().mode is Mode.RELEASING


def test_space_stops_and_holding_r_resets(keys):
    keys.rig.tap("SPACE")
    assert keys.step().mode is Mode.ESTOP
    keys.rig.down("R")
    assert keys.step(19).mode is Mode.ESTOP
    assert keys.step(2).mode is Mode.DISARMED


def test_escape_pauses_and_goes_on(keys):
    keys.rig.tap("ESCAPE")
    assert keys.step(10).mode is Mode.PAUSED
    keys.rig.tap("P")
    assert keys.step().mode is Mode.AUTO


def test_backspace_ends_the_episode_and_so_does_closing_the_window(keys):
    keys.rig.tap("BACKSPACE")
    assert keys.step().end_episode == "ended_by_operator"


def test_losing_the_focus_while_driving_holds_and_needs_a_new_press(keys):
    keys.rig.down("W")
    keys.step(10)
    keys.rig.focus(gained=False)
    assert keys.step().mode is Mode.HOLD
    assert keys.signal.link is Link.FOCUS_LOST
    keys.rig.focus(gained=True)
    assert keys.step(20).mode is Mode.HOLD
    keys.rig.down("W")
    assert keys.step().mode is Mode.HUMAN


def test_input_that_nobody_pumps_any_more_is_stale(rig):
    operator = HumanOperator(Robot(), pump=rig.pump, pump_events=False)
    operator.reset(seed=0)
    links = []
    rig.step()
    for _ in range(7):
        rig.now_s += CONTROL_DT_S
        signal = operator.advise(np.zeros(1), POLICY, {})
        links.append(signal.link)
    # 0.25 s are the limit, and only more than that is too much.
    assert links == [Link.OK] * 5 + [Link.STALE] * 2
    assert signal.age_s == pytest.approx(7 * CONTROL_DT_S)
    rig.step()
    assert operator.advise(np.zeros(1), POLICY, {}).link is Link.OK
    operator.close()


def test_presses_between_episodes_are_forgotten_but_not_a_stop(keys):
    keys.rig.tap("RETURN")
    keys.rig.tap("BACKSPACE")
    keys.rig.tap("SPACE")
    keys.rig.step()
    keys.operator.reset(seed=1)
    keys.step()
    assert keys.signal.requests == {Request.EMERGENCY_STOP}


def test_praise_reaches_the_signal(keys):
    keys.rig.tap("MINUS")
    keys.step()
    assert keys.signal.evaluation == -1.0
    keys.step()
    assert keys.signal.evaluation is None


@needs_pad
def test_the_stick_drives_and_is_named(both, pad):
    pad.axis("leftx", -1.0)
    pad.axis("righttrigger", 1.0)
    both.step(10)
    assert both.signal.device == "Virtual Controller"
    np.testing.assert_allclose(both.decision.executed, (1, 1), atol=1e-6)


@needs_pad
def test_a_pad_pulled_out_while_driving_holds_in_that_step_and_waits(both, pad):
    pad.axis("leftx", -1.0)
    both.step(10)
    pad.unplug()
    assert both.step().mode is Mode.HOLD
    assert both.signal.link is Link.DEVICE_REMOVED
    sources = set()
    for _ in range(40):
        sources.add(both.step().source)
    assert sources == {Source.SAFETY}


@needs_pad
def test_a_pad_plugged_in_again_drives_after_a_rest_and_a_press(both, pad):
    pad.axis("leftx", -1.0)
    both.step(10)
    pad.unplug()
    both.step(2)
    pad.plug()
    pad.axis("leftx", -1.0)
    assert both.step(20).mode is Mode.HOLD
    pad.axis("leftx", 0.0)
    both.step(11)
    pad.button("rightshoulder", True)
    assert both.step().mode is Mode.HUMAN
    assert both.signal.device == "Virtual Controller"


@needs_pad
def test_the_keyboard_takes_over_after_the_pad_is_gone(both, pad):
    pad.axis("leftx", -1.0)
    both.step(10)
    pad.unplug()
    both.step(12)
    both.rig.down("LSHIFT")
    assert both.step().mode is Mode.HUMAN
    assert both.signal.device == "keyboard"


@needs_pad
def test_a_pad_pulled_out_while_the_keyboard_drives_changes_nothing(both, pad):
    both.rig.down("W")
    both.step(5)
    pad.unplug()
    assert both.step(5).mode is Mode.HUMAN
    assert both.signal.link is Link.OK


@needs_pad
def test_a_loose_contact_of_the_pad_that_drives_holds(both, pad):
    pad.axis("leftx", -1.0)
    both.step(10)
    pad.unplug()
    pad.plug()
    assert both.step().mode is Mode.HOLD


@needs_pad
def test_who_drives_is_not_disturbed_by_the_other_device(both, pad):
    both.rig.down("W")
    both.step(10)
    pad.axis("lefty", 1.0)
    both.step()
    assert both.signal.device == "keyboard"
    pad.button("rightshoulder", True)
    both.step()
    assert both.signal.device == "Virtual Controller"
    assert both.signal.action[0] == pytest.approx(-1.0)


@needs_pad
def test_the_pad_goes_before_the_keyboard(both, pad):
    both.rig.down("W")
    pad.axis("lefty", 1.0)
    both.step()
    assert both.signal.device == "Virtual Controller"


@needs_pad
def test_a_stop_counts_from_the_device_that_does_not_drive(both, pad):
    both.rig.down("W")
    both.step(10)
    pad.button("back", True)
    assert both.step().mode is Mode.ESTOP


@needs_pad
def test_the_stop_on_the_pad_works_without_focus(both, pad):
    both.rig.focus(gained=False)
    both.step()
    pad.button("back", True)
    assert both.step().mode is Mode.ESTOP


@needs_pad
def test_bindings_are_those_of_the_devices_that_are_there(both, pad):
    assert ("RB", "hold: you drive") in both.operator.bindings()
    pad.unplug()
    both.step()
    labels = [label for label, _ in both.operator.bindings()]
    assert "RB" not in labels
    assert "Left Shift" in labels


def test_without_its_only_device_the_operator_is_not_there(rig):
    operator = HumanOperator(Robot(), pump=rig.pump, devices=("gamepad",))
    operator.reset(seed=0)
    signal = operator.advise(np.zeros(1), POLICY, {})
    assert (signal.link, signal.action) == (Link.DEVICE_REMOVED, None)
    operator.close()


def test_a_robot_with_four_directions_gets_the_drone_layout(rig):
    operator = HumanOperator(Robot(4), pump=rig.pump, devices=("keyboard",))
    operator.reset(seed=0)
    for key in ("UP", "RIGHT", "W", "A"):
        rig.down(key)
    for _ in range(20):
        rig.now_s += CONTROL_DT_S
        signal = operator.advise(np.zeros(1), np.zeros(4), {})
    np.testing.assert_allclose(signal.action, (1, -1, 1, 1), atol=1e-6)


def test_axes_can_be_chosen_and_reversed(rig):
    operator = HumanOperator(
        Robot(3), pump=rig.pump, devices=("keyboard",), axes=("-turn", "forward", "turn")
    )
    operator.reset(seed=0)
    rig.down("A")
    for _ in range(20):
        rig.now_s += CONTROL_DT_S
        signal = operator.advise(np.zeros(1), np.zeros(3), {})
    np.testing.assert_allclose(signal.action, (-1, 0, 1), atol=1e-6)


def test_options_reach_the_devices(rig):
    keys = {"keys": {"grip": "Q"}}
    operator = HumanOperator(
        Robot(), pump=rig.pump, devices=("keyboard",), device_options={"keyboard": keys}
    )
    assert ("Q", "hold: you drive") in operator.bindings()


class Buttons:
    action_space = Discrete(4)


@pytest.mark.parametrize(
    ("robot", "options", "words"),
    [
        (Buttons(), {}, "a vector of numbers, got Discrete"),
        (Robot(3), {}, "the action has 3 parts, got axes for 0; set operator.axes"),
        (Robot(), {"axes": ("forward", "trun")}, "did you mean 'turn'"),
        (Robot(), {"devices": ()}, "needs a device"),
        (Robot(), {"devices": ("joypad",)}, "no device is called 'joypad'"),
        (
            Robot(),
            {"device_options": {"keyboard": {"kyes": {}}}},
            "has no option 'kyes'; did you mean 'keys'",
        ),
    ],
)
def test_a_human_operator_that_cannot_work_is_refused(robot, options, words):
    with pytest.raises(UsageError, match=words):
        HumanOperator(robot, pump=EventPump(), **options)


def test_without_a_window_the_error_says_what_to_do():
    operator = HumanOperator(Robot(), devices=("keyboard",))
    with pytest.raises(InfrastructureError, match="no window is open"):
        operator.advise(np.zeros(1), POLICY, {})
