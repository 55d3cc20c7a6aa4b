"""Settings that must be there before anything imports pygame or torch, and the order."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("SDL_AUDIODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
os.environ.setdefault("SDL_JOYSTICK_ALLOW_BACKGROUND_EVENTS", "1")
# Threads of torch that compete with other tests take ten times as long as one alone.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# What the person at this machine likes must not change what is tested.
os.environ["IML_ROBOT_STATION"] = os.path.join(
    tempfile.gettempdir(), f"iml-robot-test-{os.getpid()}", "station.yaml"
)

LONGEST = ("learning", "run", "docs", "study")
"""Folders whose tests take longest: begun first, so that nobody waits for one of them in
the end."""


def pytest_configure(config):
    about = "slow: takes seconds, for whole programs, long drives or learning"
    config.addinivalue_line("markers", about)


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent

    def place(item):
        folder = item.path.relative_to(here).parts[0]
        return LONGEST.index(folder) if folder in LONGEST else len(LONGEST)

    items.sort(key=place)
