"""What a person likes about pads is applied: curves, sticks, hands, buttons and grip."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pad_rig import guid_of_first, needs_pad, opened, read

from iml_robot.core.errors import UsageError
from iml_robot.core.station_settings import (
    ControlSettings,
    CurveSettings,
    PadSettings,
)
from iml_robot.devices.gamepad import LABELS, Gamepad
from iml_robot.devices.input.presets import BUTTONS_BY_HANDS
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.input.sticks import STICK_MODES


@needs_pad
def test_the_curve_that_a_person_likes_shapes_the_stick(rig, pad):
    curve = CurveSettings(dead_zone=0.2, saturation=0.2, expo=0.5, most=0.6)
    with opened(rig, settings=ControlSettings(curve=curve)) as gamepad:
        pad.axis("leftx", -0.5)
        # (0.5 - 0.2) / (1 - 0.2 - 0.2) = 0.5 of the travel.
        expected = 0.6 * (0.5 * 0.5**3 + 0.5 * 0.5)
        assert read(rig, gamepad).turn == pytest.approx(expected, abs=1e-3)
        pad.axis("leftx", -1.0)
        assert read(rig, gamepad).turn == pytest.approx(0.6)


@needs_pad
def test_a_pad_has_a_curve_of_its_own(rig, pad):
    own = PadSettings(curve=CurveSettings(most=0.5))
    liked = ControlSettings(curve=CurveSettings(most=0.8), pads={guid_of_first(): own})
    with opened(rig, settings=liked) as gamepad:
        pad.axis("leftx", -1.0)
        assert read(rig, gamepad).turn == pytest.approx(0.5)


@needs_pad
def test_a_stick_that_rests_within_a_wide_dead_zone_takes_nothing_over(rig, pad):
    wide = ControlSettings(curve=CurveSettings(dead_zone=0.3))
    with opened(rig, settings=wide) as gamepad:
        pad.axis("leftx", -0.28)
        assert not read(rig, gamepad).moving
        pad.axis("leftx", -0.32)
        assert read(rig, gamepad).moving


curves = st.builds(
    CurveSettings,
    dead_zone=st.floats(0, 0.3),
    saturation=st.floats(0, 0.3),
    expo=st.floats(0, 1),
    most=st.floats(0.1, 1),
)


@given(curves, st.floats(-1, 1), st.floats(-1, 1))
def test_no_curve_leaves_its_range_or_turns_round(curve, a, b):
    from iml_robot.devices.input.shaping import shape_axis

    low, high = sorted((a, b))
    assert -curve.most <= shape_axis(low, curve) <= shape_axis(high, curve) <= curve.most
    assert shape_axis(-a, curve) == -shape_axis(a, curve)


#: Left X, left Y, right X, right Y of each mode, as transmitters are sold.
MODES = {
    1: ("turn", "forward", "left", "up"),
    2: ("turn", "up", "left", "forward"),
    3: ("left", "forward", "turn", "up"),
    4: ("left", "up", "turn", "forward"),
}


@needs_pad
@pytest.mark.parametrize("mode", MODES)
def test_each_stick_mode_puts_the_directions_where_transmitters_have_them(rig, pad, mode):
    with opened(rig, layout="drone", settings=ControlSettings(stick_mode=mode)) as gamepad:
        axes = ("leftx", "lefty", "rightx", "righty")
        for axis, direction in zip(axes, MODES[mode], strict=True):
            pad.axis(axis, -1.0)
            reading = read(rig, gamepad)
            pad.axis(axis, 0.0)
            moved = {d: getattr(reading, d) for d in MODES[mode] if getattr(reading, d)}
            assert moved == {direction: pytest.approx(1.0)}


def test_the_labels_follow_the_stick_mode():
    shown = {}
    for mode in STICK_MODES:
        liked = ControlSettings(stick_mode=mode)
        lines = dict(Gamepad(EventPump(), layout="drone", settings=liked).bindings())
        shown[mode] = lines["left stick"], lines["right stick"]
    assert shown[1] == (
        "fly along, turn (takes over)",
        "climb, descend, fly sideways (takes over)",
    )
    assert shown[2] == (
        "climb, descend, turn (takes over)",
        "fly along and sideways (takes over)",
    )
    assert shown[3] == (shown[2][1], shown[2][0])
    assert shown[4] == (shown[1][1], shown[1][0])


#: What each thumb and finger reaches; BACK, START and GUIDE lie in the middle.
REACH = {
    "left": {"leftshoulder", "lefttrigger", "leftstick", "dpup", "dpdown"}
    | {"dpleft", "dpright", "back", "start", "guide"},
    "right": {"rightshoulder", "righttrigger", "rightstick", "a", "b", "x", "y"}
    | {"back", "start", "guide"},
}


@pytest.mark.parametrize("layout", ["rover", "drone"])
@pytest.mark.parametrize("hands", ["left", "right"])
def test_one_hand_reaches_everything_on_a_pad(hands, layout):
    bound = BUTTONS_BY_HANDS[layout][hands]
    both = BUTTONS_BY_HANDS[layout]["both"]
    assert set(both) <= {action for action, names in bound.items() if names}
    assert {name for names in bound.values() for name in names} <= REACH[hands]
    gamepad = Gamepad(EventPump(), layout=layout, settings=ControlSettings(hands=hands))
    labels = [label for label, _ in gamepad.bindings()]
    assert not any(
        label.startswith(("RT/LT", "left" if hands == "right" else "right"))
        and "stick" in label
        and "click" not in label
        for label in labels
    )
    assert set(LABELS) >= {name for names in bound.values() for name in names}


@needs_pad
@pytest.mark.parametrize("hands", ["left", "right"])
def test_one_stick_flies_a_drone_with_the_trigger_as_a_shift(rig, pad, hands):
    with opened(rig, layout="drone", settings=ControlSettings(hands=hands)) as gamepad:
        pad.axis(f"{hands}trigger", -1.0)
        pad.axis(f"{hands}x", -1.0)
        pad.axis(f"{hands}y", -1.0)
        plain = read(rig, gamepad)
        pad.axis(f"{hands}trigger", 1.0)
        shifted = read(rig, gamepad)
    one = pytest.approx(1.0)
    assert (plain.forward, plain.turn, plain.up, plain.left) == (one, one, 0, 0)
    assert (shifted.forward, shifted.turn, shifted.up, shifted.left) == (0, 0, one, one)


@needs_pad
def test_one_stick_and_one_hand_drive_a_rover(rig, pad):
    with opened(rig, settings=ControlSettings(hands="left")) as gamepad:
        pad.axis("lefttrigger", -1.0)
        pad.axis("leftx", -1.0)
        pad.axis("rightx", 1.0)
        pad.button("leftshoulder", True)
        reading = read(rig, gamepad)
        assert (reading.turn, reading.gripping) == (pytest.approx(1.0), True)
        pad.axis("lefttrigger", 1.0)
        assert read(rig, gamepad).turn == pytest.approx(0.3)


def test_the_options_of_the_task_go_before_what_a_person_likes():
    liked = ControlSettings(buttons={"grip": ["y"]})
    assert ("Y", "hold: you drive") in Gamepad(EventPump(), settings=liked).bindings()
    both = Gamepad(EventPump(), settings=liked, buttons={"grip": "leftstick"})
    assert ("left stick click", "hold: you drive") in both.bindings()


@pytest.mark.parametrize(
    ("liked", "options", "words"),
    [
        ({"buttons": {"grip": ["a"]}}, {}, "'a' is bound to both 'grip' and 'give_back'"),
        ({"buttons": {"grip": ["y"]}}, {"buttons": {"good": "y"}}, "'grip' and 'good'"),
        ({"buttons": {"emergency_stop": []}}, {}, "the emergency stop needs a control"),
        ({"buttons": {"grip": ["lefttrigger"]}}, {}, "to both 'grip' and 'drive'"),
        ({"buttons": {"grp": ["y"]}}, {}, "cannot bind the action 'grp'; did you mean"),
        ({"hands": "left"}, {"buttons": {"good": "dpright"}}, "'give_back' and 'good'"),
    ],
)
def test_a_contradiction_is_refused_with_both_actions(liked, options, words):
    with pytest.raises(UsageError, match=words):
        Gamepad(EventPump(), settings=ControlSettings(**liked), **options)


@needs_pad
def test_a_switched_grip_lasts_until_the_next_press(rig, pad):
    with opened(rig, settings=ControlSettings(grip="toggle")) as gamepad:
        gripping = []
        for down in (True, False, False, True, False):
            pad.button("rightshoulder", down)
            gripping.append(read(rig, gamepad).gripping)
        assert gripping == [True, True, True, False, False]
        assert ("RB", "press: you drive, or the policy") in gamepad.bindings()


@needs_pad
@pytest.mark.parametrize("ending", ["give back", "stop", "focus", "episode", "unplugged"])
def test_a_switched_grip_ends_with_whatever_ends_driving(rig, pad, ending):
    with opened(rig, settings=ControlSettings(grip="toggle")) as gamepad:
        pad.button("rightshoulder", True)
        assert read(rig, gamepad).gripping
        if ending == "give back":
            pad.button("a", True)
        elif ending == "stop":
            pad.button("back", True)
        elif ending == "focus":
            rig.focus(gained=False)
            rig.focus(gained=True)
        elif ending == "episode":
            gamepad.reset()
        else:
            pad.unplug()
            rig.step()
            pad.plug()
            rig.step()
        assert not read(rig, gamepad).gripping
