import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from input_rig import InputRig

from iml_robot.core.errors import UsageError
from iml_robot.core.types import Request
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.keyboard import Keyboard


@pytest.fixture
def keyboard(rig):
    keyboard = Keyboard(rig.pump)
    keyboard.open()
    yield keyboard
    keyboard.close()


def steps(rig, count):
    for _ in range(count):
        rig.step()


@pytest.mark.parametrize(
    ("key", "axis", "sign"),
    [
        ("W", "forward", 1),
        ("UP", "forward", 1),
        ("S", "forward", -1),
        ("DOWN", "forward", -1),
        ("A", "turn", 1),
        ("LEFT", "turn", 1),
        ("D", "turn", -1),
        ("RIGHT", "turn", -1),
    ],
)
def test_a_held_movement_key_grows_to_full(rig, keyboard, key, axis, sign):
    rig.down(key)
    rig.step()
    reading = keyboard.read()
    assert reading.moving
    assert getattr(reading, axis) == pytest.approx(sign * 2.0 * 0.05)
    steps(rig, 10)
    assert getattr(keyboard.read(), axis) == pytest.approx(sign)


def test_a_released_key_fades_and_no_longer_moves(rig, keyboard):
    rig.down("W")
    steps(rig, 20)
    rig.up("W")
    rig.step()
    keyboard.read()
    rig.step()
    reading = keyboard.read()
    assert not reading.moving
    assert reading.forward == pytest.approx(1.0 - 5.0 * 0.1)


def test_opposite_keys_cancel_but_are_hands_on_the_keys(rig, keyboard):
    rig.down("W")
    rig.down("S")
    steps(rig, 20)
    reading = keyboard.read()
    assert reading.forward == 0.0
    assert reading.moving


def test_two_keys_of_one_direction_are_not_twice_as_fast(rig, keyboard):
    rig.down("W")
    rig.down("UP")
    steps(rig, 30)
    assert keyboard.read().forward == 1.0


def test_a_tap_shorter_than_a_step_is_seen_once(rig, keyboard):
    rig.tap("A")
    rig.step()
    assert keyboard.read().moving
    rig.step()
    assert not keyboard.read().moving


@pytest.mark.parametrize(
    ("key", "request_"),
    [
        ("RETURN", Request.GIVE_BACK),
        ("SPACE", Request.EMERGENCY_STOP),
        ("ESCAPE", Request.PAUSE),
        ("P", Request.PAUSE),
        ("BACKSPACE", Request.END_EPISODE),
    ],
)
def test_a_held_request_key_is_sent_once(rig, keyboard, key, request_):
    rig.down(key)
    rig.step()
    assert keyboard.read().requests == {request_}
    rig.down(key)  # key repeat
    rig.step()
    assert keyboard.read().requests == frozenset()


def test_reset_is_sent_while_it_is_held(rig, keyboard):
    rig.down("R")
    for _ in range(3):
        rig.step()
        assert keyboard.read().requests == {Request.RESET}
    rig.up("R")
    rig.step()
    assert keyboard.read().requests == frozenset()


def test_left_shift_grips_until_it_is_released(rig, keyboard):
    rig.down("LSHIFT")
    rig.step()
    assert keyboard.read().gripping
    rig.step()
    assert keyboard.read().gripping
    rig.up("LSHIFT")
    rig.step()
    assert not keyboard.read().gripping


def test_left_ctrl_drives_slowly(rig, keyboard):
    rig.down("W")
    rig.down("LCTRL")
    steps(rig, 20)
    assert keyboard.read().forward == pytest.approx(0.3)


@pytest.mark.parametrize(("key", "value"), [("EQUALS", 1.0), ("MINUS", -1.0)])
def test_praise_and_blame_are_sent_once(rig, keyboard, key, value):
    rig.down(key)
    rig.step()
    assert keyboard.read().evaluation == value
    assert keyboard.read().evaluation is None


def test_losing_the_focus_lets_go_of_every_key(rig, keyboard):
    rig.down("W")
    rig.down("LSHIFT")
    steps(rig, 20)
    keyboard.read()
    rig.focus(gained=False)
    rig.step()
    reading = keyboard.read()
    assert (reading.forward, reading.moving, reading.gripping) == (0.0, False, False)
    rig.focus(gained=True)
    rig.step()
    assert not keyboard.read().moving


def test_presses_in_a_menu_are_seen_though_nobody_read_them(rig, keyboard):
    rig.down("W")
    rig.step()
    rig.up("W")
    rig.step()
    keyboard.reset()
    rig.step()
    assert not keyboard.read().moving


def test_reset_forgets_old_presses_but_never_a_stop(rig, keyboard):
    rig.tap("RETURN")
    rig.tap("SPACE")
    rig.step()
    keyboard.reset()
    assert keyboard.read().requests == {Request.EMERGENCY_STOP}


def test_a_long_stall_does_not_throw_a_key_to_full(rig, keyboard):
    rig.down("W")
    rig.step(600.0)
    assert keyboard.read().forward == pytest.approx(2.0 * 0.1)


def test_a_closed_keyboard_hears_nothing(rig, keyboard):
    keyboard.close()
    rig.down("W")
    rig.step()
    assert not keyboard.read().moving


def test_the_drone_layout_climbs_with_w_and_flies_with_the_arrows(rig):
    keyboard = Keyboard(rig.pump, layout="drone")
    keyboard.open()
    for key in ("W", "UP", "LEFT", "D"):
        rig.down(key)
    steps(rig, 20)
    reading = keyboard.read()
    assert (reading.up, reading.forward, reading.left, reading.turn) == (1, 1, 1, -1)


def test_bindings_name_every_key_that_acts_and_the_stop_first(keyboard):
    shown = keyboard.bindings()
    assert shown[0] == ("Space", "EMERGENCY STOP")
    labels = [label for label, _ in shown]
    for label in ("W/S or Up/Down", "A/D or Left/Right", "Left Shift", "Enter", "R", "=/-"):
        assert label in labels
    assert "Esc or P" in labels
    assert "Backspace" in labels


def test_a_key_can_be_moved_and_the_display_follows(rig):
    keyboard = Keyboard(rig.pump, keys={"emergency_stop": "F1"})
    keyboard.open()
    rig.down("F1")
    rig.step()
    assert keyboard.read().requests == {Request.EMERGENCY_STOP}
    assert any(label == "F1" for label, _ in keyboard.bindings())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"keys": {"give_back": "SPACE"}}, "'give_back' and 'emergency_stop'"),
        ({"keys": {"emergency_stop": []}}, "the emergency stop needs a control"),
        ({"keys": {"jump": "J"}}, "cannot bind the action 'jump'"),
        ({"keys": {"grip": "SHIFTY"}}, "no key is called 'SHIFTY'"),
        ({"layout": "rovr"}, "did you mean 'rover'"),
    ],
)
def test_bindings_that_cannot_work_are_refused(options, words):
    with pytest.raises(UsageError, match=words):
        Keyboard(EventPump(), **options)


key_names = st.sampled_from(["W", "S", "A", "D", "UP", "LSHIFT", "LCTRL"])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(key_names, st.booleans())))
def test_any_rolling_over_keys_ends_at_rest(presses):
    with InputRig() as rig:
        keyboard = Keyboard(rig.pump)
        keyboard.open()
        for key, down in presses:
            (rig.down if down else rig.up)(key)
            rig.step()
        for key in ("W", "S", "A", "D", "UP", "LSHIFT", "LCTRL"):
            rig.up(key)
        steps(rig, 10)
        keyboard.read()
        rig.step()
        reading = keyboard.read()
    assert (reading.forward, reading.turn) == (0.0, 0.0)
    assert not reading.engaged
