"""Calls back into the loop where somebody else's code never returns."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

PATIENCE_S = 15.0
"""Time after which a call that has not returned is interrupted [s]: a hundred times the
slowest policy here on a busy machine, and not yet long for a person who waits."""
FIRST_PATIENCE_S = 120.0
"""The same for the first call in an episode, in which libraries may still compile [s]."""
GRACE_S = 15.0
"""Time that an interrupted call has to end, before nobody waits for it any longer [s]."""
TICK_S = 0.5
"""How often the watchdog looks [s]."""


class HungError(BaseException):
    """A call was interrupted because it took too long.

    No `Exception`, so that code which tries again after every error does not go on.
    """


class Unwatched:
    """A call that nobody watches; as context manager it does nothing."""

    def over(self, what: str, *, first: bool = False) -> Unwatched:
        """Return what is entered around a call.

        Args:
            what: What is called, for a message, for example "the policy".
            first: Whether the call is the first one in an episode.

        Raises:
            HungError: Out of the call, if it took too long and somebody watches.
        """
        del what, first
        return self

    def end(self) -> None:
        """Stop to watch a call that was interrupted."""

    def __enter__(self) -> None:
        """Begin to watch."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop to watch."""
        self.end()


class Watchdog(Unwatched):
    """Interrupts calls of the main thread that take too long, from a thread of its own.

    Code in Python, and code in C that waits for the system, is interrupted by a signal.
    Code in C that computes or waits for a lock of its own cannot be; then `give_up` is
    called, from the watching thread. Code in C that lets no other thread run is beyond
    the reach of this class.

    Time counts in looks of the watching thread, so that a computer that was suspended
    counts one. Under a debugger nothing is interrupted.

    Args:
        give_up: Called with what is to be said if a call cannot be interrupted; it should
            save what there is, and end the process.
        patience_s: See `PATIENCE_S`; None: that.
        first_patience_s: See `FIRST_PATIENCE_S`; None: that.
        grace_s: See `GRACE_S`; None: that.
    """

    _SIGNAL = signal.SIGUSR1

    def __init__(
        self,
        give_up: Callable[[str], None],
        *,
        patience_s: float | None = None,
        first_patience_s: float | None = None,
        grace_s: float | None = None,
    ) -> None:
        self._give_up = give_up
        self._patience_s = PATIENCE_S if patience_s is None else patience_s
        self._first_s = FIRST_PATIENCE_S if first_patience_s is None else first_patience_s
        self._grace_s = GRACE_S if grace_s is None else grace_s
        self._tick_s = min(TICK_S, self._patience_s / 2)
        # These are set by the main thread at each call, and only read beside it.
        self._what, self._calls, self._limit_s = "", 0, self._patience_s
        self._meant = -1
        self._debugged = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        self._before: Any = None

    def open(self) -> None:
        """Begin to watch; only the main thread can do that."""
        self._before = signal.signal(self._SIGNAL, self._interrupted)
        self._thread.start()

    def close(self) -> None:
        """End the watching thread and give the signal back."""
        self._closing.set()
        self._thread.join()
        signal.signal(self._SIGNAL, self._before)

    def over(self, what: str, *, first: bool = False) -> Watchdog:
        """Return what is entered around a call; see `Unwatched.over`."""
        self._limit_s = self._first_s if first else self._patience_s
        self._calls += 1
        self._what = what
        return self

    def end(self) -> None:
        """Stop to watch a call that was interrupted."""
        self._what = ""

    def _interrupted(self, number: int, frame: FrameType | None) -> None:
        """Leave the call, in the main thread, if it is still the one that is meant."""
        if not self._what or self._calls != self._meant:
            return
        if sys.gettrace() is not None:
            self._debugged = True
            return
        raise HungError(f"{self._what} has not come back for {self._limit_s:g} s")

    def _watch(self) -> None:
        seen, waited_s = -1, 0.0
        main = threading.main_thread().ident
        assert main is not None
        while not self._closing.wait(self._tick_s):
            if not self._what or self._calls != seen or self._debugged:
                seen, waited_s = self._calls, 0.0
                continue
            waited_s += self._tick_s
            if waited_s >= self._limit_s + self._grace_s:
                self._give_up(
                    f"{self._what} has not come back for {waited_s:g} s "
                    "and cannot be interrupted"
                )
                return
            if waited_s >= self._limit_s:
                # Again and again, since some code goes on after the first time.
                self._meant = seen
                signal.pthread_kill(main, self._SIGNAL)
