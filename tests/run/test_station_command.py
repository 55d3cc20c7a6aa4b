"""`iml-robot station` in a real window: real keys choose, check, run and come back."""

import fcntl
import os
import shutil
import subprocess
import time
from pathlib import Path

import pygame
import pytest
from commands import COMMAND, call_here
from virtual_display import virtual_display

from iml_robot.data.store import SessionStore

pytestmark = pytest.mark.window

BROKEN = "display:\n  theme: pink\n"


@pytest.fixture(scope="module")
def display():
    """Number of a fresh virtual display."""
    for program in ("Xvfb", "xdotool", "import"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    with virtual_display("1280x720") as name:
        yield name


class Running:
    """The command, with its window and its files in a folder of its own."""

    def __init__(self, display, folder):
        self.folder = folder
        self.settings = folder / "station.yaml"
        self.environment = {
            **os.environ,
            "DISPLAY": display,
            "SDL_VIDEODRIVER": "x11",
            "SDL_AUDIODRIVER": "dummy",
            "IML_ROBOT_STATION": str(self.settings),
            "XDG_CACHE_HOME": str(folder / "cache"),
        }

    def start(self):
        self.process = subprocess.Popen(
            [COMMAND, "station"],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.focus()

    def focus(self):
        found = self.xdotool("search", "--sync", "--onlyvisible", "--class", "iml-robot")
        self.window = found.split()[-1]
        self.xdotool("windowfocus", "--sync", self.window)
        time.sleep(0.6)

    def xdotool(self, *arguments):
        return subprocess.run(
            ["xdotool", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout

    def press(self, *keys):
        self.xdotool("key", "--delay", "120", *keys)
        time.sleep(0.3)

    def wait_for_menu(self):
        """Wait until the first line of a menu is drawn."""
        end = time.monotonic() + 40
        while time.monotonic() < end:
            line = self.colour(60, 96)
            if line not in (self.colour(), (0, 0, 0)):
                # The cursor follows a mouse that moves to the first line, and stays there.
                self.xdotool("mousemove", "160", "103")
                time.sleep(0.2)
                self.xdotool("mousemove", "200", "103")
                time.sleep(0.2)
                self.xdotool("mousemove", "1276", "716")
                time.sleep(0.2)
                return
            time.sleep(0.2)
        raise AssertionError("there is no menu")

    def colour(self, x=4, y=4):
        """The colour of a pixel."""
        file = self.folder / "screen.png"
        command = ["import", "-window", self.window, str(file)]
        subprocess.run(command, env=self.environment, check=True, timeout=20)
        picture = pygame.image.load(file)
        return tuple(picture.get_at((x, y))[:3])

    def end(self, timeout_s=30):
        output, _ = self.process.communicate(timeout=timeout_s)
        return self.process.returncode, output


@pytest.fixture
def running(display, tmp_path):
    made = []

    def start(settings=""):
        one = Running(display, tmp_path)
        if settings:
            one.settings.write_text(settings)
        made.append(one)
        one.start()
        one.wait_for_menu()
        return one

    yield start
    for one in made:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate(timeout=20)


def test_bare_calls_say_where_the_window_is():
    result = call_here()
    assert result.returncode == 2
    assert "iml-robot station" in result.stdout


def test_settings_change_at_once_and_quitting_leaves(running):
    station = running()
    dark = station.colour()
    # Quit is above Start, settings above quit; display comes first.
    station.press("Up", "Up", "Return", "Return", "Right")
    light = station.colour()
    assert sum(light) > sum(dark) + 300
    station.press("Escape", "Escape", "Down", "Return")
    assert station.end() == (0, "")
    assert "theme: light" in station.settings.read_text()


def test_broken_settings_are_kept_beside_new_ones(running):
    station = running(BROKEN)
    station.press("Down", "Return")
    station.press("Up", "Return")
    assert station.end()[0] == 0
    aside = station.settings.with_name("station.yaml.broken")
    assert aside.read_text() == BROKEN


def test_a_session_is_checked_run_recorded_and_left_for_the_launcher(running):
    station = running()
    # Watch instead of supervise (two further), the last task (point), one episode.
    station.press("Down", "Right", "Right", "Down", "Left", "Down", "Down", "Right")
    station.press("Up", "Up", "Up", "Up", "Return")
    time.sleep(0.8)
    # The stop with real keys: space, then R held for more than a second.
    station.press("Return")
    time.sleep(0.5)
    station.press("space")
    station.xdotool("keydown", "r")
    time.sleep(1.6)
    station.xdotool("keyup", "r")
    time.sleep(0.5)
    # All is green, and the cursor is on Start.
    station.press("Return")
    database = _wait_for(station.folder / "runs", "*/session.db")
    _finish(station, database)
    assert database.parent.name.startswith("point-")
    with SessionStore.read(database) as store:
        events = store.events()
    # First of all, so that it outlasts whatever ends the session.
    assert [event.kind for event in events].index("preflight") == 0
    assert set(events[0].detail["passed"]) >= {"stop", "devices", "disk"}
    assert events[0].detail["waived"] == []


def _finish(station, database):
    """Press what goes on until the session has ended, then quit the launcher."""
    end = time.monotonic() + 60
    while time.monotonic() < end and not _ended(database):
        station.focus()
        # The first ends the episode; the second leaves the pages at the end.
        station.press("BackSpace", "Return")
        time.sleep(0.5)
    station.focus()
    station.wait_for_menu()
    station.press("Up", "Return")
    code, output = station.end()
    assert code == 0, output


def _ended(database):
    """Return whether no process writes the session any more."""
    with database.with_name("session.db.lock").open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _wait_for(folder: Path, pattern: str) -> Path:
    end = time.monotonic() + 40
    while time.monotonic() < end:
        found = list(folder.glob(pattern))
        if found:
            return found[0]
        time.sleep(0.2)
    raise AssertionError(f"nothing appeared in {folder}")
