"""Measures a policy file's success on many maps in several processes."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from iml_robot.evaluation.rollouts import MapResult, drive_maps
from iml_robot.evaluation.workers import Counted, Work, Workers

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
        self._workers = Workers(jobs)

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
        pieces = [
            Work(_Drive(policy, evaluation, chunk), len(chunk))
            for chunk in chunks_of(evaluation.maps)
        ]
        found = dict(self._workers.finished(pieces, on_progress=on_progress))
        results = [row for number in sorted(found) for row in found[number]]
        return EvaluationOutcome(evaluation, tuple(results), time.perf_counter() - begun)

    def close(self, *, wait: bool = True) -> None:
        """End the processes.

        Args:
            wait: False ends them in the middle of their work.
        """
        self._workers.close(wait=wait)

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


def chunks_of(maps: int) -> list[list[int]]:
    """Return the numbers of maps in the chunks that are driven together."""
    numbers = list(range(maps))
    return [numbers[s : s + MAPS_PER_CHUNK] for s in range(0, maps, MAPS_PER_CHUNK)]


@dataclass(frozen=True)
class _Drive:
    """Evaluates some maps in a process of its own."""

    path: Path
    evaluation: Evaluation
    chunk: list[int]

    def __call__(self, count: Counted) -> list[MapResult]:
        from iml_robot.policies.ensemble.files import load_policy
        from iml_robot.policies.ensemble.policy import EnsemblePolicy, use_one_thread

        use_one_thread()
        policy = EnsemblePolicy(load_policy(self.path).network)
        env_id, options = self.evaluation.env_id, self.evaluation.options
        return drive_maps(policy, env_id, options, self.chunk, seed=0, on_done=count)
