"""The launcher is walked through with keys and the mouse, and nothing is cut off."""

import sys
from pathlib import Path

import numpy as np
import pygame
import pytest
import screen_rig as rig
from settings_rig import SIZES, Screens, assert_whole, at_every_frame

from iml_robot.core.config import load_config
from iml_robot.station.launcher.catalog import Offer, offers
from iml_robot.station.launcher.draft import Draft
from iml_robot.station.launcher.launch import Launch
from iml_robot.station.launcher.screen import LauncherScreen
from iml_robot.station.launcher.sessions import StoredSession
from iml_robot.station.launcher.waiting import WaitingScreen


class Pictures:
    """Pictures that are there at once, or being drawn."""

    def __init__(self, drawing=False):
        self.drawing = drawing
        shades = np.linspace(0, 255, 420 * 640 * 3).reshape(420, 640, 3)
        self._picture = None if drawing else shades.astype(np.uint8)

    def picture(self, offer):
        return self._picture


def unfinished():
    env_id = load_config("quickstart").env.id
    path = Path("runs/quickstart-20261123T114500Z")
    policy = path / "policies" / "0012.safetensors"
    return StoredSession(path, "quickstart", env_id, 7, 20, 0.0, policy)


@pytest.fixture
def screens(monkeypatch, tmp_path):
    yield lambda **options: Screens(monkeypatch, tmp_path / "station.yaml", **options)
    pygame.display.quit()


def launcher(run, draft=None, *, drawing=False, settings=lambda: None):
    draft = draft or Draft(offers(), [unfinished()], now_unix_s=7300.0)
    pictures = Pictures(drawing)
    return LauncherScreen(run.stage, draft, run.pads, previews=pictures, settings=settings)


def test_start_runs_what_is_shown(screens):
    run = screens()
    run.press("DOWN", "DOWN", "RIGHT", "DOWN", "DOWN", "RIGHT", "RIGHT")
    run.press("UP", "UP", "UP", "UP", "RETURN")
    said = []
    at_every_frame(run.stage, lambda: said.append(" ".join(run.shown())))
    launch = launcher(run).choose()
    # Quickstart comes first, the others by name.
    assert launch == Launch("supervised", "canyon", episodes=2)
    assert launch.command in said[-1]


def test_unfinished_sessions_are_offered_at_once(screens):
    run = screens()
    run.press(*["DOWN"] * 5, "RIGHT", *["UP"] * 5, "RETURN")
    said = []
    at_every_frame(run.stage, lambda: said.extend(run.shown()))
    assert launcher(run).choose().session == unfinished().path
    assert "1 session is not finished: choose it in the line 'Session'." in said
    assert any(text.startswith("◂ 7 of 20, 2 h ago") for text in said)


def test_settings_open_and_lead_back_and_quit_quits(screens):
    run = screens()
    opened = []
    run.press("UP", "UP", "RETURN", "DOWN", "RETURN")
    assert launcher(run, settings=lambda: opened.append(True)).choose() is None
    assert opened == [True]


def test_space_starts_nothing(screens):
    run = screens()
    run.press("SPACE")
    run.close()
    assert launcher(run).choose() is None


def test_what_cannot_be_run_is_not_started(screens):
    run = screens()
    said = []
    at_every_frame(run.stage, lambda: said.extend(run.shown()))
    run.press("RETURN")
    run.close()
    draft = Draft([Offer("x", trouble="x.yaml:3: no such key")])
    assert launcher(run, draft).choose() is None
    assert "x.yaml:3: no such key" in said


def test_a_click_starts(screens):
    run = screens()
    for number in range(3):
        click = pygame.event.Event(
            pygame.MOUSEBUTTONDOWN, pos=(200, 100 + 10 * number), button=1, touch=False
        )
        run.pump.at(0.5, click)
    assert launcher(run).choose() == Launch("supervised", "quickstart")


SCENES = {
    "launcher": ((), {}),
    "launcher-drawing": (("DOWN",), {"drawing": True}),
    "launcher-resume": (("DOWN", "DOWN", "DOWN", "DOWN", "DOWN", "RIGHT"), {}),
    "launcher-evaluate": (("DOWN", "LEFT", "LEFT", "DOWN", "DOWN", "RIGHT"), {}),
    "launcher-label": (("DOWN", "LEFT"), {}),
    "launcher-demonstrate": (("DOWN", "RIGHT", "DOWN", "RIGHT"), {}),
}


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("scene", SCENES)
def test_nothing_of_the_launcher_is_cut_off(screens, scene, size):
    presses, options = SCENES[scene]
    themes = ("dark", "light", "contrast")
    theme = themes[(list(SCENES).index(scene) + SIZES.index(size)) % 3]
    run = screens(size=size, theme=theme)
    # The greeting has gone by then.
    run.pump.at(5.5, rig.closing())
    run.press(*presses)
    draft = Draft(offers(), [unfinished()], now_unix_s=7300.0)
    launcher(run, draft, **options).choose()
    assert_whole(run.stage)
    # Nothing of the command is left out.
    said = "".join("".join(run.shown()).split())
    assert "".join(draft.launch().command.split()) in said


def test_trouble_with_a_long_path_is_not_cut_off(screens):
    run = screens(size=(1280, 720, 1.5))
    run.close()
    trouble = "/home/somebody/projects/robots/" + "very/" * 20 + "own.yaml:3:7: no such key"
    launcher(run, Draft([Offer("own", trouble=trouble)])).choose()
    beside = [p for p in run.stage.texts if p.rect.left > 640]
    assert [p.wanted for p in beside if p.text != p.wanted] == []


def waiting(run, code, title="Evaluating rover_rocks on quickstart"):
    command = [sys.executable, "-u", "-c", code]
    return WaitingScreen(run.stage, run.pads, title, command=command)


def real_time(run, monkeypatch):
    """Let the clock of the test wait for a process."""
    import time

    sleep = time.sleep

    def both(seconds):
        run.pump.now_s += seconds
        sleep(seconds)

    monkeypatch.setattr("iml_robot.station.stage.time.sleep", both)


def test_what_a_command_says_is_shown_until_somebody_goes_on(screens, monkeypatch):
    run = screens()
    real_time(run, monkeypatch)
    seen = []

    def look():
        seen.append(run.shown())
        if "done" in seen[-1] and "familiar: 90 %" in seen[-1]:
            run.pump.at(0.1, *rig.tap("RETURN"))

    at_every_frame(run.stage, look)
    assert waiting(run, "print('familiar: 90 %')").show() == 0
    assert "familiar: 90 %" in seen[-1]


def test_a_command_can_be_stopped(screens, monkeypatch):
    run = screens()
    real_time(run, monkeypatch)
    run.pump.at(0.3, *rig.tap("RETURN"))
    assert waiting(run, "import time; print('begun'); time.sleep(60)").show() != 0


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_long_lines_of_a_command_are_whole(screens, size, monkeypatch):
    run = screens(size=size)
    real_time(run, monkeypatch)
    run.pump.at(0.7, rig.closing())
    waiting(run, "for k in range(30): print('map', k, 'word ' * 20)").show()
    assert_whole(run.stage)
