"""The same screens with a gamepad."""

import numpy as np
import pytest
from screen_rig import FEATURES, Hands, Rover, films, knobs, pictures, question
from virtual_joystick import AVAILABLE, UNKNOWN, VirtualJoystick

from iml_robot.core.feedback import Answer, WeightEdit, Wish
from iml_robot.devices.gamepad import Gamepad
from iml_robot.operators.human import HumanOperator
from iml_robot.station.knobs.screen import KnobScreen
from iml_robot.station.questions.annotator import WindowAnnotator
from iml_robot.station.questions.moment import MomentAsker

pytestmark = pytest.mark.skipif(not AVAILABLE, reason="this SDL has no virtual joysticks")


class Thumbs(Hands):
    """Moves a pad."""

    def tap(self, time_s, press, *arguments):
        self.at(time_s, press, *arguments, True)
        self.at(time_s + 0.05, press, *arguments, False)


@pytest.fixture
def thumbs(monkeypatch):
    return Thumbs(monkeypatch, gives_up_s=15.0)


@pytest.fixture
def pump(thumbs):
    return thumbs


@pytest.fixture
def device(stage, thumbs):
    """A gamepad device, which must be open for the buttons to arrive."""
    opened = []

    def make():
        opened.append(Gamepad(thumbs.pump))
        opened[-1].open()

    yield make
    for one in opened:
        one.close()


@pytest.fixture
def pad(stage, device):
    import pygame

    pygame.joystick.init()
    with VirtualJoystick() as plugged:
        device()
        yield plugged


@pytest.mark.parametrize(
    ("button", "answer"),
    [
        *[("dpleft", Answer.LEFT), ("dpright", Answer.RIGHT), ("dpdown", Answer.EQUAL)],
        *[("y", Answer.CANT_TELL), ("x", Answer.SKIP)],
    ],
)
def test_each_answer_has_its_button(stage, thumbs, pad, button, answer):
    thumbs.tap(3.0, pad.button, button)
    reply = WindowAnnotator(stage, films).answer(question())
    assert (reply.answer, reply.much) == (answer, False)


def test_a_double_press_of_a_button_means_much_better(stage, thumbs, pad):
    thumbs.tap(3.0, pad.button, "dpright")
    thumbs.tap(3.25, pad.button, "dpright")
    reply = WindowAnnotator(stage, films).answer(question())
    assert (reply.answer, reply.much) == (Answer.RIGHT, True)


@pytest.mark.parametrize(
    ("button", "wish"), [("leftshoulder", Wish.UNDO), ("b", Wish.LEAVE)]
)
def test_each_wish_has_its_button(stage, thumbs, pad, button, wish):
    thumbs.tap(1.0, pad.button, button)
    assert WindowAnnotator(stage, films).answer(question()) is wish


def test_the_other_buttons_do_what_the_help_says(stage, thumbs, pad):
    seen, shown = [], stage.show

    def show():
        seen.append({p.text for p in stage.texts})
        return shown()

    stage.show = show
    thumbs.tap(1.0, pad.button, "rightshoulder")
    thumbs.tap(1.5, pad.button, "start")
    thumbs.tap(1.8, pad.button, "dpup")
    thumbs.tap(3.0, pad.button, "a")
    thumbs.tap(4.5, pad.button, "dpup")
    thumbs.tap(5.0, pad.button, "dpleft")
    annotator = WindowAnnotator(stage, films, reward_features=FEATURES)
    reply = annotator.answer(question())
    assert reply.replays == 1
    assert any("Figures are hidden." in texts for texts in seen)
    assert any("left is better  (gamepad: D-pad left)" in texts for texts in seen)
    assert any(
        "'D-pad up' does nothing here. F1 shows the keys." in texts for texts in seen
    )
    # Who uses a pad is shown its buttons.
    assert "D-pad left" in seen[-1]
    assert "Left" not in seen[-1]


def test_a_stick_that_is_still_held_answers_nothing(stage, thumbs, pad):
    thumbs.at(2.5, pad.axis, "leftx", -1.0)
    thumbs.at(3.5, pad.axis, "leftx", 1.0)
    thumbs.tap(5.0, pad.button, "b")
    assert WindowAnnotator(stage, films).answer(question()) is Wish.LEAVE


def test_a_pad_that_sdl_does_not_know_answers_too(stage, thumbs, device):
    import pygame

    pygame.joystick.init()
    with VirtualJoystick(kind=UNKNOWN, buttons=11, hats=1) as plugged:
        device()
        # Its D-pad is a hat: 8 is left. Its third button lies where X is.
        thumbs.at(2.5, plugged.hat, 0, 8)
        thumbs.at(2.6, plugged.hat, 0, 0)
        annotator = WindowAnnotator(stage, films)
        assert annotator.answer(question()).answer is Answer.LEFT
        thumbs.tap(6.0, plugged.button, 2)
        assert annotator.answer(question()).answer is Answer.SKIP


def test_knobs_turn_with_a_pad(stage, thumbs, pad):
    for number, button in enumerate(("dpdown", "dpright", "y", "leftshoulder", "a"), 1):
        thumbs.tap(number * 0.2, pad.button, button)
    edits = KnobScreen(stage).edit(knobs())
    assert edits == (WeightEdit("clearance", -0.65, locked=True, sign=-1),)


def test_a_moment_is_answered_with_the_stick(stage, thumbs):
    import pygame

    pygame.joystick.init()
    with VirtualJoystick() as plugged:
        operator = HumanOperator(Rover(), pump=thumbs.pump)
        asker = MomentAsker(stage, operator, ("speed", "turn"))
        thumbs.at(0.5, plugged.axis, "lefty", -1.0)
        thumbs.at(0.5, plugged.axis, "leftx", 1.0)
        thumbs.tap(1.0, plugged.button, "a")
        action = asker.ask(pictures(10))
        operator.close()
    np.testing.assert_allclose(action, [1.0, -1.0], atol=1e-6)
