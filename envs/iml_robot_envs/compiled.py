"""Compiles the loops over robots to machine code, once a machine.

A control step of one robot is about a hundred small operations. As calls of NumPy they
cost more than MuJoCo's physics; compiled they cost a few microseconds. The code is kept
beside the sources (or where `NUMBA_CACHE_DIR` says), so that only the first use waits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Return a function as machine code that runs without Python's global lock.

    No "fast" arithmetic is allowed: sums keep their order, so that a robot fares the same
    bit for bit alone and among others, on one thread and on two.

    Args:
        function: Loops over arrays and numbers; calls only what is compiled too.
    """
    return cast(Function, njit(cache=True, nogil=True, fastmath=False)(function))
