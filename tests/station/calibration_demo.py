"""Pictures of the calibration. Usage: python calibration_demo.py FOLDER"""

import sys
from pathlib import Path

import pygame
import pytest
from calibration_rig import Hand, drone_calibration, motion, plain_pad, unplugged
from screen_rig import ScriptedPump, tap

from iml_robot.core.station_settings import DisplaySettings, StationSettings
from iml_robot.station.calibration.screen import CalibrationScreen
from iml_robot.station.kept_settings import KeptSettings

SIZES = [(1280, 720, 1.0), (1920, 1080, 1.0), (1280, 720, 1.5), (1920, 1080, 1.5)]


def _rest(hand, pump):
    pump.at(0.5, motion(0, 0.5))
    return 0.6


def _ends(hand, pump):
    hand.ends(0, 1)
    hand.key("RETURN")
    return hand.time_s


def _push(hand, pump):
    hand.ends(0, 1, 2, 3)
    hand.key("RETURN")
    hand.push(2, -0.9)
    hand.push(2, -0.9)
    return hand.time_s - 0.3


def _button(hand, pump):
    hand.all()
    return hand.time_s - 0.3


def _done(hand, pump):
    hand.all()
    for axis, value in ((2, -0.5), (0, -0.4), (3, 0.8)):
        pump.at(hand.time_s, motion(axis, value))
    return hand.time_s + 0.2


def _gone(hand, pump):
    hand.ends(0, 1)
    pump.at(hand.time_s, unplugged())
    return hand.time_s + 0.2


SCENES = {
    "rest": (_rest, {}),
    "ends": (_ends, {}),
    "push": (_push, {}),
    "button": (_button, {}),
    "done": (_done, {}),
    "gone": (_gone, {"name": "A Transmitter With A Name That Is Longer Than A Line Is"}),
    "axes": (_ends, {"axes": 16}),
}


def stage_of(scene, monkeypatch, size):
    """Return the stage with the picture of a scene; the caller closes it."""
    plan, options = SCENES[scene]
    pump = ScriptedPump(monkeypatch)
    monkeypatch.setattr("iml_robot.station.stage.FRAME_S", 0.1)
    moment_s = plan(Hand(pump, tap), pump)
    settings = StationSettings(display=DisplaySettings(scale=size[2]))
    stage = pump.stage(size=size[:2], kept=KeptSettings(settings))
    shown = stage.show

    def show():
        rate = shown()
        stage.closed = pump.now_s >= moment_s
        return rate

    stage.show = show
    pad = plain_pad(**options)
    CalibrationScreen(stage).calibrate(pad, drone_calibration(pad))
    return stage


def main():
    """Write the pictures."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for scene in SCENES:
        for size in SIZES:
            with pytest.MonkeyPatch.context() as patch:
                stage = stage_of(scene, patch, size)
                file = f"{scene}_{size[0]}x{size[1]}_{size[2]:.0%}.png"
                pygame.image.save(stage.surface, folder / file)
                stage.close()


if __name__ == "__main__":
    main()
