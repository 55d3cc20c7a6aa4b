"""Processes that drive maps, and what becomes of their work when one of them dies."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from iml_robot.core.errors import InfrastructureError
from iml_robot.core.subprocesses import follow_parent

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from iml_robot.evaluation.drivers import Source

Counted = Callable[[int], None]
"""Called with the number of maps that a piece of work has finished so far."""


@dataclass(frozen=True)
class Work:
    """One piece of work for one process.

    Attributes:
        do: What to do, picklable; given what counts its finished maps.
        maps: How many maps it drives.
    """

    do: Callable[[Counted], Any]
    maps: int


DIED = "an evaluation process died"
"""How messages begin that say so."""


class Crew(Protocol):
    """Whoever drives the pieces of work: processes here, or machines of a cluster."""

    @property
    def size(self) -> int:
        """How many pieces can be driven at a time."""

    def carried(self, source: Source) -> Source:
        """Return a source that can be loaded where the work is done."""

    def finished(
        self,
        pieces: Sequence[Work],
        *,
        on_progress: Callable[[float], None],
        retries: int = 0,
    ) -> Generator[tuple[int, Any], None, None]:
        """Yield the number and the result of each piece, as they are finished."""

    def close(self, *, wait: bool = True) -> None:
        """Let go of whoever drives."""


class Workers:
    """Processes that start at the first use and then stay.

    Args:
        jobs: Number of processes.
        patience_s: So long may all of them stand still before that is an error [s]; None:
            for ever.

    Attributes:
        size: Number of processes.
    """

    def __init__(self, jobs: int, *, patience_s: float | None = None) -> None:
        self.size = jobs
        self._patience_s = patience_s
        self._pool: ProcessPoolExecutor | None = None
        self._strangers: list[BaseProcess] = []
        self._driven: Any = None
        self._moved_at: Any = None

    def carried(self, source: Source) -> Source:
        """Return the source as it is: processes here see the same files."""
        return source

    def finished(
        self,
        pieces: Sequence[Work],
        *,
        on_progress: Callable[[float], None],
        retries: int = 0,
    ) -> Generator[tuple[int, Any], None, None]:
        """Yield the number and the result of each piece, as they are finished.

        Whatever ends the iteration early ends the processes at once.

        Args:
            pieces: What to do.
            on_progress: Called several times a second with the finished fraction of maps.
            retries: How often the rest is tried again after a process died.

        Raises:
            InfrastructureError: If processes die more often, or none of them makes a step
                for too long.
        """
        left = dict(enumerate(pieces))
        total = sum(piece.maps for piece in pieces)
        try:
            while left:
                try:
                    for number, result in self._attempt(left, total, on_progress):
                        del left[number]
                        yield number, result
                except BrokenProcessPool as error:
                    if retries == 0:
                        raise InfrastructureError(
                            f"{DIED} (out of memory?); free some "
                            "memory, then try again (run: --resume DIR, evaluate: --jobs 1)"
                        ) from error
                    retries -= 1
                    self.close(wait=False)
        except BaseException:
            self.close(wait=False)
            raise

    def close(self, *, wait: bool = True) -> None:
        """End the processes.

        Args:
            wait: False ends them in the middle of their work.
        """
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        pool.shutdown(wait=wait, cancel_futures=True)
        if not wait:
            # They would drive their maps to the end, and Python would wait for that.
            for process in multiprocessing.active_children():
                if process not in self._strangers:
                    process.terminate()

    def _attempt(
        self, left: dict[int, Work], total: int, on_progress: Callable[[float], None]
    ) -> Iterator[tuple[int, Any]]:
        pool = self._started()
        # Read and set without its lock, which a process that dies may never give back.
        driven = self._driven.get_obj()
        driven.value = total - sum(piece.maps for piece in left.values())
        waiting: dict[Future[Any], int] = {
            pool.submit(_do, piece): number for number, piece in left.items()
        }
        self._moved_at.value = time.monotonic()
        while waiting:
            self._check_movement()
            done, _ = wait(waiting, timeout=0.05, return_when=FIRST_COMPLETED)
            for future in done:
                result = future.result()
                yield waiting.pop(future), result
            on_progress(driven.value / total)

    def _check_movement(self) -> None:
        still_s = time.monotonic() - self._moved_at.value
        if self._patience_s is not None and still_s > self._patience_s:
            raise InfrastructureError(
                f"no robot has made a step for {still_s:.0f} s: the policy or the "
                "environment hangs; if they only are slow, allow more with --patience"
            )

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # A fresh interpreter: forking one that holds SDL or torch threads can hang.
            context = multiprocessing.get_context("spawn")
            self._driven = context.Value("q", 0)
            self._moved_at = context.Value("d", time.monotonic(), lock=False)
            self._strangers = list(multiprocessing.active_children())
            self._pool = ProcessPoolExecutor(
                self.size,
                mp_context=context,
                initializer=_prepare_process,
                initargs=(self._driven, self._moved_at),
            )
        return self._pool


_driven: Any = None
"""In an evaluation process: the number of driven maps, shared by all of them."""


_moved_at: Any = None
"""In an evaluation process: when any of them made a step, by the monotonic clock [s]."""


def _prepare_process(driven: Any, moved_at: Any) -> None:
    """Let Ctrl-C reach the parent alone, end with it, and keep to one thread."""
    global _driven, _moved_at
    _driven, _moved_at = driven, moved_at
    follow_parent()
    # Heeded by whatever loads OpenMP from now on, torch included.
    os.environ["OMP_NUM_THREADS"] = "1"


def _do(piece: Work) -> Any:
    """Do a piece of work in a process of its own, and add its maps to the common count."""
    counted = 0

    def count(done: int) -> None:
        nonlocal counted
        _moved_at.value = time.monotonic()
        with _driven.get_lock():
            _driven.value += done - counted
        counted = done

    count(0)
    return piece.do(count)
