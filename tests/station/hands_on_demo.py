"""A process with the settings in a real window and a plain stick made of nothing.

Usage: python hands_on_demo.py FILE. Lines on its input move the stick ("axis 0 -1.0",
"button 4 1"), each of which it answers with a line; it prints the texts of the picture
whenever they change.
"""

import json
import sys
import threading
from collections import deque
from functools import partial
from pathlib import Path

import pygame
from virtual_joystick import UNKNOWN, VirtualJoystick

from iml_robot.devices.input.pump import EventPump
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.settings.live_pads import LivePads
from iml_robot.station.settings.screen import SettingsScreen
from iml_robot.station.settings.wizard import calibrate_a_pad
from iml_robot.station.stage import Stage


def main() -> None:
    kept, pads = KeptSettings(path=Path(sys.argv[1])), LivePads()
    stage = Stage(EventPump(), kept=kept)
    pygame.joystick.init()
    stick = VirtualJoystick(kind=UNKNOWN, axes=5, buttons=8)
    pads.open()
    waiting: deque[str] = deque()
    threading.Thread(target=lambda: waiting.extend(sys.stdin), daemon=True).start()
    shown, before = stage.show, [""]

    def show() -> float:
        rate = shown()
        if waiting:
            # One between two looks at the stick, so that none is missed.
            what, number, value = waiting.popleft().split()
            getattr(stick, what)(int(number), float(value))
            sys.stdout.write("done\n")
        texts = json.dumps([placed.text for placed in stage.texts])
        if texts != before[0]:
            before[0] = texts
            sys.stdout.write(texts + "\n")
        sys.stdout.flush()
        return rate

    stage.show = show
    wizard = partial(calibrate_a_pad, stage, kept, pads)
    SettingsScreen(stage, kept, pads, calibrate=wizard).show()
    pads.close()
    stage.close()


main()
