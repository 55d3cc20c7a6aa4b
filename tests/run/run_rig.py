"""Reads what whole sessions leave."""

from pathlib import Path

import numpy as np

from iml_robot.data.store import SessionStore

POINT = ("point",)


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
