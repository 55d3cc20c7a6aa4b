"""A person calibrates a transmitter at the window."""

import itertools

import pytest
from calibration_demo import SCENES, SIZES, stage_of
from calibration_rig import Hand, drone_calibration, motion, plain_pad, unplugged
from screen_rig import ScriptedPump, closing, tap

from iml_robot.core.station_settings import AxisRange
from iml_robot.station.calibration.screen import CalibrationScreen


@pytest.fixture
def pump(monkeypatch):
    return ScriptedPump(monkeypatch)


@pytest.fixture
def stage(pump):
    made = pump.stage()
    yield made
    made.close()


def calibrated(stage, pad, **settings):
    return CalibrationScreen(stage).calibrate(pad, drone_calibration(pad, **settings))


def test_a_person_who_does_what_the_screen_says_has_a_calibrated_pad(stage, pump):
    hand = Hand(pump, tap)
    hand.all()
    hand.key("RETURN")
    found = calibrated(stage, plain_pad())
    ends = {"low": -0.9, "centre": 0.0, "high": 0.8}
    # The rig pushed forward and turned left to the low end, the others to the high one;
    # high is to be up and right. Stick mode 2.
    assert found.axes == {
        "righty": AxisRange(source="a2", reversed=True, **ends),
        "rightx": AxisRange(source="a0", reversed=True, **ends),
        "lefty": AxisRange(source="a3", reversed=False, **ends),
        "leftx": AxisRange(source="a1", reversed=False, **ends),
    }
    assert found.buttons == {"back": "b4", "rightshoulder": "b5"}
    assert found.name == "Some Transmitter"
    assert found.curve.dead_zone == pytest.approx(0.02)


@pytest.mark.parametrize("leaving", [tap("ESCAPE"), (closing(),)])
def test_leaving_or_closing_keeps_nothing(stage, pump, leaving):
    hand = Hand(pump, tap)
    hand.all()
    pump.at(hand.time_s, *leaving)
    assert calibrated(stage, plain_pad()) is None


def test_it_can_begin_again_at_any_time(stage, pump):
    hand = Hand(pump, tap)
    hand.ends(0, 1)
    hand.key("BACKSPACE")
    hand.time_s += 1.3
    hand.all()
    hand.key("RETURN")
    assert len(calibrated(stage, plain_pad()).axes) == 4


def test_a_pad_that_is_pulled_out_cannot_be_calibrated(stage, pump):
    hand = Hand(pump, tap)
    hand.all()
    pump.at(hand.time_s, unplugged())
    hand.time_s += 0.2
    hand.key("RETURN")
    hand.key("ESCAPE")
    assert calibrated(stage, plain_pad()) is None
    assert any("It was pulled out" in placed.text for placed in stage.texts)


def test_a_key_that_does_nothing_is_said_to(stage, pump):
    pump.at(0.2, *tap("z"))
    pump.at(0.6, closing())
    calibrated(stage, plain_pad())
    assert "'Z' does nothing here." in {placed.text for placed in stage.texts}


def test_the_stick_and_the_buttons_of_one_hand_are_asked_for(stage, pump):
    hand = Hand(pump, tap)
    hand.ends(0, 1)
    hand.key("RETURN")
    hand.push(1, -0.9)
    hand.push(0, 0.8)
    hand.press(4)
    hand.press(5)
    hand.key("RETURN")
    liked = {"hands": "right", "buttons": {"grip": ["dpleft"]}}
    found = calibrated(stage, plain_pad(), **liked)
    assert set(found.axes) == {"rightx", "righty"}
    assert found.buttons == {"start": "b4", "dpleft": "b5"}


def test_the_bars_follow_the_axes(stage, pump):
    pictures = []
    shown = stage.show
    stage.show = lambda: (pictures.append(stage.surface.copy()), shown())[1]
    pump.at(1.5, motion(0, -0.9))
    pump.at(2.0, closing())
    calibrated(stage, plain_pad())
    before, after = pictures[-30], pictures[-1]
    changed = [
        x
        for x in range(before.get_width())
        if any(before.get_at((x, y)) != after.get_at((x, y)) for y in range(130, 170))
    ]
    # The track of axis 0 takes 74 % of the right 70 % of the inner width.
    inner_left, inner = 15, 930
    left, width = inner_left + inner * (0.3 + 0.7 * 0.26), inner * 0.7 * 0.74
    at_low, middle = left + width * 0.05, left + width / 2
    assert min(changed) == pytest.approx(at_low, abs=12)
    assert max(changed) == pytest.approx(middle, abs=12)


@pytest.mark.parametrize("size", [*SIZES, (1024, 768, 1.0), (2560, 1080, 1.0)], ids=str)
@pytest.mark.parametrize("scene", SCENES)
def test_texts_are_whole_apart_and_on_the_screen(monkeypatch, scene, size):
    stage = stage_of(scene, monkeypatch, size)
    texts = stage.texts
    screen = stage.surface.get_rect()
    stage.close()
    assert len(texts) > 8
    assert [p.wanted for p in texts if p.text != p.wanted] == []
    pairs = itertools.combinations(texts, 2)
    assert [(a.text, b.text) for a, b in pairs if a.rect.colliderect(b.rect)] == []
    assert all(screen.contains(p.rect) for p in texts)
