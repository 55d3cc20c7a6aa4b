"""The session file: everything that happened, in one SQLite database."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from iml_robot.core.errors import ArtifactError, InfrastructureError, UsageError
from iml_robot.core.types import Episode, EpisodeInfo
from iml_robot.data.dataset import read_episodes
from iml_robot.data.lock import SessionLock
from iml_robot.data.records import EventRecord, PolicyRecord
from iml_robot.data.rows import StepRow, array_bytes, checksum, episode_checksum
from iml_robot.data.schema import check_file, connect, create_tables, migrate
from iml_robot.data.writer import DatabaseWriter

LOGGER = logging.getLogger(__name__)

# An hour at 20 Hz with 200 observations takes about 70 MiB.
REFUSE_BELOW_BYTES = 200 << 20
WARN_BELOW_BYTES = 1 << 30

_INSERT_STEP = (
    f"INSERT INTO steps ({', '.join(StepRow._fields)}, crc32) "
    f"VALUES ({', '.join('?' * (len(StepRow._fields) + 1))})"
)


class SessionStore:
    """A session, open for reading, and for writing where this process holds its lock.

    Use `create`, `resume` or `read`; the object is a context manager. Rows that are put
    are written by a thread (`DatabaseWriter`): call `flush` to wait for it. Do not use a
    store in a forked child.

    Attributes:
        path: The file.
    """

    def __init__(self, path: Path, *, lock: SessionLock | None) -> None:
        self.path = path
        self._lock = lock
        self._writer = None if lock is None else DatabaseWriter(path)
        self._group: list[tuple[str, tuple[Any, ...]]] | None = None
        self._episode_ids = set(self._column("SELECT episode_id FROM episodes"))

    @classmethod
    def create(cls, path: Path) -> SessionStore:
        """Make a new session file.

        Raises:
            UsageError: If the file exists, or another process makes it.
            InfrastructureError: If it cannot be written, or the disk is nearly full.
        """
        check_free_space(path.parent)
        lock = _lock(path)
        if path.exists():
            lock.release()
            raise UsageError(
                f"{path}: there is a session already; resume it, or choose another folder"
            )
        try:
            with closing(connect(path, writable=True, create=True)) as connection:
                create_tables(connection)
        except sqlite3.Error as error:
            lock.release()
            raise InfrastructureError(f"{path}: cannot write here: {error}") from error
        store = cls(path, lock=lock)
        store.set_value("created_unix_s", time.time())
        return store

    @classmethod
    def resume(cls, path: Path) -> SessionStore:
        """Open a session to go on with it; episodes without an end become interrupted.

        Raises:
            ArtifactError: If the file is missing, damaged or newer.
            UsageError: If another process writes it.
            InfrastructureError: If it cannot be written, or the disk is nearly full.
        """
        check_file(path)
        check_free_space(path.parent)
        lock = _lock(path)
        try:
            with closing(connect(path, writable=True)) as connection:
                migrate(connection)
        except sqlite3.Error as error:
            lock.release()
            raise InfrastructureError(f"{path}: cannot write here: {error}") from error
        store = cls(path, lock=lock)
        store._put("UPDATE episodes SET outcome = 'interrupted' WHERE outcome = ''")
        store.flush()
        return store

    @classmethod
    def read(cls, path: Path) -> SessionStore:
        """Open a session without changing it, also while another process writes it.

        Raises:
            ArtifactError: If the file is missing, damaged or newer.
        """
        check_file(path)
        return cls(path, lock=None)

    @property
    def problem(self) -> str | None:
        """Why recording fails or has lost rows; None while all is well."""
        return None if self._writer is None else self._writer.problem

    @property
    def healthy(self) -> bool:
        """True while everything recorded is, or will be, on the disk."""
        return self.problem is None

    @property
    def next_episode_id(self) -> int:
        """The first number that no episode has."""
        return max(self._episode_ids, default=-1) + 1

    def episodes(self, *, first: int = 0) -> list[Episode]:
        """Return the recorded episodes in order, without the one that runs.

        Args:
            first: Number of the first episode to read.

        Raises:
            ArtifactError: If the file is damaged.
        """
        self.flush()
        try:
            with closing(connect(self.path, writable=False)) as connection:
                found = list(read_episodes(connection, self.path, first=first))
        except sqlite3.DatabaseError as error:
            raise ArtifactError(f"{self.path}: damaged: {error}") from error
        return found if self._writer is None else self._without_running(found)

    def policies(self) -> list[PolicyRecord]:
        """Return every policy version of the session, the first first."""
        sql = "SELECT version, path, sha256, episodes, figures FROM policies ORDER BY 1"
        return [
            PolicyRecord(version, path, sha256, tuple(json.loads(ids)), json.loads(figures))
            for version, path, sha256, ids, figures in self._rows(sql)
        ]

    def events(self) -> list[EventRecord]:
        """Return everything that happened beside steps, in order."""
        sql = "SELECT time_unix_s, kind, episode_id, detail FROM events ORDER BY event_id"
        return [
            EventRecord(time_s, kind, episode_id, json.loads(detail))
            for time_s, kind, episode_id, detail in self._rows(sql)
        ]

    def value(self, key: str, default: Any = None) -> Any:
        """Return what `set_value` stored."""
        found = self._rows("SELECT value FROM session WHERE key = ?", key)
        return json.loads(found[0][0]) if found else default

    @contextmanager
    def together(self) -> Iterator[None]:
        """Let a kill leave all that is put here, except steps, or nothing of it."""
        if self._group is not None:
            yield
            return
        group: list[tuple[str, tuple[Any, ...]]] = []
        self._group = group
        try:
            yield
        finally:
            self._group = None
            if group:
                self._writable().put_all(group)

    def set_value(self, key: str, value: Any) -> None:
        """Store a plain value, such as the configuration or the seed."""
        self._put(
            "INSERT INTO session (key, value) VALUES (?, ?) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            key,
            _json(value),
        )

    def put_event(
        self,
        kind: str,
        *,
        episode_id: int | None = None,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Store that something happened now; never blocks."""
        self._put(
            "INSERT INTO events (time_unix_s, episode_id, kind, detail) "
            "VALUES (?, ?, ?, ?)",
            time.time(),
            episode_id,
            kind,
            _json(detail or {}),
        )

    def put_policy(self, record: PolicyRecord) -> None:
        """Store a policy version; one with the same number is replaced."""
        self._put(
            "INSERT OR REPLACE INTO policies VALUES (?, ?, ?, ?, ?)",
            record.version,
            record.path,
            record.sha256,
            _json(record.episodes),
            _json(record.figures),
        )

    def put_episode(self, info: EpisodeInfo) -> None:
        """Store that an episode began; never blocks.

        Raises:
            RuntimeError: If there is an episode with this number.
        """
        if info.episode_id in self._episode_ids:
            raise RuntimeError(
                f"episode {info.episode_id} exists; the next free number is "
                f"{self.next_episode_id}"
            )
        self._put(
            "INSERT INTO episodes (episode_id, phase, env_id, seed, options, "
            "policy_version, started_unix_s, outcome, terminated, steps, continues, "
            "begins_at) VALUES (?, ?, ?, ?, ?, ?, ?, '', 0, 0, ?, ?)",
            info.episode_id,
            info.phase,
            info.env_id,
            info.seed,
            _json(info.options),
            info.policy_version,
            time.time(),
            info.continues,
            info.begins_at,
        )
        self._episode_ids.add(info.episode_id)

    def put_step(self, row: StepRow) -> None:
        """Store one step; never blocks."""
        self._writable().put(_INSERT_STEP, lambda: (*row, checksum(row)))

    def finish_episode(self, episode: Episode) -> None:
        """Store how an episode ended; never blocks."""
        info, last = episode.info, array_bytes(episode.observations[-1])
        crc = episode_checksum(
            info, options=_json(info.options), steps=len(episode), last=last
        )
        self._put(
            "UPDATE episodes SET outcome = ?, terminated = ?, steps = ?, "
            "last_observation = ?, crc32 = ?, rewound_to = ? WHERE episode_id = ?",
            info.outcome,
            info.terminated,
            len(episode),
            last,
            crc,
            info.rewound_to,
            info.episode_id,
        )

    def flush(self, *, timeout_s: float = 5.0) -> bool:
        """Wait until everything put so far is on the disk; False if it is not.

        Args:
            timeout_s: Longest time to wait [s].
        """
        return self._writer is None or self._writer.flush(timeout_s=timeout_s)

    def close(self) -> bool:
        """Write what waits and let other processes in; False if rows were lost."""
        complete = self._writer is None or self._writer.close()
        if not complete:
            LOGGER.error("the session file is incomplete: %s", self.problem)
        if self._lock is not None:
            self._lock.release()
        return complete

    def __enter__(self) -> SessionStore:
        """Return the store."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the store."""
        self.close()

    def _put(self, sql: str, *values: Any) -> None:
        if self._group is None:
            self._writable().put(sql, values)
        else:
            self._group.append((sql, values))

    def _writable(self) -> DatabaseWriter:
        if self._writer is None:
            raise RuntimeError(f"{self.path} was opened for reading; use resume to write")
        return self._writer

    def _without_running(self, found: list[Episode]) -> list[Episode]:
        running = set(self._column("SELECT episode_id FROM episodes WHERE outcome = ''"))
        return [episode for episode in found if episode.info.episode_id not in running]

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        self.flush()
        try:
            with closing(connect(self.path, writable=False)) as connection:
                return connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            raise ArtifactError(f"{self.path}: damaged: {error}") from error

    def _column(self, sql: str) -> list[Any]:
        return [row[0] for row in self._rows(sql)]


def check_free_space(folder: Path) -> None:
    """Refuse to begin on a disk that will soon be full.

    Raises:
        InfrastructureError: If less than 200 MiB are free, or there is no such folder.
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InfrastructureError(f"{folder}: cannot write here: {reason}") from error
    if free < REFUSE_BELOW_BYTES:
        raise InfrastructureError(
            f"{folder}: only {free >> 20} MiB are free, at least "
            f"{REFUSE_BELOW_BYTES >> 20} MiB are needed; free some space or choose another "
            "folder with --out"
        )
    if free < WARN_BELOW_BYTES:
        LOGGER.warning("%s: only %d MiB are free", folder, free >> 20)


def _lock(path: Path) -> SessionLock:
    return SessionLock(path.with_name(f"{path.name}.lock"))


def _json(value: Any) -> str:
    return json.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    """Return the plain form of what JSON does not know."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Path):
        return str(value)
    # Recording must not fail on the detail of an event in the middle of an episode.
    return str(value)
