"""The six questions about the work may be left out, all or some, at any point."""

import pygame
import pytest
import screen_rig as rig

from iml_robot.station.workload.form import LoadForm
from iml_robot.station.workload.scales import SCALES
from iml_robot.station.workload.screen import LoadScreen


@pytest.fixture
def pump(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield rig.ScriptedPump(monkeypatch)
    pygame.display.quit()


def ask(pump, *presses):
    for count, name in enumerate(presses):
        pump.at(0.6 + 0.1 * count, *rig.tap(name))
    return LoadScreen(pump.stage()).ask()


def test_there_are_the_six_scales_of_the_index():
    names = ["mental", "physical", "temporal", "performance", "effort", "frustration"]
    assert [scale.key for scale in SCALES] == names


def test_answers_are_given_with_the_arrows_and_enter(pump):
    presses = []
    for right in range(1, 7):
        presses += [*["RIGHT"] * right, "RETURN"]
    answers = ask(pump, *presses, "RETURN")
    assert list(answers.values.values()) == [55, 60, 65, 70, 75, 80]
    assert answers.complete
    # (55 + 60 + 65 + 70 + 75 + 80) / 6
    assert answers.mean == 67.5


def test_whoever_skips_keeps_what_was_answered(pump):
    answers = ask(pump, "LEFT", "DOWN", "DOWN", "RIGHT", "RIGHT", "ESCAPE")
    assert answers.values == {"mental": 45, "temporal": 60}
    assert not answers.complete
    assert answers.mean == 52.5


def test_whoever_skips_at_once_has_said_nothing(pump):
    answers = ask(pump, "ESCAPE")
    assert answers.values == {}
    assert answers.mean is None


@pytest.mark.parametrize("key", ["RETURN", "SPACE"])
def test_enter_alone_and_space_answer_nothing(pump, key):
    pump.at(3.0, rig.closing())
    assert ask(pump, *[key] * 5).values == {}


def test_an_answer_is_taken_back(pump):
    assert ask(pump, "RIGHT", "BACKSPACE", "ESCAPE").values == {}


def test_nobody_there_ends_it_after_two_minutes(pump, monkeypatch):
    monkeypatch.setattr("iml_robot.station.stage.FRAME_S", 0.5)
    pump.gives_up_s = 200.0
    assert ask(pump).seconds_spent == pytest.approx(120.0, abs=0.6)


@pytest.mark.parametrize(
    ("value", "stands"), [(-20, 0), (12.4, 10), (12.6, 15), (50, 50), (140, 100)]
)
def test_sliders_snap_to_steps_of_5_between_0_and_100(value, stands):
    form = LoadForm()
    form.put(2, value)
    assert form.answers(1.0).values == {"temporal": stands}
    for _ in range(30):
        form.turn(-1)
    assert form.value("temporal") == 0


def test_the_mouse_moves_a_slider_and_ends_it(pump):
    stage = pump.stage()
    shown = []

    def show():
        if not shown and pump.now_s > 0.6:
            texts = {placed.text: placed.rect for placed in stage.texts}
            shown.append(texts)
            bar = screen._bars[4]
            click(pump, 0.2, (bar.left + bar.width * 3 // 10, bar.centery))
            click(pump, 0.6, texts["Done"].center)
        return 40.0

    stage.show = show
    screen = LoadScreen(stage)
    assert screen.ask().values == {"effort": 30}


def click(pump, at_s, spot):
    for later, kind in ((0.0, pygame.MOUSEBUTTONDOWN), (0.1, pygame.MOUSEBUTTONUP)):
        pump.at(at_s + later, pygame.event.Event(kind, pos=spot, button=1, touch=False))
