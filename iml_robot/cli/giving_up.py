"""Ends the program where code hangs that nothing can interrupt."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from iml_robot.core.errors import InfrastructureError
from iml_robot.data.store import SessionStore
from iml_robot.session.session import Session
from iml_robot.session.watchdog import Watchdog


@contextmanager
def watched(session: Session, store: SessionStore, folder: Path) -> Iterator[None]:
    """Interrupt policy and environment of a session if they never come back.

    Args:
        session: The session; its loop is watched.
        store: Its file, saved before the program ends.
        folder: Its folder, for the message.
    """
    watchdog = Watchdog(_leave(store, folder))
    session.loop = replace(session.loop, watch=watchdog)
    watchdog.open()
    try:
        yield
    finally:
        watchdog.close()


def _leave(store: SessionStore, folder: Path) -> Callable[[str], None]:
    """Return what saves the session and ends the process, from any thread."""

    def leave(what: str) -> None:
        # The main thread can close nothing any more, and would be waited for by every
        # ordinary way out.
        with suppress(Exception):
            store.put_event("hung", detail={"what": what})
            store.flush()
        line = (
            f"error: {what}; what was driven is kept, mend it and go on with "
            f"iml-robot run --resume {folder}\n"
        )
        # Past Python's own stream, whose lock the main thread may hold.
        with suppress(OSError):
            os.write(2, line.encode())
        os._exit(InfrastructureError.exit_code)

    return leave
