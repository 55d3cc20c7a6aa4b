"""A process with a real window, for tests that look at the screen from outside.

Usage: python drive_demo.py MODE SECONDS
"""

import sys
import time

import numpy as np
from conftest import BINDINGS, Robot

from iml_robot.core.types import Decision, Mode, OperatorSignal, Source, Step
from iml_robot.devices.input.pump import EventPump
from iml_robot.station.pacing import RealTimePacer
from iml_robot.station.window import DriveWindow


def main() -> None:
    mode, seconds = Mode(sys.argv[1]), float(sys.argv[2])
    pump = EventPump()
    window = DriveWindow(Robot(), pump, bindings=BINDINGS)
    pacer = RealTimePacer(0.05)
    ahead = np.array([0.8, 0.2], np.float32)
    decision = Decision(ahead, Source.POLICY, 0.0, mode, "a test")
    step = Step(np.zeros(3, np.float32), ahead, OperatorSignal(), decision, 0.0)
    end = time.monotonic() + seconds
    while time.monotonic() < end and not window.quit_requested:
        pacer.wait()
        pump.pump()
        window.show(step, {"speed": 0.5})
    window.close()
    sys.stdout.write(f"{pacer.rate_hz:.2f}\n")


main()
