"""Runs the installed command as a user does."""

import os
import subprocess
import sys
from pathlib import Path

COMMAND = Path(sys.executable).parent / "iml-robot"


def run_command(*arguments, cwd=None, timeout_s=60, **environment):
    """Return the finished process of `iml-robot` with the arguments."""
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environment},
        timeout=timeout_s,
        check=False,
        capture_output=True,
        text=True,
    )


def assert_refused(result, *, code, message):
    """One line on standard error, nothing on standard output, the right exit code."""
    assert result.stderr.startswith("error: "), result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    assert message in result.stderr
    assert result.stdout == ""
    assert result.returncode == code
