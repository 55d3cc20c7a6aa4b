"""Runs `iml-robot evaluate` and `compare` as a CI does, on the point and its drivers."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

from iml_robot.cli import main

COMMAND = Path(sys.executable).parent / "iml-robot"
HERE = {
    **os.environ,
    "PYTHONPATH": str(Path(__file__).parent),
    "OPENBLAS_NUM_THREADS": "1",
}


def run_iml(*arguments, **environment):
    """Return the finished process of `iml-robot` with the arguments."""
    return subprocess.run(
        [COMMAND, *map(str, arguments)],
        env={**HERE, **environment},
        timeout=100,
        check=False,
        capture_output=True,
        text=True,
    )


def evaluate_point(driver, *arguments, **environment):
    return run_iml(
        "evaluate", f"point_drivers:{driver}", "--suite", "point-smoke", *arguments,
        **environment,
    )  # fmt: skip


def read(path):
    """Return strict JSON: NaN is none."""

    def refuse(constant):
        raise AssertionError(constant)

    return json.loads(path.read_text(), parse_constant=refuse)


def call_here(capsys, *arguments):
    """Return what `iml-robot` does in this process, for what fails before it drives."""
    capsys.readouterr()
    on_terminate = signal.getsignal(signal.SIGTERM)
    code = main([*map(str, arguments)])
    signal.signal(signal.SIGTERM, on_terminate)
    said = capsys.readouterr()
    return SimpleNamespace(returncode=code, stdout=said.out, stderr=said.err)
