"""The X server goes away under a window: files are closed, and it is said."""

import os
import subprocess
import sys

import pytest
from virtual_display import virtual_display

from iml_robot.core.errors import InfrastructureError
from iml_robot.station.lost_display import LAST_WORDS

pytestmark = pytest.mark.window

SOMEBODY = """
import multiprocessing, sys, time
import pygame
from iml_robot.station.display import open_display
from iml_robot.station.lost_display import at_display_loss

open_display((320, 240), "lost")
helper = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
helper.start()
at_display_loss(lambda: print("closed", flush=True))
at_display_loss(lambda: print("not this", flush=True))()
print(helper.pid, flush=True)
while True:
    pygame.event.get()
    pygame.display.flip()
    time.sleep(0.02)
"""


def test_files_are_closed_and_helpers_end_when_the_display_goes_away():
    with virtual_display("640x480") as display:
        environment = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11"}
        process = subprocess.Popen(
            [sys.executable, "-c", SOMEBODY], env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        helper = _number(process)
    said, errors = process.communicate(timeout=30)
    assert process.returncode == InfrastructureError.exit_code
    assert said == "closed\n"
    assert errors.endswith(LAST_WORDS)
    with pytest.raises(ProcessLookupError):
        os.kill(helper, 0)


def _number(process):
    """Return the first number that a process prints, past the greeting of pygame."""
    return next(int(line) for line in process.stdout if line.strip().isdigit())
