"""Questions in real windows: `run` asks in breaks, `label` asks afterwards.

One session goes through it all: closed in the middle of a question, taken up again,
answered, and labelled in the end. Its file holds what was pressed and nothing else.
"""

import ctypes
import sqlite3
import subprocess
import time
from contextlib import closing

import pytest
from commands import COMMAND
from run_rig import episodes_of
from virtual_display import Shown, fresh_display

from iml_robot.data.store import SessionStore

pytestmark = pytest.mark.window

PREFERENCES = "preferences={questions: 2, questioner: random, segment_s: 1.0}"
RUN = ("run", "quickstart", "--operator", "human", "--episodes", "1", "--set")
RUN += (
    "evaluation=[]",
    "--set",
    "learner={name: hg_dagger, updates: 5}",
    "--set",
    "env.options.level=0",
)
# A learning process steps back where others compute, and nothing is learned here.
RUN += ("--set", PREFERENCES, "--set", "trainer=blocking")
ENOUGH_STEPS = 100
"""Steps of an episode that give a few segments of a second: 5 s."""
PATIENCE_S = 90.0


class _Message(ctypes.Structure):
    """An XClientMessageEvent, as long as any XEvent."""

    _fields_ = (
        ("kind", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 12),
    )


def close_window(display, window):
    """Do what the cross of a title bar does."""
    x = ctypes.CDLL("libX11.so.6")
    x.XOpenDisplay.restype = ctypes.c_void_p
    x.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    x.XInternAtom.restype = ctypes.c_ulong
    x.XSendEvent.argtypes = [
        ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p,
    ]  # fmt: skip
    x.XCloseDisplay.argtypes = [ctypes.c_void_p]
    opened = x.XOpenDisplay(display.encode())
    assert opened, f"there is no display {display}"
    names = (x.XInternAtom(opened, n, 0) for n in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW"))
    protocols, delete = names
    data = (ctypes.c_long * 5)(delete, 0, 0, 0, 0)
    event = _Message(
        kind=33, display=opened, window=window, message=protocols, format=32, data=data
    )
    assert x.XSendEvent(opened, window, 0, 0, ctypes.byref(event))
    x.XCloseDisplay(opened)


class Person(Shown):
    """Somebody in front of a window of iml-robot."""

    def __init__(self, display, folder, *arguments):
        self.folder, self.log = folder, folder.with_name("log.txt")
        with self.log.open("w") as log:
            super().__init__(
                display, COMMAND, *arguments, stdout=log, stderr=subprocess.STDOUT
            )
        self.find("iml-robot")

    def wait(self, done, what):
        """Wait until something has come about."""
        end_s = time.monotonic() + PATIENCE_S
        while not done():
            assert time.monotonic() < end_s, f"{what}: {self.log.read_text()}"
            time.sleep(0.1)

    def press_until(self, keys, done, *, every_s=1.5):
        """Press keys, and again if nothing has come of it for a while."""
        for _ in range(round(PATIENCE_S / every_s)):
            if done():
                return
            self.press(*keys)
            end_s = time.monotonic() + every_s
            while time.monotonic() < end_s:
                if done():
                    return
                time.sleep(0.1)
        raise AssertionError(f"{keys} were pressed in vain: {self.log.read_text()}")

    def count(self, query):
        try:
            path = f"file:{self.folder}/session.db?mode=ro"
            with closing(sqlite3.connect(path, uri=True)) as db:
                return db.execute(f"SELECT COUNT(*) FROM {query}").fetchone()[0]
        except sqlite3.OperationalError:
            return 0

    def events(self, kind):
        return self.count(f"events WHERE kind = '{kind}'")

    def drive(self, *, meanwhile=()):
        """Leave the first page, let the policy drive, and end the episode."""
        before, ended = self.count("steps"), "episodes WHERE outcome <> ''"
        over = self.count(ended)
        self.press_until(["Return"], lambda: self.count("steps") > before, every_s=0.5)
        for key in meanwhile:
            self.press(key)
        enough = before + ENOUGH_STEPS
        self.wait(lambda: self.count("steps") >= enough, "the robot does not drive")
        self.press_until(["BackSpace"], lambda: self.count(ended) > over)

    def leave(self):
        """Close the window and return the exit code."""
        close_window(self.environment["DISPLAY"], int(self.window))
        return self.process.wait(timeout=PATIENCE_S)

    def gone(self):
        return self.process.poll() is not None


def replies(folder):
    """Return what a session's file says was answered."""
    return [
        (event.detail["answer"], event.detail["much"], event.detail["annotator"])
        for event in events(folder, "reply")
    ]


def events(folder, kind):
    with SessionStore.read(folder / "session.db") as store:
        return [event for event in store.events() if event.kind == kind]


@pytest.fixture(scope="module")
def display():
    """Name of a fresh virtual display."""
    with fresh_display("1280x720") as name:
        yield name


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the session of all tests of this file is, one test after the other."""
    return tmp_path_factory.mktemp("asked") / "session"


@pytest.fixture
def person(display, folder):
    here = []

    def come(*arguments):
        here.append(Person(display, folder, *arguments))
        return here[-1]

    yield come
    for one in here:
        one.close()


def test_a_window_closed_in_a_question_ends_the_session_with_all_steps(person, folder):
    one = person(*RUN, "--out", folder)
    one.drive()
    # The films of the question are made and shown.
    time.sleep(3.0)
    assert not one.gone()
    assert one.leave() == 0
    assert replies(folder) == []
    (episode,) = episodes_of(folder)
    assert episode.info.outcome == "ended_by_operator"
    assert len(episode) >= ENOUGH_STEPS
    assert (folder / "summary.json").is_file()


def test_taken_up_again_it_keeps_each_answer_and_each_turn_of_a_knob(person, folder):
    assert len(episodes_of(folder)) == 1, "runs after the test before"
    one = person("run", "--resume", folder, "--episodes", "2")
    one.drive(meanwhile=["F7"])
    one.press_until(["Right"], lambda: one.events("reply") == 1)
    one.press_until(["Left", "Left"], lambda: one.events("reply") == 2)
    # The knobs that F7 asked for: the first weight up by two steps.
    time.sleep(1.0)
    one.press("Right", "Right", "Return")
    one.wait(lambda: one.events("weight_edit") == 1, "no edit was kept")
    # What changed, and what was gained.
    one.press_until(["Return"], one.gone)
    assert one.process.returncode == 0, one.log.read_text()
    assert replies(folder) == [("right", False, "operator"), ("left", True, "operator")]
    (edit,) = events(folder, "weight_edit")
    with SessionStore.read(folder / "session.db") as store:
        names = store.value("reward_features")
    assert edit.detail["feature"] == names[0]
    assert not edit.detail["locked"]
    assert len(episodes_of(folder)) == 2


def test_labelling_counts_no_double_answer_and_a_closed_window_turns_no_knob(
    person, folder
):
    before = replies(folder)
    assert len(before) == 2, "runs after the tests before"
    one = person("label", folder, "--annotator", "human", "--questions", "2")
    # Both films were shown to the end by then; neither of two answers counts.
    time.sleep(6.0)
    one.press("Left", "Right")
    time.sleep(1.5)
    assert one.events("reply") == 2
    # Neither does a key that is no answer.
    one.press("z")
    one.press_until(["Down"], lambda: one.events("reply") == 3)
    time.sleep(1.0)
    one.press("Escape")
    time.sleep(1.0)
    one.press("Right", "Right")
    time.sleep(0.5)
    assert one.leave() == 0
    assert replies(folder) == [*before, ("equal", False, "operator")]
    assert len(events(folder, "weight_edit")) == 1
    assert len(episodes_of(folder)) == 2
