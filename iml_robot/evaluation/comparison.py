"""Compares two policies on the same maps, and stops as soon as it is sure.

Both drive each map with the same terrain, start, gusts and sensor noise, so that most
differences between maps drop out. Maps count in a fixed order, whichever is finished first:
short failures would else be over-represented early.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from iml_robot.evaluation.drivers import Source
from iml_robot.evaluation.gates import Gate, GateList, parse_rule
from iml_robot.evaluation.measuring import (
    Measurement,
    Part,
    PartResult,
    drive_parts,
    parts_of,
)
from iml_robot.evaluation.meter import Abilities, MapRecord
from iml_robot.evaluation.suites import Suite
from iml_robot.evaluation.verdict import Judgement, Pairs, judge, overall
from iml_robot.evaluation.workers import Crew


@dataclass
class Comparison:
    """What two policies did on the same maps.

    Attributes:
        candidate: What the candidate did on the maps that count.
        baseline: What the baseline did on them.
        pairs: Entry, candidate's and baseline's record, in the order in which they count.
        judgements: What became of the gates, at the end or when it was stopped.
        stopped_early: Whether not all maps were needed.
    """

    candidate: Measurement
    baseline: Measurement
    pairs: list[tuple[str, MapRecord, MapRecord]] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    stopped_early: bool = False

    def differences(self, gate: Gate) -> Pairs:
        """Return how much better the candidate was on each map, by a gate's metric."""
        metric, found = gate.about, []
        sign = 1.0 if metric.higher_is_better else -1.0
        for entry, candidate, baseline in self.pairs:
            values = metric.value(candidate), metric.value(baseline)
            if None not in values and gate.entry in (None, entry):
                found.append(sign * (float(values[0] or 0.0) - float(values[1] or 0.0)))
        return Pairs(np.array(found, np.float64))

    def judge(self, gates: GateList) -> None:
        """Judge all gates on what is known."""
        known = {g.id: self.differences(g) for g in gates.gates if g.test is not None}
        self.judgements = judge(gates, self.candidate, known)


def compare(
    comparison: Comparison,
    gates: GateList,
    workers: Crew,
    *,
    on_progress: Callable[[float], None],
) -> None:
    """Drive pairs of maps until the gates are decided or no maps are left.

    What was driven is kept if something goes wrong.

    Args:
        comparison: Where the records go.
        gates: What is to be decided.
        workers: Who drives.
        on_progress: Called several times a second with the finished fraction of all maps.

    Raises:
        InfrastructureError: If processes die twice.
        ArtifactError: If a policy does not fit.
    """
    begun = time.perf_counter()
    suite = comparison.candidate.suite
    abilities = Abilities.of(suite.task)
    candidate = workers.carried(comparison.candidate.source)
    baseline = workers.carried(comparison.baseline.source)
    waves = _waves(suite, candidate, baseline, abilities)
    flat = [part for wave in waves for part in wave]
    results = drive_parts(workers, flat, on_progress=on_progress)
    try:
        for number, wave in enumerate(_in_order(results, [len(wave) for wave in waves])):
            _add(comparison, wave)
            comparison.judge(gates)
            if number + 1 < len(waves) and _is_decided(comparison.judgements):
                comparison.stopped_early = True
                break
    finally:
        results.close()
        comparison.candidate.wall_s += time.perf_counter() - begun


def _waves(
    suite: Suite, candidate: Source, baseline: Source, abilities: Abilities
) -> list[list[Part]]:
    """Return parts in the order in which they count: a chunk of each entry in turn."""
    rows = [
        list(
            zip(
                parts_of(candidate, entry, abilities),
                parts_of(baseline, entry, abilities),
                strict=True,
            )
        )
        for entry in suite.entries
    ]
    longest = max(map(len, rows))
    return [
        [part for row in rows if turn < len(row) for part in row[turn]]
        for turn in range(longest)
    ]


def _in_order(
    results: Iterator[tuple[int, PartResult]], sizes: Sequence[int]
) -> Iterator[list[PartResult]]:
    """Yield the results of each wave as soon as all those before it are there."""
    known: dict[int, PartResult] = {}
    first = 0
    for size in sizes:
        wanted = range(first, first + size)
        while not all(number in known for number in wanted):
            number, result = next(results)
            known[number] = result
        yield [known.pop(number) for number in wanted]
        first += size


def _add(comparison: Comparison, wave: Sequence[PartResult]) -> None:
    """Take in a wave: its pairs count in turn, one of each entry."""
    rows: list[list[tuple[str, MapRecord, MapRecord]]] = []
    for ours, theirs in zip(wave[::2], wave[1::2], strict=True):
        comparison.candidate.add(ours)
        comparison.baseline.add(theirs)
        pairs = zip(ours.records, theirs.records, strict=True)
        rows.append([(ours.entry, candidate, baseline) for candidate, baseline in pairs])
    for turn in range(max(map(len, rows))):
        comparison.pairs += [row[turn] for row in rows if turn < len(row)]


def _is_decided(judgements: Sequence[Judgement]) -> bool:
    """Return whether more maps could not change the verdict in a valid way."""
    required = [j for j in judgements if j.gate.required]
    compared = [j for j in required if j.gate.test is not None]
    if any(j.status == "fail" for j in compared):
        return True
    if any(_needs_all(j.gate) for j in required):
        return False
    return bool(compared) and overall(judgements) != "inconclusive"


def _needs_all(gate: Gate) -> bool:
    """Return whether a gate holds for a fixed number of maps only."""
    if gate.rule is None:
        return False
    rule = parse_rule(gate.rule)
    return gate.about.kind != "sum" or rule.statistic != "value"
