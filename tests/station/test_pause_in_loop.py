"""The pause menu between real devices and the real arbiter, step by step."""

import gymnasium as gym
import numpy as np
import pygame
import pytest
from input_rig import CONTROL_DT_S, InputRig
from virtual_joystick import AVAILABLE, VirtualJoystick

from iml_robot.arbitration.takeover import Takeover
from iml_robot.core.types import Mode
from iml_robot.operators.human import HumanOperator
from iml_robot.station.pause.choices import PauseChoice, spoken
from iml_robot.station.pause.facts import PauseFacts
from iml_robot.station.pause.menu import PauseMenu
from iml_robot.station.text import Scribe

NOTHING = np.zeros(2, np.float32)
AHEAD = np.array([0.7, 0.0], np.float32)


class Rover:
    action_space = gym.spaces.Box(-1, 1, (2,), np.float32)


class Drive:
    """A control loop without a robot."""

    def __init__(self, rig):
        self.rig = rig
        self.operator = HumanOperator(Rover(), pump=rig.pump)
        self.operator.open()
        self.arbiter, self.menu = Takeover(2), PauseMenu()
        self.chosen, self.decision = [], None
        self.surface = pygame.Surface((1280, 720))

    def step(self, count=1):
        """Go some control steps; return the mode after them."""
        for _ in range(count):
            self.rig.now_s += CONTROL_DT_S
            signal = self.operator.advise(NOTHING, AHEAD, {})
            if self.menu.is_open:
                pump = self.rig.pump
                choice = self.menu.feed(pump.events, pump.time_s, requests=signal.requests)
                signal = spoken(signal, choice)
                self.chosen += [choice] if choice else []
            self.decision = self.arbiter.decide(AHEAD, signal, elapsed_s=CONTROL_DT_S)
            self.menu.follow(self.decision.mode, PauseFacts(), self.rig.pump.time_s)
            self.menu.draw(Scribe(self.surface, 1.0), pygame.Rect(18, 84, 1244, 618))
        return self.decision.mode

    def tap(self, name):
        """Press and release a key in one control step, and wait for half a second."""
        self.rig.tap(name)
        mode = self.step()
        self.step(10)
        return mode


@pytest.fixture
def drive(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS", "1")
    with InputRig() as rig:
        made = Drive(rig)
        rig.focus(True)
        made.step(12)
        yield made
        made.operator.close()


def test_escape_pauses_and_goes_on_without_a_flicker(drive):
    assert drive.tap("ESCAPE") is Mode.PAUSED
    assert drive.menu.is_open
    assert drive.tap("ESCAPE") is Mode.AUTO
    assert drive.chosen == [PauseChoice.RESUME]
    assert drive.step(20) is Mode.AUTO


@pytest.mark.parametrize("key", ["ESCAPE", "P"])
def test_going_on_while_a_key_drives_holds(drive, key):
    drive.rig.down("W")
    assert drive.step(4) is Mode.HUMAN
    assert drive.tap(key) is Mode.PAUSED
    assert drive.tap(key) is Mode.HOLD
    assert not drive.decision.executed.any()


def test_keys_that_steer_walk_through_the_menu_and_move_nothing(drive):
    drive.tap("ESCAPE")
    for key in ("S", "DOWN", "S", "W"):
        assert drive.tap(key) is Mode.PAUSED
        assert not drive.decision.executed.any()
    # Backspace ends an episode while driving; here it leads back.
    assert drive.tap("BACKSPACE") is Mode.AUTO
    assert drive.chosen == [PauseChoice.RESUME]
    assert drive.decision.end_episode is None


def test_enter_on_a_line_ends_the_episode(drive):
    drive.tap("ESCAPE")
    for _ in range(3):
        drive.tap("DOWN")
    drive.rig.tap("RETURN")
    assert drive.step() is Mode.PAUSED
    assert drive.chosen == [PauseChoice.END_EPISODE]
    assert drive.decision.end_episode == "ended_by_operator"


def test_space_stops_from_the_open_menu_at_the_same_step(drive):
    drive.tap("ESCAPE")
    drive.rig.tap("RETURN")
    drive.rig.tap("SPACE")
    assert drive.step() is Mode.ESTOP
    assert not drive.menu.is_open
    assert drive.chosen == []


@pytest.mark.skipif(not AVAILABLE, reason="this SDL has no virtual joysticks")
def test_a_pad_alone_reaches_the_menu_and_its_lines(drive):
    with VirtualJoystick() as pad:
        drive.step(12)

        def press(name):
            pad.button(name, True)
            mode = drive.step(2)
            pad.button(name, False)
            drive.step(10)
            return mode

        assert press("start") is Mode.PAUSED
        for _ in range(3):
            press("dpdown")
        # A also means to give back, and B, held, to end the episode: not in here.
        press("dpup")
        press("a")
        assert drive.chosen == []
        assert press("b") is Mode.PAUSED
        assert press("b") is Mode.AUTO
        assert drive.chosen == [PauseChoice.RESUME]
        press("start")
        assert press("back") is Mode.ESTOP
