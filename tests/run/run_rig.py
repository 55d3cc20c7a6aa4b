"""Runs whole sessions and reads what they leave."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from iml_robot.data.store import SessionStore

COMMAND = Path(sys.executable).parent / "iml-robot"

POINT = ("point",)


def run_command(*arguments, timeout_s=90, **environment):
    """Return the finished process of `iml-robot` with the arguments."""
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        env={**os.environ, **environment},
        timeout=timeout_s,
        check=False,
        capture_output=True,
        text=True,
    )


def episodes_of(folder):
    """Return the recorded episodes of a session folder."""
    with SessionStore.read(Path(folder) / "session.db") as store:
        return store.episodes()


def same_steps(first, second):
    """Return whether two lists of episodes are equal to the last bit."""
    names = ("observations", "policy_actions", "operator_actions", "executed_actions")
    return len(first) == len(second) and all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True)
        for a, b in zip(first, second, strict=True)
        for name in names
    )
