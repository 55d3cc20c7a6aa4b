"""Compiles the loops over robots to machine code, once a machine.

A control step of one robot is about a hundred small operations. As calls of NumPy they
cost more than MuJoCo's physics; compiled they cost a few microseconds. The code is kept
beside the sources (or where `NUMBA_CACHE_DIR` says), so that only the first use waits;
`python -m iml_robot_envs.warm_up` gets that over with.
"""

from __future__ import annotations

import functools
import hashlib
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit
from numba.core import event

Function = TypeVar("Function", bound=Callable[..., object])

OPTIONS: Any = {"nogil": True, "error_model": "numpy"}
"""Divisions by zero give what they give in NumPy. "Fast" arithmetic is not allowed: sums
keep their order, so that a robot fares the same bit for bit alone and among others, on one
thread and on two."""

_LOG = logging.getLogger(__name__)
_PACKAGE = __name__.partition(".")[0]


def compiled(function: Function) -> Function:
    """Return a function as machine code that runs without Python's global lock.

    Args:
        function: Loops over arrays and numbers; calls only what is compiled too. Always
            give it the same types and contiguous arrays: each new combination is compiled
            anew.
    """
    try:
        machine_code = njit(cache=True, **OPTIONS)(function)
    except RuntimeError:
        # There is no folder that may be written to: every process compiles for itself.
        return cast(Function, njit(**OPTIONS)(function))
    # Numba looks for changes in the file of the function only, not in what it calls nor
    # in the constants that it imports.
    cache: Any = getattr(machine_code, "_cache", None)
    if hasattr(cache, "_cache_file"):
        cache._cache_file._source_stamp = _stamp()
    return cast(Function, machine_code)


@functools.cache
def _stamp() -> bytes:
    """Return what changes with any source file of the package."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


class _Notice(event.Listener):
    """Says once that compiling takes a while, for nobody else does."""

    def __init__(self) -> None:
        self._said = False

    def on_start(self, event: Any) -> None:
        """Log the notice when the first function of the package is compiled."""
        module = event.data["dispatcher"].py_func.__module__ or ""
        if not self._said and module.partition(".")[0] == _PACKAGE:
            self._said = True
            _LOG.warning("compiling the simulators; once on this machine, about 15 s")

    def on_end(self, event: Any) -> None:
        """Do nothing: the simulators run."""


event.register("numba:compile", _Notice())  # type: ignore[no-untyped-call]
