"""Runs `iml-robot evaluate` on the point and its drivers, and reads the results."""

import json
import os
from pathlib import Path

from commands import call_here

HERE = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
"""Environment of a process that finds the drivers."""


def evaluate_point(driver, *arguments, **environment):
    """Return what `iml-robot evaluate` does with one of the drivers."""
    return call_here(
        "evaluate", f"point_drivers:{driver}", "--suite", "point-smoke", *arguments,
        **environment,
    )  # fmt: skip


def read(path):
    """Return strict JSON: NaN is none."""

    def refuse(constant):
        raise AssertionError(constant)

    return json.loads(path.read_text(), parse_constant=refuse)
