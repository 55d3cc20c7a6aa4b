"""Writes rows to the disk beside the control loop, which never waits for it."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

from iml_robot.data.schema import connect

LOGGER = logging.getLogger(__name__)

# Values may be a function that the thread calls, to spare the control loop the work.
Values: TypeAlias = Sequence[Any] | Callable[[], Sequence[Any]]
Statement: TypeAlias = tuple[str, Values]

# Faults of one row, not of the disk: trying again cannot help.
_ROW_FAULTS = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
    OverflowError,
)


class DatabaseWriter:
    """A thread that commits queued statements in order.

    A full or failing disk is not allowed to stop a robot: statements then wait in memory
    and are tried again, `problem` says why, and when `capacity` is reached the newest are
    dropped and counted.

    Args:
        path: A database whose tables exist.
        commit_interval_s: Longest time between commits [s].
        capacity: Most statements that may wait. At 20 Hz the default holds 16 minutes.
    """

    def __init__(
        self, path: Path, *, commit_interval_s: float = 0.2, capacity: int = 20_000
    ) -> None:
        self._path = path
        self._interval_s = commit_interval_s
        self._capacity = capacity
        self._queue: deque[Sequence[Statement]] = deque()
        self._pending: list[Statement] = []
        self._accepted = 0
        self._settled = 0
        self._attempts = 0
        # Counted apart, because each is written by one thread only.
        self._dropped = 0
        self._refused = 0
        self._fault: str | None = None
        self._closing = False
        self._wake = threading.Event()
        self._progress = threading.Condition()
        self._thread = threading.Thread(
            target=self._run, name="session-writer", daemon=True
        )
        self._thread.start()

    @property
    def problem(self) -> str | None:
        """Why recording fails or has lost rows; None while all is well."""
        if self._fault is not None:
            return self._fault
        return f"{self.lost} rows were lost" if self.lost else None

    @property
    def lost(self) -> int:
        """Number of rows that will never be on the disk."""
        return self._dropped + self._refused

    @property
    def healthy(self) -> bool:
        """True while everything put so far is, or will be, on the disk."""
        return self.problem is None

    def put(self, sql: str, values: Values) -> None:
        """Queue a statement; returns at once, whatever the disk does.

        Args:
            sql: The statement.
            values: What its question marks stand for, or a function that returns it.
        """
        self.put_all(((sql, values),))

    def put_all(self, statements: Sequence[Statement]) -> None:
        """Queue statements of which a kill leaves all or none; returns at once.

        Args:
            statements: SQL and values of each, as in `put`.
        """
        if self._closing or len(self._queue) + len(self._pending) >= self._capacity:
            self._dropped += len(statements)
            return
        self._accepted += len(statements)
        self._queue.append(statements)

    def flush(self, *, timeout_s: float = 5.0) -> bool:
        """Wait until everything put so far is committed.

        Args:
            timeout_s: Longest time to wait [s].

        Returns:
            False if it took too long or the disk refused.
        """
        with self._progress:
            target, attempts = self._accepted, self._attempts
            self._wake.set()
            self._progress.wait_for(
                lambda: (
                    self._settled >= target or (self._attempts > attempts and self._fault)
                ),
                timeout_s,
            )
            return self._settled >= target

    def close(self, *, timeout_s: float = 5.0) -> bool:
        """Commit what waits and end the thread.

        Args:
            timeout_s: Longest time to wait [s].

        Returns:
            False if rows were lost or could not be written in time.
        """
        self._closing = True
        self._wake.set()
        self._thread.join(timeout_s)
        return self.healthy and self._settled == self._accepted

    def _run(self) -> None:
        connection: sqlite3.Connection | None = None
        while True:
            self._wake.wait(self._interval_s)
            self._wake.clear()
            closing = self._closing
            while self._queue:
                self._pending.extend(self._queue.popleft())
            if self._pending:
                connection = self._attempt(connection)
            with self._progress:
                self._attempts += 1
                self._progress.notify_all()
            if closing:
                break
        if connection is not None:
            with suppress(sqlite3.Error):
                connection.close()

    def _attempt(self, connection: sqlite3.Connection | None) -> sqlite3.Connection | None:
        """Commit what waits; return the connection, or None if a new one is needed."""
        try:
            connection = connection or connect(self._path, writable=True)
            self._refused += _commit(connection, self._pending)
            # An open file can be written even after somebody removed it.
            self._path.stat()
        except Exception as error:
            # Whatever goes wrong here must neither end the thread nor reach the loop.
            self._report(f"cannot write {self._path.name}: {error}")
            if connection is not None:
                with suppress(sqlite3.Error):
                    connection.close()
            return None
        self._settled += len(self._pending)
        self._pending.clear()
        if self._fault is not None:
            LOGGER.warning("recording goes on; %d rows were lost", self.lost)
            self._note_gap(connection, self._fault)
            self._fault = None
        return connection

    def _report(self, fault: str) -> None:
        if fault != self._fault:
            LOGGER.error("not recording: %s", fault)
        self._fault = fault

    def _note_gap(self, connection: sqlite3.Connection, fault: str) -> None:
        with suppress(sqlite3.Error):
            connection.execute(
                "INSERT INTO events (time_unix_s, kind, detail) "
                "VALUES (?, 'recording_failed', json_object('reason', ?, 'lost', ?))",
                (time.time(), fault, self.lost),
            )


def _commit(connection: sqlite3.Connection, statements: Sequence[Statement]) -> int:
    """Execute the statements in one transaction; return how many were refused."""
    refused = 0
    connection.execute("BEGIN IMMEDIATE")
    try:
        for sql, values in statements:
            try:
                connection.execute(sql, values() if callable(values) else values)
            except _ROW_FAULTS:
                LOGGER.exception("a row was refused: %s", sql)
                refused += 1
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
    return refused
