"""Judges gates: passed, failed, or not to be said with so few maps.

Each gate has two p-values: against "it is not fulfilled", with which it passes, and against
"it is fulfilled", with which it fails. All required gates must pass, so a verdict "pass" is
false with probability alpha at most without any correction; one failure is enough for
"fail", so those p-values are corrected for their number. No gate makes up for another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from iml_robot.evaluation import metrics
from iml_robot.evaluation.gates import Gate, GateList, Rule, parse_rule
from iml_robot.evaluation.measuring import Measurement
from iml_robot.evaluation.statistics import betting, bootstrap
from iml_robot.evaluation.statistics.intervals import (
    exact_interval,
    holm,
    share_at_least,
    share_at_most,
)

Array = npt.NDArray[np.float64]
Status: TypeAlias = Literal["pass", "fail", "inconclusive"]
EXIT_CODES: dict[Status, int] = {"pass": 0, "fail": 1, "inconclusive": 3}
LEAST_VALUES = 20
"""Values below which a resampled interval is too narrow to decide anything."""


@dataclass(frozen=True)
class Judgement:
    """What became of a gate.

    Attributes:
        gate: The gate.
        status: Whether it passed.
        observed: The figure that was compared; None: there is none.
        low: Lower end of its interval; None: it has none.
        high: Upper end.
        p_pass: Against "it is not fulfilled"; None: the figure itself decides.
        p_fail: Against "it is fulfilled", corrected for the number of gates.
        reason: Why, in words.
    """

    gate: Gate
    status: Status
    observed: float | None
    low: float | None = None
    high: float | None = None
    p_pass: float | None = None
    p_fail: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Pairs:
    """Differences of two policies on the same maps.

    Attributes:
        differences: How much better the candidate was on each, -1 to 1, shape (n,), in the
            order in which they count.
    """

    differences: Array


def judge(
    gates: GateList, measurement: Measurement, pairs: dict[str, Pairs] | None = None
) -> list[Judgement]:
    """Return what became of each gate.

    Args:
        gates: The gates.
        measurement: What the policy did.
        pairs: What is known about the gates that compare, by their ids.
    """
    found = [
        _compare(gate, (pairs or {})[gate.id], gates.alpha)
        if gate.rule is None
        else _apply(gate, parse_rule(gate.rule), measurement, gates.alpha)
        for gate in gates.gates
    ]
    return _with_failures(found, gates)


def overall(judgements: Sequence[Judgement]) -> Status:
    """Return the verdict: one required failure fails, one open gate leaves it open."""
    states = [j.status for j in judgements if j.gate.required]
    if "fail" in states:
        return "fail"
    return "inconclusive" if "inconclusive" in states else "pass"


def _with_failures(found: list[Judgement], gates: GateList) -> list[Judgement]:
    """Return the judgements with p-values of failures corrected, and failures declared."""
    counted = [j for j in found if j.p_fail is not None and j.gate.required]
    given = [j.p_fail for j in counted if j.p_fail is not None]
    corrected = holm(given) if gates.holm else given
    known = {j.gate.id: p for j, p in zip(counted, corrected, strict=True)}
    judged = []
    for judgement in found:
        p_fail = known.get(judgement.gate.id, judgement.p_fail)
        result = replace(judgement, p_fail=p_fail)
        if p_fail is not None and p_fail <= gates.alpha:
            reason = f"p {p_fail:.2g} that it is fulfilled"
            result = replace(result, status="fail", reason=reason)
        judged.append(result)
    return judged


def _apply(gate: Gate, rule: Rule, measurement: Measurement, alpha: float) -> Judgement:
    """Judge a rule on what was measured."""
    metric = gate.about
    shown = metrics.figure(measurement, metric, gate.entry)
    if shown.value is None:
        return Judgement(gate, "inconclusive", None, reason="no map has this figure")
    if rule.statistic.startswith("ci_"):
        groups = metrics.strata(measurement, metric, gate.entry)
        return _on_interval(gate, rule, groups, alpha)
    observed = shown.value
    if rule.statistic in ("iqm", "cvar10"):
        values = np.concatenate(metrics.strata(measurement, metric, gate.entry))
        statistic = (
            bootstrap.interquartile_mean
            if rule.statistic == "iqm"
            else bootstrap.lower_tail_mean
        )
        observed = float(statistic(values))
    status: Status = "pass" if rule.holds(observed) else "fail"
    reason = f"{observed:.6g} {'fulfils' if status == 'pass' else 'breaks'} {gate.rule}"
    return Judgement(gate, status, observed, reason=reason)


def _on_interval(gate: Gate, rule: Rule, groups: list[Array], alpha: float) -> Judgement:
    """Judge a rule on an interval, which has a p-value for each side."""
    values = np.concatenate(groups)
    if gate.about.kind == "share":
        k, n = round(float(values.sum())), len(values)
        low, high = exact_interval(k, n, level=1.0 - alpha)
        above = share_at_least(k, n, rule.threshold)
        below = share_at_most(k, n, rule.threshold)
    elif len(values) < LEAST_VALUES:
        reason = f"{len(values)} values say too little, {LEAST_VALUES} are needed"
        return Judgement(gate, "inconclusive", float(values.mean()), reason=reason)
    else:
        figures = bootstrap.resampled(groups)
        low, high = bootstrap.interval(groups, level=1.0 - alpha)
        above = float(np.mean(figures <= rule.threshold))
        below = float(np.mean(figures >= rule.threshold))
    observed = low if rule.wants_more else high
    p_pass, p_fail = (above, below) if rule.wants_more else (below, above)
    held = rule.holds(observed)
    return Judgement(
        gate, "pass" if held else "inconclusive", observed, low, high,
        min(1.0, 2.0 * p_pass), min(1.0, 2.0 * p_fail),
        f"{observed:.4g} {'fulfils' if held else 'does not fulfil'} {gate.rule}",
    )  # fmt: skip


def _compare(gate: Gate, pairs: Pairs, alpha: float) -> Judgement:
    """Judge whether a candidate is not worse, which may be asked after every pair."""
    differences = pairs.differences[: gate.max_pairs]
    if not len(differences):
        return Judgement(gate, "inconclusive", None, reason="no pair has this figure")
    p_pass = betting.p_above(differences, -gate.margin)
    p_fail = betting.p_below(differences, -gate.margin)
    low, high = betting.confidence_sequence(differences, level=1.0 - alpha)
    status: Status = "pass" if p_pass <= alpha else "inconclusive"
    word = "not worse" if status == "pass" else "not known"
    reason = (
        f"{word} within {gate.margin:g} after {len(differences)} pairs "
        f"(e-value {1.0 / max(p_pass, 1e-300):.3g}, needed {1.0 / alpha:.3g})"
    )
    observed = float(differences.mean())
    return Judgement(gate, status, observed, low, high, p_pass, p_fail, reason)
