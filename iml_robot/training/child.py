"""A process that learns: started, told what to do, asked what became of it.

This module imports nothing slow, so that the process gives way to the control loop before
it loads what it needs.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import queue
import threading
from multiprocessing.connection import Connection
from typing import Any, Protocol

from iml_robot.core.subprocesses import follow_parent

NICENESS = 10
"""Added to the priority of the process, so that the control loop goes first."""


class Work(Protocol):
    """What the process does; pickled, sent, and called there."""

    def __call__(self, connection: Connection, fraction: Any) -> None:
        """Work until the connection ends.

        Args:
            connection: Messages in, reports out.
            fraction: Its `value` is the finished fraction of the running work in [0, 1],
                below 0 while there is none.
        """
        ...


class Child:
    """One process; whoever holds it is never held up by it.

    It has a low priority, leaves Ctrl-C to its parent and ends with it.

    Args:
        work: What it does.
    """

    def __init__(self, work: Work) -> None:
        # A fresh interpreter: forking one that holds SDL or torch threads can hang.
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._fraction = context.RawValue("d", -1.0)
        self._process = context.Process(
            target=_begin, args=(theirs, self._fraction), daemon=True, name="iml-learner"
        )
        self._process.start()
        theirs.close()
        self._outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        # Episodes are larger than what a pipe holds, and the process may be busy.
        threading.Thread(target=self._send_all, daemon=True).start()
        self.send(work)

    @property
    def pid(self) -> int | None:
        """Number of the process."""
        return self._process.pid

    @property
    def fraction(self) -> float:
        """How far the running work is, in [0, 1]; below 0 while there is none."""
        return float(self._fraction.value)

    def send(self, message: Any) -> None:
        """Send a message; returns at once, also where nobody reads it."""
        self._outgoing.put(pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL))

    def receive(self, timeout_s: float) -> Any:
        """Return the next report; None if none came in time.

        Args:
            timeout_s: How long to wait [s].

        Raises:
            ChildProcessError: If the process ended; the message says how.
        """
        try:
            return self._connection.recv() if self._connection.poll(timeout_s) else None
        except (EOFError, OSError) as error:
            self._process.join(1.0)
            code = self._process.exitcode
            how = f"signal {-code}" if code is not None and code < 0 else f"code {code}"
            raise ChildProcessError(f"the process ended with {how}") from error

    def close(self) -> None:
        """End the process in the middle of whatever it does."""
        self._outgoing.put(None)
        self._process.terminate()
        self._process.join(1.0)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._connection.close()

    def _send_all(self) -> None:
        while (message := self._outgoing.get()) is not None:
            try:
                self._connection.send_bytes(message)
            except (OSError, TypeError):
                # The other end is gone, or this one was closed in the middle of sending.
                return


def _begin(connection: Connection, fraction: Any) -> None:
    """Prepare the process, then do what is sent."""
    follow_parent()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    work: Work = pickle.loads(connection.recv_bytes())
    work(connection, fraction)
