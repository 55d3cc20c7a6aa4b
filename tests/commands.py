"""Calls `iml-robot` with arguments, as a user types them.

`run_command` starts the program; that costs seconds of imports. `call_here` does the same
in this process, for whatever does not depend on being a process of its own.
"""

import io
import logging
import os
import signal
import subprocess
import sys
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

from iml_robot.cli import main

COMMAND = Path(sys.executable).parent / "iml-robot"


def run_command(*arguments, cwd=None, timeout_s=100, **environment):
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


def call_here(*arguments, cwd=".", **environment):
    """Return exit code and output of `iml-robot`, run in this process.

    Args:
        *arguments: What stands behind `iml-robot`.
        cwd: Where it is run.
        **environment: Variables that are looked at after the program was imported.
    """
    output, errors = io.StringIO(), io.StringIO()
    with (
        chdir(cwd),
        patch.dict(os.environ, environment),
        _nothing_left_behind(),
        redirect_stdout(output),
        redirect_stderr(errors),
    ):
        code = main([*map(str, arguments)])
    return SimpleNamespace(
        returncode=code, stdout=output.getvalue(), stderr=errors.getvalue()
    )


@contextmanager
def _nothing_left_behind():
    """Let the program set up signals and logging as in a process of its own."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    actions = [signal.getsignal(number) for number in numbers]
    loggers = [logging.getLogger(name) for name in (None, "matplotlib", "iml_robot")]
    levels = [logger.level for logger in loggers]
    handlers, loggers[0].handlers = loggers[0].handlers, []
    try:
        yield
    finally:
        loggers[0].handlers = handlers
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        for number, action in zip(numbers, actions, strict=True):
            signal.signal(number, action)


def assert_refused(result, *, code, message):
    """One line on standard error, nothing on standard output, the right exit code."""
    assert result.stderr.startswith("error: "), result.stderr
    assert result.stderr.count("\n") == 1, result.stderr
    assert message in result.stderr
    assert result.stdout == ""
    assert result.returncode == code
