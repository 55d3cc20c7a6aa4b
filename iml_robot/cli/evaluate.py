"""`iml-robot evaluate`: how often a policy succeeds alone on a configuration's maps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from iml_robot.cli.console import progress, say
from iml_robot.cli.lines import percent
from iml_robot.cli.results_file import check_results_file, write_results
from iml_robot.core.config import load_config
from iml_robot.core.errors import UsageError
from iml_robot.core.resources import find_policy
from iml_robot.evaluation.evaluator import Evaluation, EvaluationOutcome, Evaluator
from iml_robot.session.results import Count

SCHEMA = "iml_robot.evaluation/1"


def evaluate(
    policy: str,
    *,
    suite: str,
    episodes: int | None,
    jobs: int,
    json: Path | None,
    overrides: Sequence[str],
) -> int:
    """Measure a policy on every evaluation of a configuration; returns the exit code."""
    check_results_file(json)
    settings = load_config(suite, overrides)
    if not settings.evaluation:
        raise UsageError(f"{suite} has no section 'evaluation'; add a set of maps to it")
    path = find_policy(policy)
    _check_fits(path, settings.env.id)
    outcomes = []
    with Evaluator(jobs) as evaluator:
        for wanted in settings.evaluation:
            maps = episodes or wanted.maps
            evaluation = Evaluation(
                wanted.name, settings.env.id, dict(wanted.options), maps
            )
            with progress(f"{wanted.name}, {maps} maps without help") as advance:
                outcome = evaluator.evaluate(path, evaluation, on_progress=advance)
            outcomes.append(outcome)
            parts = ", ".join(f"{n} {word}" for word, n in outcome.outcomes().items())
            say(f"{wanted.name}: {percent(Count(outcome.successes, maps))} ({parts})")
    if json is not None:
        values = {"schema": SCHEMA, "evaluations": [_plain(o) for o in outcomes]}
        write_results(json, values)
    return 0


def _check_fits(path: Path, env_id: str) -> None:
    """Refuse a policy of another shape here, with one line, not in a worker process."""
    from iml_robot.policies.ensemble.files import load_policy
    from iml_robot.robots.environment import make_env
    from iml_robot.session.parts import spaces_of

    env = make_env(env_id)
    load_policy(path, spaces_of(env))
    env.close()


def _plain(outcome: EvaluationOutcome) -> dict[str, Any]:
    """Return the results of one evaluation as plain values."""
    evaluation = outcome.evaluation
    low, high = Count(outcome.successes, evaluation.maps).interval()
    return {
        "name": evaluation.name,
        "env": evaluation.env_id,
        "options": dict(evaluation.options),
        "maps": evaluation.maps,
        "successes": outcome.successes,
        "interval_95": [low, high],
        "outcomes": outcome.outcomes(),
        "episodes": [
            {
                "index": row.index,
                "outcome": row.outcome,
                "steps": row.steps,
                "total_reward": row.total_reward,
            }
            for row in outcome.results
        ],
    }
