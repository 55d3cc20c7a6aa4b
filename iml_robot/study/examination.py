"""Drives the held-out maps with a policy file, in the process of the row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from iml_robot.core.config import EvaluationConfig
from iml_robot.evaluation.evaluator import MAPS_PER_CHUNK
from iml_robot.evaluation.rollouts import MapResult, drive_maps


class Examination:
    """The same maps for every policy.

    Args:
        env_id: Gymnasium id.
        evaluation: Options of `env.reset` and the number of maps.

    Attributes:
        indices: Numbers of the maps.
    """

    def __init__(self, env_id: str, evaluation: EvaluationConfig) -> None:
        self._env_id = env_id
        self._options = dict(evaluation.options)
        self.indices = list(range(evaluation.maps))

    def drive(self, policy: Path) -> list[MapResult]:
        """Return how a policy does alone on each map.

        Args:
            policy: The policy file.
        """
        from iml_robot.policies.ensemble.files import load_policy
        from iml_robot.policies.ensemble.policy import EnsemblePolicy

        driver = EnsemblePolicy(load_policy(policy).network)
        results: list[MapResult] = []
        for start in range(0, len(self.indices), MAPS_PER_CHUNK):
            chunk = self.indices[start : start + MAPS_PER_CHUNK]
            results += drive_maps(driver, self._env_id, self._options, chunk, seed=0)
        return results


def passed(results: Sequence[MapResult]) -> str:
    """Return a "1" for each map that was mastered and a "0" for each other."""
    return "".join("1" if r.outcome == "success" else "0" for r in results)


def outcomes(results: Sequence[MapResult]) -> dict[str, int]:
    """Return how often each outcome came about, the most frequent first."""
    return dict(Counter(result.outcome for result in results).most_common())
