"""What a person likes about keys is applied; every sequence of presses ends at rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from input_rig import InputRig

from iml_robot.core.errors import UsageError
from iml_robot.core.station_settings import ControlSettings
from iml_robot.core.types import Request
from iml_robot.devices.input.bindings import MOVEMENTS
from iml_robot.devices.input.presets import KEYS_BY_HANDS
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.keyboard import LABELS, Keyboard, scancode

#: What a hand that drives reaches, by place on a US keyboard.
REACH = {
    "left": {*"12345QWERTASDFGZXCVB", "LSHIFT", "LCTRL", "SPACE", "ESCAPE", "TAB", "GRAVE"},
    "right": {*"67890YUIOPHJKLNM", "RSHIFT", "RCTRL", "SPACE", "RETURN", "BACKSPACE"}
    | {"MINUS", "EQUALS", "SLASH", "SEMICOLON", "COMMA", "PERIOD", "LEFTBRACKET"}
    | {"UP", "DOWN", "LEFT", "RIGHT"},
}

#: Keys of the window: help, knobs, undo.
WINDOW = {"F1", "H", "F7", "F8"}


@pytest.mark.parametrize("layout", ["rover", "drone"])
@pytest.mark.parametrize("hands", ["left", "right"])
def test_one_hand_reaches_everything_on_the_keyboard(hands, layout):
    bound = KEYS_BY_HANDS[layout][hands]
    assert set(bound) == set(KEYS_BY_HANDS[layout]["both"])
    keys = {name for names in bound.values() for name in names}
    assert all(bound.values())
    assert keys <= REACH[hands]
    assert not keys & WINDOW
    settings = ControlSettings(hands=hands)
    keyboard = Keyboard(EventPump(), layout=layout, settings=settings)
    assert keyboard.bindings()[0] == ("Space", "EMERGENCY STOP")


@pytest.mark.parametrize("layout", ["rover", "drone"])
@pytest.mark.parametrize("hands", ["both", "left", "right"])
def test_every_key_of_a_preset_exists_and_has_a_label_of_its_own(hands, layout):
    names = [name for keys in KEYS_BY_HANDS[layout][hands].values() for name in keys]
    assert len({scancode(name) for name in names}) == len(names)
    labels = [LABELS.get(name, name) for name in names]
    assert len(set(labels)) == len(labels)
    assert all(len(name) == 1 for name in names if name not in LABELS)


def test_keys_count_for_their_layout():
    liked = ControlSettings(keys={"drone": {"grip": ["Q"]}, "rover": {"grip": ["E"]}})
    for layout, key in (("drone", "Q"), ("rover", "E")):
        keyboard = Keyboard(EventPump(), layout=layout, settings=liked)
        assert (key, "hold: you drive") in keyboard.bindings()


def test_the_keys_of_the_task_go_before_what_a_person_likes():
    liked = ControlSettings(keys={"rover": {"grip": ["Q"], "slow": ["E"]}})
    keyboard = Keyboard(EventPump(), settings=liked, keys={"grip": "F"})
    shown = dict(keyboard.bindings())
    assert (shown["F"], shown["E"]) == ("hold: you drive", "hold: slow")


@pytest.mark.parametrize(
    ("keys", "options", "words"),
    [
        ({"grip": ["R"]}, {}, "the control 'R' is bound to both 'grip' and 'reset'"),
        ({"slow": ["Q"]}, {"keys": {"grip": "Q"}}, "to both 'grip' and 'slow'"),
        ({"grip": ["SHIFT"]}, {}, "no key is called 'SHIFT'"),
        ({"emergency_stop": []}, {}, "the emergency stop needs a control, got none"),
        ({"stop": ["F1"]}, {}, "cannot bind the action 'stop'"),
    ],
)
def test_a_contradiction_of_keys_is_refused_with_both_actions(keys, options, words):
    with pytest.raises(UsageError, match=words):
        Keyboard(EventPump(), settings=ControlSettings(keys={"rover": keys}), **options)


@pytest.fixture
def switched():
    with InputRig() as rig:
        keyboard = Keyboard(rig.pump, settings=ControlSettings(grip="toggle"))
        keyboard.open()
        yield rig, keyboard
        keyboard.close()


def gripping(rig, keyboard, *keys):
    for key in keys:
        rig.tap(key)
    rig.step()
    return keyboard.read().gripping


def test_a_switched_grip_of_the_keyboard_lasts_until_it_is_switched_again(switched):
    assert [gripping(*switched, *keys) for keys in (("LSHIFT",), (), ("LSHIFT",), ())] == [
        *(True, True),
        *(False, False),
    ]
    assert ("Left Shift", "press: you drive, or the policy") in switched[1].bindings()


@pytest.mark.parametrize("key", ["RETURN", "SPACE"])
def test_giving_back_and_stopping_switch_the_grip_off(switched, key):
    assert gripping(*switched, "LSHIFT")
    assert not gripping(*switched, key)


def test_losing_the_focus_and_a_new_episode_switch_the_grip_off(switched):
    rig, keyboard = switched
    assert gripping(rig, keyboard, "LSHIFT")
    rig.focus(gained=False)
    rig.focus(gained=True)
    assert not gripping(rig, keyboard)
    assert gripping(rig, keyboard, "LSHIFT")
    keyboard.reset()
    assert not gripping(rig, keyboard)


layouts = st.sampled_from([(a, b) for a in KEYS_BY_HANDS for b in KEYS_BY_HANDS[a]])
presses = st.lists(
    st.tuples(st.integers(0, 30), st.booleans(), st.floats(0.0, 0.2)), max_size=30
)


@given(layouts, presses, st.booleans())
def test_every_sequence_of_presses_and_releases_ends_at_rest(preset, presses, loses_focus):
    layout, hands = preset
    bound = KEYS_BY_HANDS[layout][hands]
    keys = [name for action in (*MOVEMENTS, "slow") for name in bound.get(action, ())]
    with InputRig() as rig:
        settings = ControlSettings(hands=hands)
        keyboard = Keyboard(rig.pump, layout=layout, settings=settings)
        keyboard.open()
        for number, down, dt_s in presses:
            (rig.down if down else rig.up)(keys[number % len(keys)])
            rig.step(dt_s)
            reading = keyboard.read()
            command = (reading.forward, reading.left, reading.up, reading.turn)
            assert all(abs(value) <= 1.0 for value in command)
        if loses_focus:
            # The releases go to another window.
            rig.focus(gained=False)
        else:
            for key in keys:
                rig.up(key)
        for _ in range(5):
            rig.step(0.1)
            keyboard.read()
        rig.step(0.1)
        reading = keyboard.read()
        assert (reading.forward, reading.left, reading.up, reading.turn) == (0, 0, 0, 0)
        assert not reading.engaged
        assert Request.EMERGENCY_STOP not in reading.requests
        keyboard.close()
