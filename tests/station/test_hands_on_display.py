"""A plain stick is calibrated and keys are bound in a real window, with real keys."""

import contextlib
import json
import queue
import threading
import time

import pygame
import pytest
import yaml
from display_rig import Demo
from virtual_display import fresh_display
from virtual_joystick import AVAILABLE, UNKNOWN, VirtualJoystick

from iml_robot.core.station_settings import load_station_settings
from iml_robot.devices.gamepad import Gamepad
from iml_robot.devices.input.pump import EventPump

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(not AVAILABLE, reason="this SDL has no virtual joysticks"),
]


class Person(Demo):
    """Somebody with a keyboard and a stick in front of the settings."""

    def __init__(self, display, folder):
        self.file = folder / "station.yaml"
        super().__init__(display, "hands_on_demo", str(self.file), folder=folder)
        self._told, self._done = queue.Queue(), threading.Semaphore(0)
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()
        self.find()
        self.until("Settings")

    def _listen(self):
        for line in self.process.stdout:
            if line.startswith("["):
                self._told.put(json.loads(line))
            elif line == "done\n":
                self._done.release()

    def until(self, wanted):
        """Wait for a picture that has this text."""
        end, texts = time.monotonic() + 10, []
        while not any(wanted in text for text in texts):
            assert time.monotonic() < end, f"no {wanted!r} among {texts}"
            with contextlib.suppress(queue.Empty):
                texts = self._told.get(timeout=1)

    def end(self):
        self.process.terminate()
        self._listener.join(timeout=10)
        with self.process:
            pass

    def stick(self, axis, value):
        self._tell(f"axis {axis} {value}")

    def button(self, number):
        self._tell(f"button {number} 1")
        self._tell(f"button {number} 0")

    def _tell(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        assert self._done.acquire(timeout=10)


@pytest.fixture
def person(tmp_path):
    with fresh_display("1280x720") as display:
        running = Person(display, tmp_path)
        yield running
        running.end()


def test_a_plain_stick_is_calibrated_as_the_window_says_and_steers(person, monkeypatch):
    person.press("Down", "Down", "Return")
    person.until("Hands")
    person.press("Up", "Up", "Up", "Return")
    person.until("Move each stick")
    for axis in (0, 1, 2, 3):
        for value in (-1, 0.9, 0):
            person.stick(axis, value)
    person.press("Return")
    # Axis 3 drives forward where it is low, 2 turns left where it is high.
    for say, axis, value in (
        ("Push FORWARD", 3, -1),
        ("fly sideways", 0, -1),
        ("Push UP", 1, -1),
        ("to turn", 2, 0.9),
    ):
        person.until(say)
        person.stick(axis, value)
        person.until("Let go" if say != "to turn" else "Press the button")
        person.stick(axis, 0)
    person.button(6)
    person.until('you drive"')
    person.button(3)
    person.until("Try it")
    person.press("Return")
    person.until("is calibrated")
    person.press("Escape", "Escape")
    person.process.wait(timeout=10)

    known = load_station_settings(person.file).controls
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    pygame.display.set_mode((64, 64))
    pump = EventPump()
    device = Gamepad(pump, layout="drone", settings=known)
    pygame.joystick.init()
    with VirtualJoystick(kind=UNKNOWN, axes=5, buttons=8) as stick:
        device.open()
        pump.pump()
        stick.axis(3, -1.0)
        stick.axis(2, 0.9)
        stick.button(6, True)
        pump.pump()
        reading = device.read()
    device.close()
    pygame.quit()
    assert reading.forward == pytest.approx(1.0)
    assert reading.turn == pytest.approx(1.0)
    assert {request.name for request in reading.requests} == {"EMERGENCY_STOP"}


def test_an_action_is_put_on_a_key_that_is_really_pressed_and_swapped(person):
    person.press("Down", "Down", "Return")
    person.until("Hands")
    person.press("Down", "Down", "Down", "Return")
    person.until("Keys of a rover")
    person.press("Down", "Return")
    person.until("for: forward")
    person.press("c")
    person.until("C is change the view, so it cannot be forward")
    person.press("Down", "Return")
    person.until("Swapped: forward is on C now.")
    kept = yaml.safe_load(person.file.read_text())["controls"]["keys"]
    assert kept == {"rover": {"forward": ["C"], "view": ["W", "UP"]}}
