"""Faults of time and machine; the rows are those of docs/safety.md."""

from __future__ import annotations

import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
from fault_rig import FaultRig

from iml_robot.cli import main
from iml_robot.core.types import Mode
from iml_robot.data.store import SessionStore
from iml_robot.station.pacing import RealTimePacer

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
COMMAND = Path(sys.executable).parent / "iml-robot"
POINT = ("run", "point", "--seed", "1", "--set", "evaluation=[]")
# An operator who misses nothing corrects the untrained policy in the first episode.
ENDLESS_LEARNING = (*POINT, "--set", "learner.updates=1000000")
ENDLESS_LEARNING += ("--set", "operator={name: simulated, preset: ideal}")


def test_25_a_wall_clock_that_jumps_changes_nothing(monkeypatch):
    jumps = iter(np.tile([3600.0, -3600.0, 0.0], 10_000).tolist())
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + next(jumps))
    with FaultRig() as rig:
        rig.pump.clock = time.monotonic
        pacer = RealTimePacer(0.05)
        began = time.perf_counter()
        _, view = rig.drive({}, pacer=_Ending(pacer, rig, steps=20))
        took_s = time.perf_counter() - began
    assert view.modes == [Mode.AUTO]
    assert {step.signal.link.value for step in view.steps} == {"ok"}
    # 20 steps and the one that ends the episode; a busy machine only takes longer.
    assert 1.0 <= took_s < 10.0


class _Ending:
    """Another pacer, and somebody who ends the episode."""

    def __init__(self, pacer, rig, *, steps):
        self._pacer, self._rig, self._left = pacer, rig, steps
        self.restart, self.late = pacer.restart, pacer.late

    def wait(self):
        self._left -= 1
        if self._left == 0:
            self._rig.tap("BACKSPACE")
        return self._pacer.wait()


@contextmanager
def driving(hands):
    """Start the process that drives in real time; it is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, HERE / "real_time_drive.py", hands],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{HERE}:{HERE.parent}"},
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def told(process, count):
    """Return so many lines of the process as (time [s], mode, reason)."""
    lines = [process.stdout.readline().rstrip("\n").split("\t") for _ in range(count)]
    return [(float(time_s), mode, reason) for time_s, mode, reason in lines]


@pytest.mark.parametrize(
    ("hands", "before", "after", "why"),
    [
        ("policy", "auto", "paused", "computer stood still"),
        ("operator", "human", "hold", "control loop stalled"),
    ],
)
def test_26_a_computer_that_was_suspended_does_not_drive_on(hands, before, after, why):
    with driving(hands) as process:
        steps = told(process, 10)
        process.send_signal(signal.SIGSTOP)
        time.sleep(2.5)
        process.send_signal(signal.SIGCONT)
        steps += told(process, 20)
    gaps_s = np.diff([time_s for time_s, _, _ in steps])
    asleep = int(gaps_s.argmax())
    assert gaps_s[asleep] > 2.0
    assert {mode for _, mode, _ in steps[: asleep + 1]} == {before}
    # The step that was under way ends as it began; the next one knows.
    late = [mode for _, mode, _ in steps[asleep + 1 :]]
    assert late[1:] == [after] * len(late[1:])
    assert why in steps[-1][2]
    # Nothing is caught up with: as many steps as fit into the time.
    rest_s = steps[-1][0] - steps[asleep + 1][0]
    assert len(late) - 1 <= rest_s / 0.05 + 2


def test_27_a_starved_computer_slows_time_down_and_skips_no_step():
    class Slow:
        action = np.zeros(2, np.float32)

        def act(self, observation):
            time.sleep(0.2)
            return self.action

    with FaultRig() as rig:
        rig.pump.clock = time.monotonic
        pacer = RealTimePacer(0.05)
        began = time.perf_counter()
        episode, view = rig.drive({}, policy=Slow(), pacer=_Ending(pacer, rig, steps=8))
        took_s = time.perf_counter() - began
    assert len(episode) == len(view.steps) == 9
    assert view.modes == [Mode.AUTO]
    assert pacer.late_ticks >= 7
    assert pacer.rate_hz <= 5.0
    # 9 steps of 0.05 s took four times as long, and none was made up for.
    assert took_s >= 9 * 0.2


def finished(folder):
    """Return how many episodes of a running session are over."""
    try:
        with closing(sqlite3.connect(f"file:{folder}/session.db?mode=ro", uri=True)) as db:
            query = "SELECT COUNT(*) FROM episodes WHERE outcome != ''"
            return db.execute(query).fetchone()[0]
    except sqlite3.OperationalError:
        return 0


@contextmanager
def learning(folder, *before, **streams):
    """The process of a session that learns; it is killed at the end if it still runs.

    Args:
        folder: Of the session.
        *before: A program that starts it.
        **streams: Options of the process.
    """
    process = subprocess.Popen(
        [*before, COMMAND, *ENDLESS_LEARNING, "--out", folder], **streams
    )
    deadline = time.monotonic() + 100
    try:
        while not finished(folder):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.01)
        yield process
    finally:
        process.kill()
        process.communicate()


def test_29_a_job_that_is_stopped_closes_its_files_within_2_s(tmp_path):
    folder = tmp_path / "session"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    with learning(folder, **quiet) as process:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        first = process.stderr.readline()
        # Closing the libraries takes a busy machine seconds more, in which nothing is
        # open any longer.
        took_s = time.monotonic() - began
        rest = process.stderr.read()
        process.wait(timeout=60)
    assert (process.returncode, first + rest) == (130, "interrupted\n")
    assert took_s < 2.0
    with SessionStore.read(folder / "session.db") as store:
        assert len(store.episodes()) == 1


LOADS = """
import os, signal
try:
    os.kill(os.getpid(), signal.{name})
    signal.sigtimedwait([], 1.0)
except KeyboardInterrupt:
    raise ImportError("initialization failed") from None
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_29_who_is_stopped_while_a_library_loads_was_interrupted_and_is_not_at_fault(
    name, tmp_path, monkeypatch, capsys
):
    (tmp_path / f"loads_{name.lower()}.py").write_text(LOADS.format(name=name))
    monkeypatch.syspath_prepend(tmp_path)
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        code = main(
            ["run", "point", "--set", f"env.id=loads_{name.lower()}:test/None-v0",
             "--out", str(tmp_path / "session")]
        )  # fmt: skip
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert (code, capsys.readouterr().err) == (130, "interrupted\n")


# Makes its input the terminal of the session that it leads, then runs the rest. The tests
# themselves may run under nohup, which programs inherit.
AT_TERMINAL = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGHUP, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_30_a_closed_terminal_ends_a_session_like_a_stopped_job(tmp_path):
    folder = tmp_path / "session"
    terminal, program = pty.openpty()
    streams = {"stdin": program, "stdout": program, "stderr": program}
    command = (sys.executable, "-c", AT_TERMINAL)
    with learning(folder, *command, start_new_session=True, **streams) as process:
        os.close(program)
        # The system sends SIGHUP, and nothing can be said any more.
        os.close(terminal)
        assert process.wait(timeout=60) == 130
    with SessionStore.read(folder / "session.db") as store:
        assert len(store.episodes()) == 1


def test_30_output_that_nobody_reads_any_more_causes_no_flood_of_errors(tmp_path):
    process = subprocess.Popen(
        [COMMAND, *POINT, "--episodes", "20", "--set", "learner.updates=5",
         "--out", tmp_path / "session"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    while not process.stdout.readline().startswith("episode 1"):
        assert process.poll() is None
    process.stdout.close()
    process.stdout = None
    _, errors = process.communicate(timeout=60)
    assert "Traceback" not in errors
    assert errors.count("\n") <= 1
    with SessionStore.read(tmp_path / "session" / "session.db") as store:
        assert store.episodes()
