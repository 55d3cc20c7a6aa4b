"""Measures the time from a key press to the changed command of the wheels.

A real window with everything that belongs to a session (loop, recorder, learning process)
runs at 20 Hz. A second process presses keys through XTest, as a keyboard would, at random
moments: most while the operator drives already, every fifth takes over from the policy.
The time goes from the press to the call of `env.step` with a command that follows it.

    python scripts/input_latency.py --presses 250 --json latency.json

Starts its own Xvfb unless --display names one. Needs Xvfb and libXtst (comes with xdotool).
"""

from __future__ import annotations

import argparse
import ctypes
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

SETTINGS = ("evaluation=[]", "env.options.level=0", "trainer=background", "operator=human")
TURNS = ("a", "d")
HELD_S, REST_S, HAND_BACK_S = 0.1, 0.15, 1.1
JITTER_S = 0.06
TAKEOVER_EVERY = 5
EPISODE = 40
"""Presses in an episode."""


class Keyboard:
    """Presses keys of a display through XTest.

    Args:
        display: Its name.
    """

    def __init__(self, display: str) -> None:
        self._x, self._test = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self._x.XOpenDisplay.restype = ctypes.c_void_p
        self._x.XKeysymToKeycode.argtypes = [ctypes.c_void_p, ctypes.c_ulong]
        self._x.XStringToKeysym.restype = ctypes.c_ulong
        self._x.XFlush.argtypes = [ctypes.c_void_p]
        self._test.XTestFakeKeyEvent.argtypes = [
            *(ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong)
        ]
        self._display = self._x.XOpenDisplay(display.encode())
        if not self._display:
            raise SystemExit(f"no display {display}")

    def move(self, key: str, *, down: bool) -> float:
        """Press or release a key; return the monotonic time just before [s]."""
        symbol = self._x.XStringToKeysym(key.encode())
        code = self._x.XKeysymToKeycode(self._display, symbol)
        now = time.monotonic()
        self._test.XTestFakeKeyEvent(self._display, code, int(down), 0)
        self._x.XFlush(self._display)
        return now

    def tap(self, key: str) -> None:
        """Press and release a key."""
        self.move(key, down=True)
        time.sleep(HELD_S)
        self.move(key, down=False)


def press(display: str, presses: int) -> None:
    """Be the person: start the session, press, print the times, end the episode."""
    keyboard, rng = Keyboard(display), random.Random(1)
    os.set_blocking(sys.stdin.fileno(), False)
    while not sys.stdin.readline():
        keyboard.tap("Return")
        time.sleep(0.3)
    for number in range(presses):
        key = TURNS[number % 2]
        takes_over = number % TAKEOVER_EVERY == 0
        time.sleep((HAND_BACK_S if takes_over else REST_S) + JITTER_S * rng.random())
        sys.stdout.write(f"{keyboard.move(key, down=True)!r}\n")
        time.sleep(HELD_S)
        keyboard.move(key, down=False)
        if number % EPISODE == EPISODE - 1:
            # Between episodes the robot learns; it goes on to while the next one is driven.
            keyboard.tap("BackSpace")
            time.sleep(HAND_BACK_S)
    sys.stdout.flush()
    while True:
        keyboard.tap("BackSpace")
        time.sleep(0.3)


@dataclass
class Seen:
    """One control step as it was carried out.

    Attributes:
        step_s: When `env.step` was called [s].
        command: What it was called with.
        moving: Whether a movement key was known to be down.
        picture_s: How long drawing took [s].
        learning: Whether a process learned meanwhile.
    """

    step_s: float
    command: tuple[float, ...]
    moving: bool
    picture_s: float
    learning: bool


class Witness:
    """Stands between loop, environment and view, and notes the times of both."""

    def __init__(self, env: Any, view: Any, trainer: Any) -> None:
        self._env, self._view, self._trainer = env, view, trainer
        self._step_s = 0.0
        self.seen: list[Seen] = []
        self.begun = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._env, name)

    def step(self, action: Any) -> Any:
        """Step the environment."""
        self._step_s, self.begun = time.monotonic(), True
        return self._env.step(action)

    def begin(self, start: Any) -> None:
        """Begin an episode in the view."""
        self._view.begin(start)

    def show(self, step: Any, info: Mapping[str, Any]) -> None:
        """Draw, and note the step."""
        began = time.monotonic()
        self._view.show(step, info)
        picture_s = time.monotonic() - began
        command = tuple(step.decision.executed.tolist())
        moving, learning = step.signal.moving, bool(self._trainer.working)
        self.seen.append(Seen(self._step_s, command, moving, picture_s, learning))


def drive(display: str, presses: int) -> tuple[list[float], Witness, Any, list[float]]:
    """Run the session while the keys are pressed.

    Returns:
        Times of the presses, what was seen, the pacer, and times of batches that brought
        the press of a turning key [s].
    """
    # The defaults of the window, not what somebody likes on this machine.
    nobody = str(Path(tempfile.gettempdir()) / "nobody" / "station.yaml")
    os.environ.update(DISPLAY=display, SDL_VIDEODRIVER="x11", IML_ROBOT_STATION=nobody)
    import pygame

    from iml_robot.cli.crews.window import WindowCrew
    from iml_robot.core.config import load_config
    from iml_robot.data.store import SessionStore

    crew = WindowCrew(load_config("quickstart", list(SETTINGS)))
    arrivals: list[float] = []
    turning = (pygame.KSCAN_A, pygame.KSCAN_D)

    def note(batch: Any) -> None:
        for event in batch.events:
            if event.type == pygame.KEYDOWN and event.scancode in turning:
                arrivals.append(batch.time_s)

    crew.pump.subscribe(note)
    command = [sys.executable, __file__, "--press", str(presses), "--display", display]
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        (folder / "policies").mkdir()
        store = stack.enter_context(SessionStore.create(folder / "session.db"))
        session = crew.session(folder, store)
        witness = Witness(crew.env, session.loop.view, session.trainer)
        session.loop = replace(session.loop, env=witness, view=witness)
        times: list[float] = []
        person = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        stack.callback(person.kill)
        stack.callback(crew.close)
        _tell_when_begun(witness, person)
        _collect(person, times)
        session.stop_requested = lambda: len(times) == presses
        session.start()
        session.run(1000)
    return times, witness, crew.pacer, arrivals


def _tell_when_begun(witness: Witness, person: Any) -> None:
    """Let the person know that the robot drives."""
    from threading import Thread

    def wait() -> None:
        while not witness.begun:
            time.sleep(0.05)
        person.stdin.write("go\n")
        person.stdin.flush()

    Thread(target=wait, daemon=True).start()


def _collect(person: Any, times: list[float]) -> None:
    """Take down the times of the presses, once all have happened."""
    from threading import Thread

    def read() -> None:
        for line in person.stdout:
            times.append(float(line))

    Thread(target=read, daemon=True).start()


def latencies(
    times: list[float], seen: list[Seen], arrivals: list[float]
) -> tuple[list[float], list[int]]:
    """Return how late each press changed the command [s], and how many steps after it.

    A press between two episodes changes nothing and is left out. Steps are counted from
    the batch of events that brought the press: 0 is the step that belongs to it.
    """
    late_s, steps = [], []
    for pressed_s in times:
        arrived = next((a for a in arrivals if a >= pressed_s), None)
        after = [i for i in range(1, len(seen)) if seen[i].step_s >= pressed_s]
        moved = (
            i for i in after if seen[i].moving and seen[i].command != seen[i - 1].command
        )
        first = next(moved, None)
        if arrived is None or first is None or seen[first].step_s - pressed_s > 0.5:
            continue
        late_s.append(seen[first].step_s - pressed_s)
        steps.append(sum(arrived <= seen[i].step_s for i in after if i < first))
    return late_s, steps


def figures(presses: int, display: str) -> dict[str, Any]:
    """Measure everything and return it by name."""
    import numpy as np

    times, witness, pacer, arrivals = drive(display, presses)
    late_s, steps = latencies(times, witness.seen, arrivals)
    late_ms = 1000 * np.asarray(late_s)
    pictures_ms = 1000 * np.asarray([seen.picture_s for seen in witness.seen])
    jitter_ms = 1000 * np.asarray(pacer.jitter_s)
    learning = np.asarray([seen.learning for seen in witness.seen])[-len(jitter_ms) :]
    busy = jitter_ms[-len(learning) :][learning]
    return {
        "load_average": round(os.getloadavg()[0], 2),
        "presses": len(times),
        "answered": len(late_ms),
        "latency_ms": _percentiles(late_ms),
        "in_the_same_control_step": round(float(np.mean(np.asarray(steps) == 0)), 4),
        "most_steps_later": max(steps, default=None),
        "picture_ms": _percentiles(pictures_ms),
        "pictures_per_s_if_nothing_else": round(float(1000 / pictures_ms.mean()), 1),
        "control_rate_hz": round(pacer.rate_hz, 2),
        "control_steps": len(jitter_ms),
        "late_ticks": pacer.late_ticks,
        "jitter_ms": _percentiles(jitter_ms),
        "control_steps_while_learning": len(busy),
        "jitter_while_learning_ms": _percentiles(busy),
    }


def _percentiles(values: Any) -> dict[str, float] | None:
    import numpy as np

    if not len(values):
        return None
    found = np.percentile(values, [50, 99, 100]).round(2).tolist()
    return dict(zip(("p50", "p99", "max"), found, strict=True))


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=250)
    parser.add_argument("--display", help="X display; a fresh Xvfb if there is none")
    parser.add_argument("--json", type=Path, help="write the figures here as well")
    parser.add_argument("--press", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.press is not None:
        press(given.display, given.press)
        return
    with ExitStack() as stack:
        display = given.display or stack.enter_context(_xvfb())
        found = figures(given.presses, display)
    print("python " + " ".join(sys.argv))
    for name, value in found.items():
        print(f"  {name}: {value}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n")


def _xvfb() -> Any:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from virtual_display import virtual_display

    return virtual_display("1280x720")


if __name__ == "__main__":
    main()
