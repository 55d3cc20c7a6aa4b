"""Keys, sticks and pads press numbered actions, take over, and hand back."""

import numpy as np
import pytest
from input_rig import CONTROL_DT_S, InputRig
from virtual_joystick import AVAILABLE, VirtualJoystick

from iml_robot.arbitration import ARBITERS
from iml_robot.core.errors import UsageError
from iml_robot.core.types import Link, Mode, Request, Source
from iml_robot.operators.human import HumanOperator
from iml_robot.operators.pressing import person_at
from iml_robot.robots.environment import make_env

CAR = "MountainCar-v0?neutral=1"
KEYS = {"LEFT": 0, "RIGHT": 2, "J": 0}
LEFT, NOTHING, RIGHT = ([1, -1, -1], [-1, 1, -1], [-1, -1, 1])
POLICY = np.float32([0.1, 0.2, 0.3])


class Driving:
    """A person before the keys, and the arbiter that follows."""

    def __init__(self, rig, actions=KEYS, env_id=CAR, **options):
        self.rig, self.env = rig, make_env(env_id)
        self.person = person_at(
            self.env, actions, pump=rig.pump, devices=("keyboard",), **options
        )
        self.person.reset(seed=0)
        self.arbiter = ARBITERS.build("takeover", 3, options={"slew_per_s": 1000.0})
        self.step(20)

    def step(self, count=1):
        """Return what was decided at the last of some steps."""
        for _ in range(count):
            self.rig.now_s += CONTROL_DT_S
            self.signal = self.person.advise(np.zeros(2, np.float32), POLICY, {})
            self.decision = self.arbiter.decide(POLICY, self.signal, elapsed_s=CONTROL_DT_S)
        return self.decision


@pytest.fixture
def rig():
    with InputRig() as rig:
        yield rig


@pytest.fixture
def driving(rig):
    seat = Driving(rig)
    yield seat
    seat.person.close()


def test_a_key_takes_over_with_its_action_at_the_same_step_and_letting_go_hands_back(
    rig, driving
):
    assert driving.decision.mode is Mode.AUTO
    rig.down("LEFT")
    decision = driving.step()
    assert (decision.mode, decision.source) == (Mode.HUMAN, Source.OPERATOR)
    np.testing.assert_array_equal(decision.executed, LEFT)
    rig.up("LEFT")
    np.testing.assert_array_equal(driving.step().executed, NOTHING)
    assert driving.step(25).mode is Mode.AUTO


def test_of_several_keys_the_newest_counts_and_then_the_one_that_is_still_held(
    rig, driving
):
    rig.down("LEFT")
    driving.step()
    rig.down("RIGHT")
    driving.step()
    np.testing.assert_array_equal(driving.signal.action, RIGHT)
    rig.up("RIGHT")
    driving.step()
    np.testing.assert_array_equal(driving.signal.action, LEFT)


def test_a_key_pressed_and_let_go_between_two_steps_is_not_lost(rig, driving):
    rig.tap("J")
    driving.step()
    np.testing.assert_array_equal(driving.signal.action, LEFT)
    assert driving.signal.moving
    driving.step()
    assert not driving.signal.moving


def test_keys_pressed_together_count_before_those_alone_and_fall_back_to_them(rig):
    seat = Driving(rig, {"LEFT": 0, "UP": 2, "LEFT+UP": 1})
    rig.down("LEFT")
    seat.step()
    np.testing.assert_array_equal(seat.signal.action, LEFT)
    rig.down("UP")
    seat.step(2)
    np.testing.assert_array_equal(seat.signal.action, NOTHING)
    assert seat.signal.moving
    rig.up("LEFT")
    seat.step()
    np.testing.assert_array_equal(seat.signal.action, RIGHT)
    assert ("Left+Up", "action 1 (takes over)") in seat.person.bindings()
    seat.person.close()


def test_movement_keys_without_an_action_do_nothing(rig, driving):
    rig.down("W")
    assert driving.step(15).mode is Mode.AUTO
    assert not driving.signal.moving


def test_the_grip_commands_the_neutral_action(rig, driving):
    rig.down("LSHIFT")
    decision = driving.step()
    assert decision.mode is Mode.HUMAN
    np.testing.assert_array_equal(decision.executed, NOTHING)


def test_a_lost_focus_lets_go_of_the_keys_and_says_so(rig, driving):
    rig.down("RIGHT")
    driving.step()
    rig.focus(gained=False)
    assert driving.step().mode is Mode.HOLD
    assert driving.signal.link is Link.FOCUS_LOST
    assert not driving.signal.moving


def test_the_stop_stops_and_what_is_executed_then_is_neutral(rig, driving):
    rig.down("RIGHT")
    driving.step()
    rig.tap("SPACE")
    decision = driving.step()
    assert Request.EMERGENCY_STOP in driving.signal.requests
    assert decision.mode is Mode.ESTOP
    assert driving.env.action(decision.executed) == 1


def test_directions_press_from_half_of_the_way_with_any_device(rig):
    seat = Driving(rig, {"turn": 0, "-turn": 2})
    rig.down("A")
    # The command of a key grows by 2 in a second.
    seat.step(3)
    np.testing.assert_array_equal(seat.signal.action, NOTHING)
    seat.step(3)
    np.testing.assert_array_equal(seat.signal.action, LEFT)
    assert seat.decision.mode is Mode.HUMAN
    seat.person.close()


@pytest.mark.skipif(not AVAILABLE, reason="this SDL has no virtual joysticks")
def test_a_pad_presses_with_its_stick(rig):
    with VirtualJoystick() as pad:
        person = person_at(make_env(CAR), {"-turn": 2}, pump=rig.pump)
        person.reset(seed=0)
        pad.axis("leftx", 1.0)
        for _ in range(3):
            rig.now_s += CONTROL_DT_S
            signal = person.advise(np.zeros(2, np.float32), POLICY, {})
        np.testing.assert_array_equal(signal.action, RIGHT)
        assert signal.moving
        person.close()


def test_the_keys_are_explained_after_the_stop_and_the_others_are_left_away(driving):
    lines = driving.person.bindings()
    assert lines[0][1] == "EMERGENCY STOP"
    assert lines[1:3] == [
        ("Left/J", "action 0 (takes over)"), ("Right", "action 2 (takes over)"),
    ]  # fmt: skip
    assert "drive (takes over)" not in [meaning for _, meaning in lines]


@pytest.mark.parametrize(
    ("actions", "options", "words"),
    [
        ({}, {}, "nothing says which key presses which; set env.actions"),
        ({"LEFT": 3}, {}, "no action 3; .* are 0 to 2"),
        ({"LEFTT": 0}, {}, "no key is called 'LEFTT'"),
        ({"-up": 0}, {}, "no key is called '-up'"),
        ({"LEFT+": 0}, {}, "no key is called ''"),
        ({"LEFT+SPACE": 0}, {}, "key 'SPACE' of env.actions is that of 'emergency_stop'"),
        ({"SPACE": 0}, {}, "key 'SPACE' of env.actions is that of 'emergency_stop'"),
        ({"LEFT": 0}, {"axes": ["turn"]}, "axes steers actions that are a vector"),
    ],
)
def test_what_cannot_be_meant_is_refused(actions, options, words):
    with pytest.raises(UsageError, match=words):
        person_at(make_env(CAR), actions, **options)


def test_a_key_is_free_once_what_it_did_is_bound_elsewhere(rig):
    moved = {"keyboard": {"keys": {"emergency_stop": "F12"}}}
    seat = Driving(rig, {"SPACE": 2}, device_options=moved)
    rig.down("SPACE")
    seat.step()
    np.testing.assert_array_equal(seat.signal.action, RIGHT)
    seat.person.close()


def test_an_environment_that_is_steered_gets_the_usual_person_and_no_numbered_keys():
    env = make_env("Pendulum-v1")
    assert isinstance(person_at(env, {}), HumanOperator)
    with pytest.raises(UsageError, match=r"set operator.axes .* leave env.actions away"):
        person_at(env, {"LEFT": 0})
