"""One process at a time writes a session."""

from __future__ import annotations

import os
import socket
import weakref
from pathlib import Path

from iml_robot.core.errors import InfrastructureError, UsageError


class SessionLock:
    """An exclusive lock on a file that names its holder.

    The lock is the operating system's (flock): it ends with the process, however that
    ends, so the lock of a dead process never has to be removed by hand. The file stays
    behind; only the lock on it counts.

    Args:
        path: The lock file; created if missing.

    Raises:
        UsageError: If another process, or this one, holds the lock.
        InfrastructureError: If the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        import fcntl

        self._file: int | None = None
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise InfrastructureError(
                f"{path}: cannot lock the session: {reason}"
            ) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.pread(file, 200, 0).decode(errors="replace").strip()
            os.close(file)
            raise UsageError(
                f"{path.parent}: the session is in use by {holder or 'another process'}; "
                "wait for it to end, or choose another folder"
            ) from error
        os.ftruncate(file, 0)
        os.pwrite(file, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        self._file = file
        # A forked child would share the lock and keep it alive after this process dies.
        itself = weakref.ref(self)
        os.register_at_fork(after_in_child=lambda: _release(itself()))

    def release(self) -> None:
        """Let other processes in; does nothing the second time."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _release(lock: SessionLock | None) -> None:
    if lock is not None:
        lock.release()
