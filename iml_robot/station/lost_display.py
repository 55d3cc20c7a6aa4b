"""What happens when the X server goes away under the window.

Xlib then ends the process on the spot. There is just time to close files, to end helpers
and to say what happened.
"""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from iml_robot.core.errors import InfrastructureError

LOGGER = logging.getLogger(__name__)

_ACTS: list[Callable[[], object]] = []
_KEPT: list[Any] = []
"""What Xlib calls must stay alive as long as the process."""

LAST_WORDS = (
    "error: the display went away; what was recorded until then is kept: go on with "
    "iml-robot run --resume FOLDER\n"
)


def at_display_loss(act: Callable[[], object]) -> Callable[[], None]:
    """Let something be done before the process ends because its display is gone.

    Args:
        act: Called once, in the main thread; must not touch the window.

    Returns:
        What takes this back.
    """
    _ACTS.append(act)

    def forget() -> None:
        if act in _ACTS:
            _ACTS.remove(act)

    return forget


def watch_display() -> None:
    """Begin to listen, once there is a window; does nothing without an X server."""
    library = _loaded_xlib()
    if library is None or _KEPT:
        return
    made = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)(_lost)
    try:
        xlib = ctypes.CDLL(str(library))
        xlib.XSetIOErrorHandler.restype = ctypes.c_void_p
        xlib.XSetIOErrorHandler(made)
    except (OSError, AttributeError):
        LOGGER.debug("nobody will notice when the display goes away", exc_info=True)
        return
    _KEPT.append(made)


def _lost(display: int | None) -> int:
    """Do what is left to do and end the process; Xlib would do so after this anyway."""
    for act in _ACTS:
        try:
            act()
        except Exception:
            LOGGER.exception("not everything could be closed")
    for child in multiprocessing.active_children():
        child.kill()
        child.join(timeout=1.0)
    try:
        sys.stderr.write(LAST_WORDS)
        sys.stderr.flush()
    finally:
        os._exit(InfrastructureError.exit_code)


def _loaded_xlib() -> Path | None:
    """Return the Xlib that SDL uses; None: it uses none."""
    try:
        lines = Path("/proc/self/maps").read_text().splitlines()
    except OSError:
        return None
    files = {Path(line.split(maxsplit=5)[-1]) for line in lines if "/libX11" in line}
    return next((file for file in files if not file.name.startswith("libX11-xcb")), None)
