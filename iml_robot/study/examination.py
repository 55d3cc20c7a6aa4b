"""Drives the held-out maps with a policy file, in the process of the row."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

from iml_robot.core.config import EvaluationConfig
from iml_robot.core.whole_files import replace_text
from iml_robot.evaluation.evaluator import MAPS_PER_CHUNK
from iml_robot.evaluation.rollouts import MapResult, drive_maps


class Examination:
    """The same maps for every policy.

    A policy does the same each time, so each policy drives once: the rows of a study begin
    with the same policies.

    Args:
        env_id: Gymnasium id.
        evaluation: Options of `env.reset` and the number of maps.
        known: Folder for what policies did; None: nothing is kept.

    Attributes:
        indices: Numbers of the maps.
    """

    def __init__(
        self, env_id: str, evaluation: EvaluationConfig, known: Path | None = None
    ) -> None:
        self._env_id = env_id
        self._options = dict(evaluation.options)
        self._known = known
        self.indices = list(range(evaluation.maps))

    def drive(self, policy: Path) -> list[MapResult]:
        """Return how a policy does alone on each map.

        Args:
            policy: The policy file.
        """
        if self._known is None:
            return self._drive(policy)
        path = self._known / f"{self._key(policy)}.json"
        with suppress(OSError, ValueError, TypeError):
            # What cannot be read is driven again.
            rows = json.loads(path.read_text(encoding="utf-8"))
            return [MapResult(*row) for row in rows]
        results = self._drive(policy)
        with suppress(OSError):
            self._known.mkdir(exist_ok=True)
            replace_text(path, json.dumps([astuple(result) for result in results]))
        return results

    def _key(self, policy: Path) -> str:
        """Return a hash of all that the results depend on."""
        asked = [self._env_id, self._options, len(self.indices)]
        digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode())
        digest.update(policy.read_bytes())
        return digest.hexdigest()

    def _drive(self, policy: Path) -> list[MapResult]:
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
