"""Keys and pad buttons by what they do, on every layout."""

import pygame
import pytest
from screen_rig import key, tap, typed

from iml_robot.core.errors import UsageError
from iml_robot.devices.gamepad import PAD_BUTTONS
from iml_robot.devices.keyboard import KEYS
from iml_robot.station.controls import Control, Controls, rebound
from iml_robot.station.knobs.screen import CONTROLS as KNOB_CONTROLS
from iml_robot.station.questions.annotator import CONTROLS
from iml_robot.station.questions.moment import CONTROLS as MOMENT_CONTROLS

# Key codes of characters beyond ASCII are their Unicode numbers.
SHARP_S, CYRILLIC_S, CYRILLIC_R = 0xDF, 0x44B, 0x43A


def read(*events, controls=CONTROLS):
    return Controls(controls).read(events, 0.0)


@pytest.mark.parametrize(
    ("name", "action"),
    [
        *[("LEFT", "left"), ("RIGHT", "right"), ("DOWN", "equal"), ("s", "skip")],
        *[("u", "undo"), ("BACKSPACE", "undo"), ("r", "replay"), ("f", "figures")],
        *[("F1", "help"), ("ESCAPE", "leave"), ("h", "cant_tell")],
    ],
)
def test_every_key_does_what_the_screen_says(name, action):
    assert read(*tap(name)).actions == (action,)


@pytest.mark.parametrize(
    ("layout", "event"),
    [
        ("US", typed("?", code=pygame.K_SLASH, place="SLASH")),
        ("US without Shift", typed("/", code=pygame.K_SLASH, place="SLASH")),
        ("German", typed("?", code=SHARP_S, place="MINUS")),
        ("French", typed("?", code=pygame.K_COMMA, place="M")),
        ("German, 7 with Shift", typed("/", code=pygame.K_7, place="7")),
    ],
)
def test_a_question_mark_is_found_on_every_layout(layout, event):
    assert read(event).actions == ("cant_tell",), layout


def test_letters_count_as_printed_on_the_caps():
    # On a Dvorak keyboard S lies where a US keyboard has its semicolon, and O at its S.
    assert read(typed("s", code=pygame.K_s, place="SEMICOLON")).actions == ("skip",)
    assert read(typed("o", code=pygame.K_o, place="S")).actions == ()


def test_letters_count_by_their_place_where_the_caps_have_others():
    assert read(typed("\u044b", code=CYRILLIC_S, place="S")).actions == ("skip",)
    assert read(typed("\u043a", code=CYRILLIC_R, place="R")).actions == ("replay",)


def test_a_character_is_not_mistaken_for_the_place_of_another():
    # The German sharp S lies where a US keyboard has its minus.
    assert (
        read(typed("\u00df", code=SHARP_S, place="MINUS"), controls=KNOB_CONTROLS).actions
        == ()
    )
    minus = typed("-", code=pygame.K_MINUS, place="SLASH")
    assert read(minus, controls=KNOB_CONTROLS).actions == ("negative",)


def test_an_unknown_key_is_named():
    assert read(*tap("z")).unknown == ("Z",)
    assert read(*tap("SPACE", typed=" ")).unknown == ("Space",)
    assert read(*tap("F7")).unknown == ("f7",)


@pytest.mark.parametrize("name", ["LSHIFT", "RCTRL", "LALT", "CAPSLOCK"])
def test_modifiers_are_no_presses(name):
    found = read(*tap(name))
    assert (found.actions, found.unknown) == ((), ())


def test_the_repeats_of_a_keyboard_are_no_second_press():
    assert read(*[key("LEFT")] * 5).actions == ("left",)
    assert read(*tap("LEFT"), *tap("LEFT")).actions == ("left", "left")


def test_what_was_held_before_the_screen_is_forgotten():
    controls = Controls(CONTROLS)
    controls.read([key("LEFT")], 0.0)
    controls.begin()
    assert controls.read([key("LEFT")], 1.0).actions == ("left",)


def test_a_held_key_repeats_only_where_it_should():
    controls, seen = Controls(KNOB_CONTROLS), []
    controls.read([key("RIGHT"), key("l")], 0.0)
    for k in range(1, 101):
        seen += controls.read([], k * 0.02).actions
    assert set(seen) == {"more"}
    # From 0.4 s to 2 s, every 0.06 s: each pause is rounded up to pictures of 0.02 s.
    assert len(seen) == pytest.approx(1.6 / 0.06, abs=2)
    assert controls.held_s("more", 2.0) == pytest.approx(2.0)
    controls.read([key("RIGHT", kind=pygame.KEYUP)], 2.0)
    assert controls.read([], 3.0).actions == ()
    assert controls.held_s("more", 3.0) == 0.0


def test_a_lost_focus_lets_go_of_every_key():
    controls = Controls(KNOB_CONTROLS)
    controls.read([key("RIGHT")], 0.0)
    controls.read([pygame.event.Event(pygame.WINDOWFOCUSLOST)], 0.1)
    assert controls.read([], 5.0).actions == ()


@pytest.mark.parametrize("controls", [CONTROLS, KNOB_CONTROLS, MOMENT_CONTROLS])
def test_no_key_or_button_does_two_things(controls):
    assert rebound(controls) == tuple(controls)
    assert all(control.keys and control.buttons for control in controls)


@pytest.mark.parametrize("controls", [CONTROLS, KNOB_CONTROLS, MOMENT_CONTROLS])
def test_nothing_lies_on_the_emergency_stop(controls):
    # A stop that is pressed between episodes still stops the next one.
    keys = {key for control in controls for key in control.keys}
    buttons = {button for control in controls for button in control.buttons}
    assert not keys & set(KEYS["rover"]["emergency_stop"])
    assert not buttons & set(PAD_BUTTONS["emergency_stop"])


def test_driving_a_moment_is_left_to_the_keys_that_drive():
    driving = {"forward", "backward", "turn_left", "turn_right", "climb", "descend"}
    driving |= {"move_left", "move_right", "grip", "slow"}
    own = {key for control in MOMENT_CONTROLS for key in control.keys}
    for layout in KEYS.values():
        assert not own & {k for action in driving & set(layout) for k in layout[action]}


def test_controls_can_be_put_on_other_keys():
    bound = rebound(CONTROLS, {"skip": "N", "undo": ["Q"]}, {"skip": "leftstick"})
    assert read(*tap("n"), *tap("q"), controls=bound).actions == ("skip", "undo")
    assert read(*tap("s"), controls=bound).unknown == ("S",)
    assert ("N", "skip") in Controls(bound).bindings(pad=False)
    assert ("left stick click", "skip") in Controls(bound).bindings(pad=True)


def test_keys_that_contradict_each_other_are_refused():
    with pytest.raises(UsageError, match="'U' is bound to both 'skip' and 'undo'"):
        rebound(CONTROLS, {"skip": "U"})
    with pytest.raises(UsageError, match="button 'a' is bound to both"):
        rebound(CONTROLS, None, {"undo": "a"})
    with pytest.raises(UsageError, match=r"cannot bind 'skp'.*skip"):
        rebound(CONTROLS, {"skp": "N"})


def test_presses_come_in_their_order():
    once = Control("once", "do it", ("A",))
    twice = Control("twice", "do it again", ("B",))
    found = read(*tap("b"), *tap("a"), *tap("b"), controls=(once, twice))
    assert found.actions == ("twice", "once", "twice")
