"""Compiles the loops over robots to machine code, once a machine.

A control step of one robot is about a hundred small operations. As calls of NumPy they
cost more than MuJoCo's physics; compiled they cost a few microseconds. The code is kept
beside the sources (or where `NUMBA_CACHE_DIR` says), so that only the first use waits;
`python -m iml_robot_envs.warm_up` gets that over with. Each state of the sources has a
folder of its own, so that a program that runs on while they are edited leaves nothing
stale behind.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

from numba import njit
from numba.core import event
from numba.core.caching import IndexDataCacheFile

Function = TypeVar("Function", bound=Callable[..., object])

OPTIONS: Any = {"nogil": True, "error_model": "numpy"}
"""Divisions by zero give what they give in NumPy. "Fast" arithmetic is not allowed: sums
keep their order, so that a robot fares the same bit for bit alone and among others, on one
thread and on two."""

FOLDER = "compiled-"
"""How the folders of machine code are called, before the sources' stamp."""
KEPT_S = 2 * 86_400.0
"""Machine code of other sources that nobody added to for so long is thrown away [s]."""

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
    cache: Any = getattr(machine_code, "_cache", None)
    if hasattr(cache, "_cache_file"):
        _keep_apart(cache)
    return cast(Function, machine_code)


def _keep_apart(cache: Any) -> None:
    """Give a function's machine code the folder that belongs to the sources as they are.

    Numba looks for changes in the file of the function only, not in what it calls nor in
    the constants that it imports.
    """
    folder = str(Path(cache._cache_path) / (FOLDER + _stamp()))
    _throw_old_away(Path(cache._cache_path))
    cache._cache_path = folder
    cache._impl.locator.get_cache_path = lambda: folder
    make_file: Any = IndexDataCacheFile
    cache._cache_file = make_file(folder, cache._impl.filename_base, _stamp())


@functools.cache
def _throw_old_away(place: Path) -> None:
    """Delete machine code of other sources that nobody added to for a while."""
    oldest = time.time() - KEPT_S
    for path in place.iterdir():
        ours = path.name.startswith(FOLDER) or path.suffix in (".nbi", ".nbc")
        # Another process may be doing the same.
        with suppress(OSError):
            if ours and path.name != FOLDER + _stamp() and path.stat().st_mtime < oldest:
                shutil.rmtree(path) if path.is_dir() else path.unlink()


@functools.cache
def _stamp() -> str:
    """Return what changes with any source file of the package."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


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
