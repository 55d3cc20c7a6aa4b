"""Results as plain values: what the JSON holds, and what all other reports are made of."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shlex
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import iml_robot
from iml_robot.evaluation import metrics
from iml_robot.evaluation.comparison import Comparison
from iml_robot.evaluation.determinism import Determinism
from iml_robot.evaluation.measuring import Measurement
from iml_robot.evaluation.metrics import Metric
from iml_robot.evaluation.statistics import intervals
from iml_robot.evaluation.statistics.bootstrap import interval
from iml_robot.evaluation.suites import SuiteEntry
from iml_robot.evaluation.verdict import Judgement

SCHEMA = "iml_robot.evaluation/2"
"""Name and version of the JSON; the version changes when a reader could stumble."""
WORST = 5
"""Maps that are shown with the command that replays them."""


@dataclass(frozen=True)
class Findings:
    """Everything that a report speaks of.

    Attributes:
        measurement: What the policy did.
        verdict: "pass", "fail", "inconclusive", "measured", "error", "not_deterministic"
            or "interrupted".
        exit_code: Of the command.
        reasons: Why, in words.
        judgements: What became of the gates.
        comparison: What a baseline did on the same maps; None: there is none.
        determinism: What driving again has shown; None: it was not checked.
        alpha: Level of the gates.
        pictures: Files that show the worst maps, by entry and number.
    """

    measurement: Measurement
    verdict: str
    exit_code: int
    reasons: Sequence[str] = ()
    judgements: Sequence[Judgement] = ()
    comparison: Comparison | None = None
    determinism: Determinism | None = None
    alpha: float = 0.05
    pictures: Mapping[tuple[str, int], Path] = field(default_factory=dict)
    created: float = field(default_factory=time.time)


def plain(findings: Findings) -> dict[str, Any]:
    """Return all results as JSON values; see docs/evaluation.md."""
    measurement, comparison = findings.measurement, findings.comparison
    suite = measurement.suite
    wall_s = measurement.wall_s
    return {
        "schema": SCHEMA,
        "kind": "evaluate" if comparison is None else "compare",
        "tool_version": iml_robot.__version__,
        "created_utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(findings.created)),
        "verdict": findings.verdict,
        "exit_code": findings.exit_code,
        "complete": measurement.complete,
        "reasons": list(findings.reasons),
        "policy": _policy(measurement),
        "baseline": None if comparison is None else _policy(comparison.baseline),
        "suite": {
            "name": suite.name,
            "task": suite.task,
            "sha256": suite.digest,
            "maps": suite.maps,
            "driven": measurement.driven,
            "held_out": all(entry.held_out for entry in suite.entries),
        },
        "platform": _platform(),
        "determinism": _determinism(findings.determinism),
        "metrics": _metrics(measurement, None),
        "evaluations": [
            _entry(measurement, e) for e in suite.entries if e.name in measurement.records
        ],
        "gates": [_gate(judgement) for judgement in findings.judgements],
        "comparison": None if comparison is None else _comparison(comparison, findings),
        "worst": [_shown(row, findings) for row in worst(measurement)],
        "timing": {
            "wall_s": wall_s,
            "maps_per_s": measurement.driven / wall_s if wall_s > 0 else None,
        },
    }


def worst(measurement: Measurement) -> list[dict[str, Any]]:
    """Return the worst failures: harm first, then who got least far."""
    failed = [
        (entry, record)
        for entry, records in measurement.records.items()
        for record in records
        if not record.success
    ]
    failed.sort(
        key=lambda row: (row[1].outcome in metrics.UNHARMED, row[1].progress or 0.0)
    )
    return [
        {
            "entry": entry,
            "index": record.index,
            "outcome": record.outcome,
            "steps": record.steps,
            "progress": record.progress,
            "replay": replay_command(measurement, entry, record.index),
        }
        for entry, record in failed[:WORST]
    ]


def replay_command(measurement: Measurement, entry: str, index: int) -> str:
    """Return the command that drives one map again as it was driven."""
    words = [
        "iml-robot", "evaluate", measurement.source.name,
        *measurement.options, "--only", f"{entry}:{index}",
    ]  # fmt: skip
    return shlex.join(words)


def _shown(row: dict[str, Any], findings: Findings) -> dict[str, Any]:
    """Return a row of the worst maps with how to look at it."""
    picture = findings.pictures.get((row["entry"], row["index"]))
    return {
        **row,
        "watch": f"{row['replay']} --watch",
        "picture": None if picture is None else str(picture),
    }


def _policy(measurement: Measurement) -> dict[str, Any]:
    source = measurement.source
    return {"name": source.name, "format": source.format, "sha256": source.sha256}


def _platform() -> dict[str, Any]:
    names = ("numpy", "scipy", "torch", "gymnasium", "mujoco-core")
    return {
        "python": platform.python_version(),
        "os": platform.system(),
        "arch": platform.machine(),
        "cpus": os.cpu_count(),
        **{name.replace("-", "_"): _version(name) for name in names},
    }


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _determinism(found: Determinism | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        # Equal to the bit on this machine, for other numbers of processes too.
        "tier": "T1" if not found.mismatches else None,
        "checked": found.checked,
        "jobs": list(found.jobs),
        "mismatches": [asdict(difference) for difference in found.mismatches],
    }


def _entry(measurement: Measurement, entry: SuiteEntry) -> dict[str, Any]:
    records = measurement.records[entry.name]
    successes = sum(record.success for record in records)
    outcomes = Counter(record.outcome for record in records).most_common()
    return {
        "name": entry.name,
        "env": entry.task,
        "options": dict(entry.options),
        "level": entry.options.get("level"),
        "maps": entry.maps,
        "driven": len(records),
        "successes": successes,
        "interval_95": list(intervals.exact_interval(successes, len(records))),
        "outcomes": dict(outcomes),
        "metrics": _metrics(measurement, entry.name),
        "episodes": [record.told() for record in records],
    }


def _metrics(measurement: Measurement, entry: str | None) -> dict[str, Any]:
    """Return every metric that some map has a value of, by name."""
    known = metrics.all_metrics(measurement.all_records())
    shown: dict[str, Any] = {}
    for metric in known:
        if entry is not None and metric.kind == "latency":
            continue
        found = metrics.figure(measurement, metric, entry)
        if found.value is not None:
            shown[metric.name] = {
                "value": found.value,
                "interval_95": None if found.low is None else [found.low, found.high],
                "values": found.values,
                "unit": metric.unit,
                "meaning": metric.meaning,
                "better": "higher" if metric.higher_is_better else "lower",
            }
    return shown


def _gate(judgement: Judgement) -> dict[str, Any]:
    gate = judgement.gate
    interval_ = None if judgement.low is None else [judgement.low, judgement.high]
    return {
        "id": gate.id,
        "metric": gate.metric,
        "entry": gate.entry,
        "rule": gate.rule or f"{gate.test}, margin {gate.margin:g}",
        "on": gate.on,
        "status": judgement.status,
        "observed": judgement.observed,
        "interval": interval_,
        "p_pass": judgement.p_pass,
        "p_fail": judgement.p_fail,
        "reason": judgement.reason,
    }


def _comparison(comparison: Comparison, findings: Findings) -> dict[str, Any]:
    """Return what the pairs show beyond the gates."""
    pairs = comparison.pairs
    ours = sum(c.success and not b.success for _, c, b in pairs)
    theirs = sum(b.success and not c.success for _, c, b in pairs)
    return {
        "pairs": len(pairs),
        "stopped_early": comparison.stopped_early,
        "alpha": findings.alpha,
        "mcnemar": {
            "only_candidate": ours,
            "only_baseline": theirs,
            "p": intervals.mcnemar(ours, theirs),
            # A p-value for a number of pairs fixed beforehand says less when one stopped.
            "descriptive": comparison.stopped_early,
        },
        "least_detectable_drop": (
            intervals.least_detectable_drop(len(pairs), (ours + theirs) / len(pairs))
            if pairs
            else None
        ),
        "differences": _differences(comparison),
        "baseline_metrics": _metrics(comparison.baseline, None),
        "baseline_episodes": [
            {"entry": entry, **baseline.told()} for entry, _, baseline in pairs
        ],
    }


def _differences(comparison: Comparison) -> dict[str, Any]:
    """Return the mean difference, candidate minus baseline, of every paired metric."""
    known = metrics.all_metrics(comparison.candidate.all_records())
    shown: dict[str, Any] = {}
    for metric in known:
        values = _paired_values(comparison, metric)
        if len(values):
            given = np.array(values, np.float64)
            shown[metric.name] = {
                "mean": float(given.mean()),
                "interval_95": list(interval([given])),
                "pairs": len(values),
            }
    return shown


def _paired_values(comparison: Comparison, metric: Metric) -> list[float]:
    if metric.kind == "latency":
        return []
    values = ((metric.value(c), metric.value(b)) for _, c, b in comparison.pairs)
    return [c - b for c, b in values if c is not None and b is not None]


def outcomes_text(outcomes: Mapping[str, int]) -> str:
    """Return outcomes in one line, for example "9 success, 1 stuck"."""
    return ", ".join(f"{count} {word}" for word, count in outcomes.items())
