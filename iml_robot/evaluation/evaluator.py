"""Measures a policy file's success on many maps in several processes."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from iml_robot.core.errors import InfrastructureError
from iml_robot.core.subprocesses import follow_parent
from iml_robot.evaluation.rollouts import MapResult, drive_maps

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

MAPS_PER_CHUNK = 25
"""Fixed, so that the batches a policy sees, and with them the results to the last bit,
do not depend on the number of processes."""


class EvaluationStoppedError(Exception):
    """Raised by `on_progress` where nobody wants the result any more."""


@dataclass(frozen=True)
class Evaluation:
    """What is measured.

    Attributes:
        name: Name in the report.
        env_id: Gymnasium id.
        options: Options of `env.reset`.
        maps: Number of maps.
    """

    name: str
    env_id: str
    options: Mapping[str, Any]
    maps: int


@dataclass(frozen=True)
class EvaluationOutcome:
    """Results of one evaluation.

    Attributes:
        evaluation: What was measured.
        results: One row a map, in the order of the maps.
        seconds: How long it took [s].
    """

    evaluation: Evaluation
    results: tuple[MapResult, ...]
    seconds: float

    @property
    def successes(self) -> int:
        """Number of maps that were mastered."""
        return sum(result.outcome == "success" for result in self.results)

    def outcomes(self) -> dict[str, int]:
        """Return how often each outcome came about, the most frequent first."""
        return dict(Counter(result.outcome for result in self.results).most_common())


class Evaluator:
    """Processes that evaluate policies; they start at the first use and then stay.

    Args:
        jobs: Number of processes.
    """

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        self._strangers: list[BaseProcess] = []
        self._driven: Any = None

    def evaluate(
        self,
        policy: Path,
        evaluation: Evaluation,
        *,
        on_progress: Callable[[float], None],
    ) -> EvaluationOutcome:
        """Drive all maps with the policy alone.

        Args:
            policy: The policy file.
            evaluation: What to measure.
            on_progress: Called several times a second with the finished fraction;
                whatever it raises ends the processes at once.

        Raises:
            InfrastructureError: If a process dies.
        """
        begun = time.perf_counter()
        maps = list(range(evaluation.maps))
        chunks = [
            maps[start : start + MAPS_PER_CHUNK]
            for start in range(0, evaluation.maps, MAPS_PER_CHUNK)
        ]
        pool = self._started()
        # Read and set without its lock, which a process that dies may never give back.
        driven = self._driven.get_obj()
        driven.value = 0
        futures = [pool.submit(_drive_chunk, policy, evaluation, c) for c in chunks]
        try:
            _wait_for_all(futures, lambda: on_progress(driven.value / evaluation.maps))
            results = [row for future in futures for row in future.result()]
        except BrokenProcessPool as error:
            raise InfrastructureError(
                "an evaluation process died (out of memory?); free some memory, then try "
                "again (run: --resume DIR, evaluate: --jobs 1)"
            ) from error
        except BaseException:
            self.close(wait=False)
            raise
        return EvaluationOutcome(evaluation, tuple(results), time.perf_counter() - begun)

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

    def __enter__(self) -> Evaluator:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the processes."""
        self.close(wait=error is None)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # A fresh interpreter: forking one that holds SDL or torch threads can hang.
            context = multiprocessing.get_context("spawn")
            self._driven = context.Value("q", 0)
            self._strangers = list(multiprocessing.active_children())
            self._pool = ProcessPoolExecutor(
                self._jobs,
                mp_context=context,
                initializer=_prepare_process,
                initargs=(self._driven,),
            )
        return self._pool


def _wait_for_all(
    futures: list[Future[list[MapResult]]], report: Callable[[], None]
) -> None:
    """Wait until all are finished or one failed; report meanwhile and at the end."""
    waiting = set(futures)
    while waiting:
        finished, waiting = wait(waiting, timeout=0.05)
        for future in finished:
            future.result()
        report()


_driven: Any = None
"""In an evaluation process: the number of driven maps, shared by all of them."""


def _prepare_process(driven: Any) -> None:
    """Let Ctrl-C reach the parent alone, end with it, and keep to one thread."""
    global _driven  # noqa: PLW0603
    _driven = driven
    follow_parent()
    from iml_robot.policies.ensemble.policy import use_one_thread

    use_one_thread()


def _drive_chunk(path: Path, evaluation: Evaluation, chunk: list[int]) -> list[MapResult]:
    """Evaluate some maps in a process of its own."""
    from iml_robot.policies.ensemble.files import load_policy
    from iml_robot.policies.ensemble.policy import EnsemblePolicy

    policy = EnsemblePolicy(load_policy(path).network)
    counted = 0

    def count(done: int) -> None:
        nonlocal counted
        with _driven.get_lock():
            _driven.value += done - counted
        counted = done

    env_id, options = evaluation.env_id, evaluation.options
    return drive_maps(policy, env_id, options, chunk, seed=0, on_done=count)
