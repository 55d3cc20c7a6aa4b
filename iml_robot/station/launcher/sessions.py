"""The sessions of earlier runs: how far they came, and whether they can go on."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path

from iml_robot.core.config import load_config
from iml_robot.core.errors import ImlRobotError
from iml_robot.data.store import SessionStore

logger = logging.getLogger(__name__)

NEWEST = 30
"""So many sessions are looked at; each costs some milliseconds."""

_UNITS = ((86400.0, "day", "days"), (3600.0, "h", "h"), (60.0, "min", "min"))


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A session of an earlier run.

    Attributes:
        path: Its folder.
        name: Name of its configuration.
        env_id: Gymnasium id of its environment.
        done: Episodes that were driven.
        total: Episodes that were planned.
        changed_unix_s: When something was written last [s since 1970].
        policy: Its newest policy; None if there is none.
        in_use: Whether another process writes it now.
    """

    path: Path
    name: str
    env_id: str
    done: int
    total: int
    changed_unix_s: float
    policy: Path | None = None
    in_use: bool = False

    @property
    def unfinished(self) -> bool:
        """Whether it can go on."""
        return self.done < self.total and not self.in_use

    def far(self, now_unix_s: float) -> str:
        """Return how far it came and when, for display."""
        return f"{self.done} of {self.total}, {ago(now_unix_s - self.changed_unix_s)}"


def stored_sessions(runs: Path) -> list[StoredSession]:
    """Return the newest sessions in a folder, the newest first.

    Args:
        runs: The folder; what is no session, or damaged, is left out.
    """
    files = sorted(runs.glob("*/session.db"), key=_changed, reverse=True)[:NEWEST]
    found = (_session(file) for file in files)
    return [session for session in found if session is not None]


def ago(seconds: float) -> str:
    """Return a time that has passed in one number, for example "2 h ago"."""
    for length_s, one, many in _UNITS:
        count = int(seconds // length_s)
        if count:
            return f"{count} {one if count == 1 else many} ago"
    return "just now"


def _session(file: Path) -> StoredSession | None:
    folder = file.parent
    try:
        settings = load_config(folder / "config.yaml")
        with SessionStore.read(file) as store:
            progress = store.value("progress", {"policy_version": 0, "rows": []})
        done, version = len(progress["rows"]), int(progress["policy_version"])
    except (ImlRobotError, OSError, KeyError, TypeError, ValueError) as error:
        logger.info("%s is left out: %s", folder, error)
        return None
    policy = folder / "policies" / f"{version:04d}.safetensors"
    return StoredSession(
        folder,
        settings.name,
        settings.env.id,
        done,
        settings.schedule.episodes,
        _changed(file),
        policy if policy.is_file() else None,
        _in_use(file),
    )


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _in_use(file: Path) -> bool:
    """Return whether a process holds the lock of a session."""
    import fcntl

    try:
        lock = os.open(file.with_name(f"{file.name}.lock"), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(lock)
    return False
