"""`iml-robot run` in a real window, pressed from outside."""

import os
import shutil
import subprocess
import time

import pytest
from run_rig import COMMAND, episodes_of

from iml_robot.core.types import Source

pytestmark = pytest.mark.window

RUN = ("run", "quickstart", "--operator", "human", "--episodes", "1")
RUN += (
    "--set",
    "evaluation=[]",
    "--set",
    "learner.updates=5",
    "--set",
    "env.options.level=0",
)


@pytest.fixture
def display():
    """Name of a fresh virtual display."""
    for program in ("Xvfb", "xdotool"):
        assert shutil.which(program), f"install {program} to run this test"
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x720x24"]
    server = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    with os.fdopen(read) as pipe:
        number = pipe.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait()


class Person:
    """Somebody in front of the window."""

    def __init__(self, display, folder):
        self.folder = folder
        self.environment = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11"}
        self.process = subprocess.Popen(
            [COMMAND, *RUN, "--out", folder],
            env=self.environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.keys("search", "--sync", "--class", "iml-robot")

    def keys(self, *arguments):
        subprocess.run(
            ["xdotool", *arguments], env=self.environment, check=True, timeout=60,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def end(self):
        output, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, output
        return episodes_of(self.folder)[0]


def test_keys_take_over_and_letting_go_hands_back(display, tmp_path):
    person = Person(display, tmp_path / "session")
    time.sleep(1.0)
    person.keys("key", "Return")
    time.sleep(2.0)
    person.keys("keydown", "d")
    time.sleep(1.0)
    person.keys("keyup", "d")
    time.sleep(2.0)
    person.keys("key", "BackSpace")
    time.sleep(1.5)
    person.keys("key", "Return")
    episode = person.end()
    assert episode.info.outcome == "ended_by_operator"
    order = [episode.sources[0]]
    for source in episode.sources:
        if source != order[-1]:
            order.append(source)
    assert order == [Source.POLICY, Source.OPERATOR, Source.BLEND, Source.POLICY]
    (takeover,) = episode.takeovers()
    # 1 s of pressing and 0.5 s of rest, at 20 Hz, give or take the delays of xdotool.
    assert 25 <= takeover.stop - takeover.start <= 45
    # D turns right, which is negative; the ramp has ended after half a second.
    assert episode.operator_actions[takeover.start + 15, 1] == pytest.approx(-1.0)


def test_a_stopped_session_keeps_the_steps_so_far(display, tmp_path):
    person = Person(display, tmp_path / "session")
    time.sleep(1.0)
    person.keys("key", "Return")
    time.sleep(2.5)
    person.process.terminate()
    person.process.communicate(timeout=30)
    assert person.process.returncode == 130
    assert len(episodes_of(person.folder)[0]) >= 20
