import pygame
import pytest
from input_rig import InputRig
from pad_rig import needs_pad, opened, read
from virtual_joystick import CONTROLLER, UNKNOWN, VirtualJoystick

from iml_robot.core.errors import UsageError
from iml_robot.core.types import Request
from iml_robot.devices.gamepad import END_HOLD_S, Gamepad
from iml_robot.devices.input.pump import EventPump

pytestmark = needs_pad


@pytest.fixture
def gamepad(rig, pad):
    with opened(rig) as gamepad:
        yield gamepad


def test_an_untouched_pad_is_connected_and_at_rest(rig, gamepad):
    reading = read(rig, gamepad)
    assert reading.connected
    assert reading.name == "Virtual Controller"
    assert (reading.forward, reading.turn, reading.engaged) == (0.0, 0.0, False)


@pytest.mark.parametrize(
    ("axis", "value", "command"),
    [
        ("leftx", -1.0, (0.0, 1.0)),
        ("leftx", 1.0, (0.0, -1.0)),
        ("lefty", -1.0, (1.0, 0.0)),
        ("lefty", 1.0, (-1.0, 0.0)),
        ("righttrigger", 1.0, (1.0, 0.0)),
        ("lefttrigger", 1.0, (-1.0, 0.0)),
        ("rightx", 1.0, (0.0, 0.0)),
        # Half-way between dead zone and saturation, through the expo curve.
        ("leftx", -0.54, (0.0, 0.3 * 0.5**3 + 0.7 * 0.5)),
    ],
)
def test_sticks_and_triggers_command(rig, pad, gamepad, *, axis, value, command):
    pad.axis(axis, value)
    reading = read(rig, gamepad)
    assert (reading.forward, reading.turn) == pytest.approx(command, abs=1e-3)


@pytest.mark.parametrize(("value", "moving"), [(0.2, False), (0.3, True), (-0.3, True)])
def test_a_stick_beyond_a_quarter_takes_over(rig, pad, gamepad, value, moving):
    pad.axis("leftx", value)
    assert read(rig, gamepad).moving is moving


def test_deflections_that_add_up_to_nothing_still_take_over(rig, pad, gamepad):
    pad.axis("leftx", 0.5)
    pad.axis("lefty", -0.5)
    assert read(rig, gamepad).moving


def test_two_small_deflections_together_take_over(rig, pad, gamepad):
    pad.axis("leftx", 0.2)
    pad.axis("lefty", 0.2)  # the length of (0.2, 0.2) is 0.28
    assert read(rig, gamepad).moving


@pytest.mark.parametrize(
    ("button", "request_"),
    [
        ("a", Request.GIVE_BACK),
        ("back", Request.EMERGENCY_STOP),
    ],
)
def test_a_button_asks_once(rig, pad, gamepad, button, request_):
    pad.button(button, True)
    assert read(rig, gamepad).requests == {request_}
    assert read(rig, gamepad).requests == frozenset()


def test_start_pauses_at_the_press_and_resets_while_it_is_held(rig, pad, gamepad):
    pad.button("start", True)
    assert read(rig, gamepad).requests == {Request.PAUSE, Request.RESET}
    assert read(rig, gamepad).requests == {Request.RESET}
    pad.button("start", False)
    assert read(rig, gamepad).requests == frozenset()


def test_the_episode_ends_once_after_a_long_press_of_b(rig, pad, gamepad):
    pad.button("b", True)
    asked = [Request.END_EPISODE in read(rig, gamepad).requests for _ in range(40)]
    assert asked.count(True) == 1
    assert asked.index(True) * 0.05 == pytest.approx(END_HOLD_S, abs=0.06)


def test_a_short_press_of_b_ends_nothing(rig, pad, gamepad):
    for down in (True, False, True, False):
        pad.button("b", down)
        for _ in range(10):
            assert read(rig, gamepad).requests == frozenset()


def test_the_right_shoulder_grips_and_the_left_slows(rig, pad, gamepad):
    pad.button("rightshoulder", True)
    pad.button("leftshoulder", True)
    pad.axis("righttrigger", 1.0)
    reading = read(rig, gamepad)
    assert reading.gripping
    assert reading.forward == pytest.approx(0.3)


@pytest.mark.parametrize(("button", "value"), [("dpup", 1.0), ("dpdown", -1.0)])
def test_the_direction_pad_praises_and_blames(rig, pad, gamepad, button, value):
    pad.button(button, True)
    assert read(rig, gamepad).evaluation == value


def test_a_pulled_plug_is_a_loss_and_not_a_release(rig, pad, gamepad):
    pad.axis("righttrigger", 1.0)
    pad.button("rightshoulder", True)
    assert read(rig, gamepad).gripping
    pad.unplug()
    reading = read(rig, gamepad)
    assert reading.lost
    assert not reading.connected
    assert not reading.engaged
    assert reading.forward == 0.0
    assert not read(rig, gamepad).lost


def test_a_pad_plugged_in_again_is_bound_under_its_new_number(rig, pad, gamepad):
    before = pad.instance_id
    pad.unplug()
    read(rig, gamepad)
    pad.plug()
    assert pad.instance_id != before
    assert read(rig, gamepad).connected
    pad.axis("leftx", -1.0)
    assert read(rig, gamepad).turn == pytest.approx(1.0)


def test_a_loose_contact_within_one_step_is_still_seen(rig, pad, gamepad):
    pad.axis("leftx", -1.0)
    read(rig, gamepad)
    pad.unplug()
    pad.plug()
    reading = read(rig, gamepad)
    assert (reading.lost, reading.connected) == (True, False)
    assert read(rig, gamepad).connected


def test_a_loss_that_nobody_read_at_once_is_reported_later(rig, pad, gamepad):
    pad.unplug()
    rig.step()
    pad.plug()
    rig.step()
    reading = gamepad.read()
    assert (reading.lost, reading.connected) == (True, True)


def test_a_stop_pressed_just_before_the_loss_is_not_lost(rig, pad, gamepad):
    pad.button("back", True)
    rig.step()
    pad.unplug()
    rig.step()
    assert gamepad.read().requests == {Request.EMERGENCY_STOP}


def test_a_pad_that_is_not_there_yet_is_bound_when_it_comes(rig):
    with opened(rig) as gamepad:
        assert not read(rig, gamepad).connected
        with VirtualJoystick() as pad:
            assert read(rig, gamepad).connected
            pad.axis("lefty", -1.0)
            assert read(rig, gamepad).forward == pytest.approx(1.0)


def test_a_second_pad_is_ignored_until_the_first_is_gone(rig, pad, gamepad):
    with VirtualJoystick() as second:
        rig.step()
        second.axis("leftx", 1.0)
        assert read(rig, gamepad).turn == 0.0
        pad.unplug()
        assert read(rig, gamepad).lost
        assert read(rig, gamepad).connected
        second.axis("leftx", -1.0)
        assert read(rig, gamepad).turn == pytest.approx(1.0)


def test_a_pad_unknown_to_sdl_drives_by_number(rig, caplog):
    with VirtualJoystick(kind=UNKNOWN, buttons=11, hats=1) as pad, opened(rig) as gamepad:
        assert "is unknown to SDL" in caplog.text
        pad.axis(0, -1.0)
        pad.axis(1, -1.0)
        pad.button(5, True)
        pad.hat(0, 1)
        reading = read(rig, gamepad)
        assert (reading.turn, reading.forward) == pytest.approx((1.0, 1.0))
        assert reading.gripping
        assert reading.evaluation == 1.0
        pad.unplug()
        assert read(rig, gamepad).lost


def test_the_triggers_of_an_unknown_pad_count_once_seen_released(rig):
    triggers = {"lefttrigger": "a2", "righttrigger": "a5"}
    with (
        VirtualJoystick(kind=UNKNOWN, buttons=11) as pad,
        opened(rig, unknown_pad=triggers) as gamepad,
    ):
        pad.axis(5, 0.2)  # looks like 60 % of a pull, but was never seen at rest
        reading = read(rig, gamepad)
        assert (reading.forward, reading.moving) == (0.0, False)
        pad.axis(5, -1.0)
        rig.step()
        pad.axis(5, 1.0)
        assert read(rig, gamepad).forward == pytest.approx(1.0)


def test_a_motion_sensor_is_no_pad(rig):
    with VirtualJoystick(kind=UNKNOWN, axes=6, buttons=0), opened(rig) as gamepad:
        assert not read(rig, gamepad).connected


def test_a_pad_that_sdl_knows_is_preferred(rig):
    with (
        VirtualJoystick(kind=UNKNOWN),
        VirtualJoystick(kind=CONTROLLER) as pad,
        opened(rig) as gamepad,
    ):
        pad.axis("leftx", -1.0)
        assert read(rig, gamepad).turn == pytest.approx(1.0)


def test_a_pad_works_though_pygame_was_closed_before_the_last_gamepad():
    for _ in range(3):
        with InputRig() as rig:
            gamepad = Gamepad(rig.pump)
            gamepad.open()
            with VirtualJoystick() as pad:
                rig.step()
                pad.axis("leftx", -1.0)
                assert read(rig, gamepad).turn == pytest.approx(1.0)
    gamepad.close()


def test_a_pad_that_falls_silent_with_an_error_of_pygame_stops_no_loop(rig, monkeypatch):
    def broken():
        raise SystemError("returned a result with an exception set")

    with monkeypatch.context() as patch:
        patch.setattr(pygame.event, "get", broken)
        assert rig.step().events == ()
    rig.down("W")
    assert len(rig.step().events) == 1


def test_a_thousand_events_in_one_step_leave_the_last_one(rig, pad, gamepad):
    for i in range(1000):
        pad.axis("leftx", -1.0 if i % 2 else 1.0)
    assert read(rig, gamepad).turn == pytest.approx(1.0)


def test_the_drone_layout_uses_stick_mode_two(rig, pad):
    with opened(rig, layout="drone") as gamepad:
        for axis in ("leftx", "lefty", "rightx", "righty"):
            pad.axis(axis, -1.0)
        reading = read(rig, gamepad)
    command = (reading.turn, reading.up, reading.left, reading.forward)
    assert command == pytest.approx((1.0, 1.0, 1.0, 1.0))


def test_bindings_name_sticks_and_buttons():
    shown = dict(Gamepad(EventPump()).bindings())
    assert shown["RB"] == "hold: you drive"
    assert shown["BACK"] == "EMERGENCY STOP"
    assert shown["B (hold 0.8 s)"] == "end the episode"
    assert shown["RT/LT or left stick"] == "drive (takes over)"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"buttons": {"grip": "a"}}, "'a' is bound to both"),
        ({"buttons": {"grip": "rb"}}, "no button of a pad is called 'rb'"),
        ({"buttons": {"emergency_stop": []}}, "the emergency stop needs a control"),
        ({"unknown_pad": {"steer": "a0"}}, "no control of a pad is called 'steer'"),
        ({"unknown_pad": {"leftx": "axis 0"}}, "'leftx' cannot be on 'axis 0'; write b3"),
        ({"layout": "boat"}, "no layout is called 'boat'"),
    ],
)
def test_pad_bindings_that_cannot_work_are_refused(options, words):
    with pytest.raises(UsageError, match=words):
        Gamepad(EventPump(), **options)
