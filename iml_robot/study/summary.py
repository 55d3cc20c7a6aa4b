"""The results of a study: figures of each row, of each method, and comparisons."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot.core.seeding import named_stream
from iml_robot.session.results import Count
from iml_robot.study.comparison import Comparison, compare
from iml_robot.study.config import StudyConfig
from iml_robot.study.metrics import (
    area,
    familiar_change,
    hcs_at_95,
    median_hcs_at_95,
)
from iml_robot.study.records import RowRecord

SCHEMA = "iml_robot.study/1"
ALL_TASKS = "all tasks"


@dataclass(frozen=True)
class Group:
    """The finished rows of a task, a method and an operator, one a seed.

    Attributes:
        task: Name of the task.
        method: Name of the method.
        operator: Name of the operator.
        rows: The rows, in the order of their seeds.
    """

    task: str
    method: str
    operator: str
    rows: tuple[RowRecord, ...]

    def pooled(self, place: int) -> Count:
        """Return the successes of all seeds at a point of their curves.

        Args:
            place: 0 for the first point, -1 for the last.
        """
        counts = [row.points[place].count for row in self.rows]
        return Count(sum(c.successes for c in counts), sum(c.maps for c in counts))


@dataclass(frozen=True)
class Pairing:
    """A method against the first one.

    Attributes:
        task: Name of the task, or `ALL_TASKS`.
        operator: Name of the operator.
        method: The method.
        baseline: The first method of the study.
        comparison: What came of it.
    """

    task: str
    operator: str
    method: str
    baseline: str
    comparison: Comparison


def groups(study: StudyConfig, records: Sequence[RowRecord]) -> list[Group]:
    """Return the finished rows by task, operator and method, in the order of the study."""
    done = sorted((r for r in records if not r.failure), key=lambda r: r.seed)
    tasks = dict.fromkeys(r.task for r in records)
    found = []
    for task, operator, method in itertools.product(tasks, study.operators, study.methods):
        key = (task, method, operator)
        rows = tuple(r for r in done if (r.task, r.method, r.operator) == key)
        if rows:
            found.append(Group(*key, rows))
    return found


def pairings(study: StudyConfig, found: Sequence[Group]) -> list[Pairing]:
    """Compare each method with the first one, by task, and over all tasks."""
    baseline, *others = study.methods
    tasks = list(dict.fromkeys(group.task for group in found))
    wide = [(ALL_TASKS, tasks)] if len(tasks) > 1 else []
    results = []
    for operator, method in itertools.product(study.operators, others):
        for name, members in [*((task, [task]) for task in tasks), *wide]:
            tables = list(_paired(found, members, operator, (baseline, method)))
            if len(tables) < len(members):
                continue
            first, second = zip(*tables, strict=True)
            rng = named_stream(0, "bootstrap", operator, method, name)
            comparison = compare(first, second, rng=rng)
            results.append(Pairing(name, operator, method, baseline, comparison))
    return results


def _paired(
    found: Sequence[Group], tasks: Sequence[str], operator: str, methods: tuple[str, str]
) -> Iterator[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]]:
    """Yield, by task, the final successes of both methods where both have the seed."""
    by_key = {(g.task, g.method, g.operator): g for g in found}
    for task in tasks:
        both = [by_key.get((task, method, operator)) for method in methods]
        rows = [{r.seed: r for r in group.rows} if group else {} for group in both]
        seeds = sorted(rows[0].keys() & rows[1].keys())
        if seeds:
            first, second = (
                np.stack([side[seed].points[-1].successes for seed in seeds])
                for side in rows
            )
            yield first, second


def results(
    study: StudyConfig, records: Sequence[RowRecord], missing: Sequence[str]
) -> dict[str, Any]:
    """Return the results as plain values for JSON; times are in seconds.

    Args:
        study: The study.
        records: Every row that ended.
        missing: Names of the rows that have not.
    """
    found = groups(study, records)
    return {
        "schema": SCHEMA,
        "study": study.model_dump(mode="json"),
        "complete": not missing and not any(r.failure for r in records),
        "missing": list(missing),
        "failed": {r.name: r.failure for r in records if r.failure},
        "groups": [_group(study, group) for group in found],
        "comparisons": [
            {**asdict(p), "comparison": asdict(p.comparison)}
            for p in pairings(study, found)
        ],
        "rows": [_row(study, r) for r in records if not r.failure],
    }


def _group(study: StudyConfig, group: Group) -> dict[str, Any]:
    first, last = group.pooled(0), group.pooled(-1)
    changes = [c for c in map(familiar_change, group.rows) if c is not None]
    return {
        "task": group.task,
        "method": group.method,
        "operator": group.operator,
        "seeds": [row.seed for row in group.rows],
        "start": _count(first),
        "final": _count(last),
        "hcs_at_95_s": median_hcs_at_95(group.rows),
        "reached_95": sum(hcs_at_95(row.points) is not None for row in group.rows),
        "area": float(np.mean([area(row.points, study.budget_s) for row in group.rows])),
        "familiar_change": float(np.mean(changes)) if changes else None,
        "hcs_s": float(np.median([row.hcs_s for row in group.rows])),
        "takeovers": float(np.median([row.takeovers for row in group.rows])),
        "episodes": float(np.median([row.episodes for row in group.rows])),
    }


def _row(study: StudyConfig, row: RowRecord) -> dict[str, Any]:
    mastery = hcs_at_95(row.points)
    return {
        "name": row.name,
        "task": row.task,
        "method": row.method,
        "operator": row.operator,
        "seed": row.seed,
        "ended_by": row.ended_by,
        "hcs_s": row.hcs_s,
        "takeovers": row.takeovers,
        "episodes": row.episodes,
        "supervised_s": row.supervised_s,
        "hcs_at_95_s": mastery.hcs_s if mastery else None,
        "hcs_at_95_confirmed": mastery.confirmed if mastery else None,
        "area": area(row.points, study.budget_s),
        "final": _count(row.points[-1].count),
        "familiar_change": familiar_change(row),
        "wait_s": dict(row.wait_s),
        "wall_s": row.wall_s,
        "curve": [[p.hcs_s, p.count.successes, p.count.maps] for p in row.points],
        "outcomes": dict(row.points[-1].outcomes),
    }


def _count(count: Count) -> dict[str, Any]:
    return {
        "successes": count.successes,
        "maps": count.maps,
        "success": count.rate,
        "interval_95": list(count.interval()),
    }
