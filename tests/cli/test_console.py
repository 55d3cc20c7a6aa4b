"""Progress: lines in logs, a bar at a terminal."""

import os
import pty
import subprocess
import sys

import pytest

from iml_robot.cli import console

COUNT = """
from iml_robot.cli.console import progress
with progress("driving") as advance:
    for i in range(1000):
        advance((i + 1) / 1000)
"""


def test_a_log_gets_a_line_at_every_tenth():
    result = subprocess.run(
        [sys.executable, "-c", COUNT], check=True, capture_output=True, text=True
    )
    expected = [f"driving: {10 * i} % (0 s)" for i in range(1, 11)]
    assert result.stdout.splitlines() == expected


def test_a_slow_step_shows_a_sign_of_life_every_half_minute(monkeypatch, capsys):
    clock = iter([0.0, *range(10, 100, 10)])
    monkeypatch.setattr(console.time, "monotonic", lambda: next(clock))
    with console.progress("training") as advance:
        for _ in range(9):
            advance(0.01)
    assert capsys.readouterr().out.splitlines() == [
        f"training: 1 % ({seconds} s)" for seconds in (30, 60, 90)
    ]


def at_terminal(code, **environment):
    """Run code on a pseudo-terminal and return what it wrote there."""
    leader, follower = pty.openpty()
    clean = {k: v for k, v in os.environ.items() if k not in ("CI", "NO_COLOR")}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=follower,
        env={**clean, "TERM": "xterm", "COLUMNS": "80", **environment},
    )
    os.close(follower)
    written = b""
    try:
        while chunk := os.read(leader, 65536):
            written += chunk
    except OSError:
        pass  # Linux reports the end of a pseudo-terminal like this.
    os.close(leader)
    assert process.wait() == 0
    return written.decode()


def test_a_terminal_gets_a_bar():
    written = at_terminal(COUNT)
    assert "\x1b[" in written
    assert "driving" in written
    assert "%" in written


@pytest.mark.parametrize("variable", ["CI", "NO_COLOR"])
def test_a_terminal_gets_plain_lines_where_the_environment_asks_for_them(variable):
    written = at_terminal(COUNT, **{variable: "true"})
    assert "\x1b" not in written
    assert written.splitlines()[0] == "driving: 10 % (0 s)"


def test_tables_are_aligned(capsys):
    console.say_table([("a", "first"), ("long", "second")])
    console.say_table([])
    assert capsys.readouterr().out == "a     first\nlong  second\n"
