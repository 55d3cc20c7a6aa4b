"""`iml-robot run` in a real window, pressed from outside."""

import sqlite3
import time
from contextlib import closing

import pytest
from commands import COMMAND
from run_rig import episodes_of
from virtual_display import Shown, fresh_display

from iml_robot.core.types import Source

pytestmark = pytest.mark.window

RUN = ("run", "quickstart", "--operator", "human", "--episodes", "1")
RUN += (
    "--set",
    "evaluation=[]",
    "--set",
    # How policies are tried is no matter here, and takes long beside other tests.
    "learner={name: hg_dagger, updates: 5}",
    "--set",
    "env.options.level=0",
    # A process that learns takes seconds to start, and nothing is learned here.
    "--set",
    "trainer=blocking",
)


@pytest.fixture
def display():
    """Name of a fresh virtual display."""
    with fresh_display("1280x720") as name:
        yield name


def recorded_steps(folder):
    """Return how many steps a running session has on the disk."""
    try:
        with closing(sqlite3.connect(f"file:{folder}/session.db?mode=ro", uri=True)) as db:
            return db.execute("SELECT COUNT(*) FROM steps").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


class Person(Shown):
    """Somebody in front of the window."""

    def __init__(self, display, folder):
        self.folder = folder
        super().__init__(display, COMMAND, *RUN, "--out", folder)
        self.find("iml-robot")

    def press_until(self, key, done):
        """Press a key every half second until something has come about."""
        for _ in range(120):
            self.xdotool("key", key)
            time.sleep(0.5)
            if done():
                return
        raise AssertionError(f"{key} was pressed for a minute in vain")

    def start(self):
        """Leave the page that asks whether the person is ready."""
        self.press_until("Return", lambda: recorded_steps(self.folder) > 0)

    def end(self):
        """End the episode, leave the last page, and return what was recorded."""
        self.xdotool("key", "BackSpace")
        self.press_until("Return", lambda: self.process.poll() is not None)
        output, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, output
        return episodes_of(self.folder)[0]


def test_keys_take_over_and_letting_go_hands_back(display, tmp_path):
    person = Person(display, tmp_path / "session")
    person.start()
    time.sleep(1.0)
    person.xdotool("keydown", "d")
    time.sleep(1.0)
    person.xdotool("keyup", "d")
    time.sleep(2.0)
    episode = person.end()
    assert episode.info.outcome == "ended_by_operator"
    order = [episode.sources[0]]
    for source in episode.sources:
        if source != order[-1]:
            order.append(source)
    assert order == [Source.POLICY, Source.OPERATOR, Source.BLEND, Source.POLICY]
    (takeover,) = episode.takeovers()
    # 1 s of pressing and 0.5 s of rest, at 20 Hz; a busy machine makes the loop slower
    # and xdotool later.
    assert 15 <= takeover.stop - takeover.start <= 80
    # D turns right, which is negative; the ramp has ended after half a second.
    assert episode.operator_actions[takeover, 1].min() == pytest.approx(-1.0)


def test_a_stopped_session_keeps_the_steps_so_far(display, tmp_path):
    person = Person(display, tmp_path / "session")
    person.start()
    time.sleep(2.5)
    person.process.terminate()
    person.process.communicate(timeout=30)
    assert person.process.returncode == 130
    assert len(episodes_of(person.folder)[0]) >= 20
