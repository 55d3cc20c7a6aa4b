"""A person shows what is right at a moment, with the devices that also drive."""

import numpy as np
import pygame
import pytest
from screen_rig import Hands, Rover, closing, pictures

from iml_robot.core.feedback import Wish
from iml_robot.operators.human import HumanOperator
from iml_robot.station.questions.moment import MomentAsker


class Fingers(Hands):
    """Posts presses and releases of keys."""

    def post(self, time_s, event):
        self.at(time_s, pygame.event.post, event)

    def down(self, time_s, name, kind=pygame.KEYDOWN):
        code = getattr(pygame, f"K_{name if len(name) > 1 else name.lower()}")
        values = {"key": code, "scancode": getattr(pygame, f"KSCAN_{name}"), "mod": 0}
        self.post(time_s, pygame.event.Event(kind, **values))

    def up(self, time_s, name):
        self.down(time_s, name, pygame.KEYUP)

    def tap(self, time_s, name):
        self.down(time_s, name)
        self.up(time_s, name)


@pytest.fixture
def hands(monkeypatch):
    return Fingers(monkeypatch, gives_up_s=20.0)


@pytest.fixture
def pump(hands):
    return hands


@pytest.fixture
def asker(stage, hands):
    operator = HumanOperator(Rover(), pump=hands.pump, devices=["keyboard"])
    yield MomentAsker(stage, operator, ("speed", "turn"))
    operator.close()


def test_what_the_keys_hold_is_the_answer(asker, hands):
    hands.down(0.2, "W")
    hands.down(0.2, "D")
    hands.tap(1.5, "RETURN")
    action = asker.ask(pictures(10))
    # Keys reach full after half a second; to the right is negative.
    np.testing.assert_allclose(action, [1.0, -1.0], atol=1e-6)
    assert action.dtype == np.float32


def test_the_answer_is_what_is_held_at_the_press(asker, hands):
    hands.down(0.2, "W")
    hands.up(1.0, "W")
    hands.down(1.0, "A")
    hands.tap(2.5, "RETURN")
    np.testing.assert_allclose(asker.ask(pictures(1)), [0.0, 1.0], atol=1e-6)


def test_standing_still_must_be_said_twice(asker, hands):
    hands.tap(1.0, "RETURN")
    hands.tap(2.0, "RETURN")
    np.testing.assert_array_equal(asker.ask(pictures(10)), [0.0, 0.0])
    assert hands.now_s == pytest.approx(102.0, abs=0.1)


def test_a_second_press_much_later_confirms_nothing(asker, hands):
    hands.tap(1.0, "RETURN")
    hands.tap(4.0, "RETURN")
    hands.tap(6.0, "ESCAPE")
    hands.down(5.0, "LSHIFT")
    assert asker.ask(pictures(10)) is Wish.LEAVE


def test_holding_the_dead_man_key_makes_standing_still_an_answer(asker, hands):
    hands.down(0.5, "LSHIFT")
    hands.tap(1.0, "RETURN")
    np.testing.assert_array_equal(asker.ask(pictures(10)), [0.0, 0.0])


def test_one_can_have_nothing_to_say(asker, hands):
    hands.down(0.2, "W")
    hands.tap(1.0, "BACKSPACE")
    assert asker.ask(pictures(10)) is None


def test_one_can_leave_and_close(asker, hands, stage):
    hands.tap(1.0, "ESCAPE")
    assert asker.ask(pictures(10)) is Wish.LEAVE
    hands.post(2.0, closing())
    assert asker.ask(pictures(10)) is Wish.LEAVE
    assert stage.closed


def test_presses_from_before_the_moment_do_not_answer_it(asker, hands, stage):
    hands.tap(0.0, "RETURN")
    hands.pump.pump()
    hands.tap(1.0, "BACKSPACE")
    assert asker.ask(pictures(10)) is None


def test_the_screen_shows_what_the_hands_hold(asker, hands, stage):
    seen, shown = set(), stage.show

    def show():
        seen.update(p.text for p in stage.texts)
        return shown()

    stage.show = show
    hands.down(0.2, "W")
    hands.down(0.2, "A")
    hands.tap(1.5, "RETURN")
    asker.ask(pictures(10), question="What now?")
    assert {"What now?", "hands off", "held: Enter takes it", "speed", "turn"} <= seen
    assert {"+1.00", "left 1.00", "W/S", "drive", "take what you hold"} <= seen
    assert not any("does nothing here" in text for text in seen)


def test_a_key_that_does_nothing_says_so(asker, hands, stage):
    seen, shown = set(), stage.show

    def show():
        seen.update(p.text for p in stage.texts)
        return shown()

    stage.show = show
    hands.tap(0.5, "K")
    hands.tap(1.0, "ESCAPE")
    asker.ask(pictures(10))
    assert "'K' does nothing here." in seen
