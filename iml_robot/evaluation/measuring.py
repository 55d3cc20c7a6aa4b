"""Drives the maps of a suite in several processes, and keeps a record of every map."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.evaluation.drivers import Source
from iml_robot.evaluation.evaluator import chunks_of
from iml_robot.evaluation.meter import Abilities, MapRecord, Meter
from iml_robot.evaluation.rollouts import drive_maps
from iml_robot.evaluation.suites import Suite, SuiteEntry
from iml_robot.evaluation.workers import Counted, Crew, Work


@dataclass(frozen=True)
class Part:
    """Maps of one entry that are driven together.

    Attributes:
        source: Who drives.
        entry: Name of the entry.
        task: Gymnasium id.
        options: Options of `env.reset`.
        indices: Numbers of the maps.
        abilities: What the environment tells.
    """

    source: Source
    entry: str
    task: str
    options: Mapping[str, Any]
    indices: tuple[int, ...]
    abilities: Abilities

    def __call__(self, count: Counted) -> PartResult:
        """Drive the maps; called in a process of its own."""
        policy = self.source.load(self.task)
        meter = Meter(self.abilities, len(self.indices))
        results = drive_maps(
            policy, self.task, self.options, self.indices,
            seed=0, on_done=count, witness=meter,
        )  # fmt: skip
        latency = _latency_ms(policy, meter.seen) if self.indices[0] == 0 else ()
        return PartResult(self.entry, tuple(meter.records(results)), latency)


@dataclass(frozen=True)
class PartResult:
    """What came of a part.

    Attributes:
        entry: Name of the entry.
        records: One a map.
        latency_ms: Times that the policy took for single observations [ms]; may be empty.
    """

    entry: str
    records: tuple[MapRecord, ...]
    latency_ms: tuple[float, ...]


@dataclass
class Measurement:
    """What a policy did on a suite.

    Attributes:
        suite: The suite.
        source: The policy.
        records: Records by entry, in the order of the maps; some may be missing.
        latency_ms: Times that the policy took for single observations [ms].
        wall_s: How long it took [s].
        options: Options of the command that drives the same maps again.
    """

    suite: Suite
    source: Source
    records: dict[str, list[MapRecord]] = field(default_factory=dict)
    latency_ms: list[float] = field(default_factory=list)
    wall_s: float = 0.0
    options: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every map was driven."""
        return self.driven == self.suite.maps

    @property
    def driven(self) -> int:
        """Number of maps that were driven."""
        return sum(map(len, self.records.values()))

    def missing(self) -> str:
        """Return which maps were not driven, in words; "" if none."""
        words = []
        for entry in self.suite.entries:
            driven = {record.index for record in self.records.get(entry.name, ())}
            left = set(range(entry.maps)) - driven
            # Maps are driven in parts, so that what is left lies together.
            starts = sorted(number for number in left if number - 1 not in left)
            ends = sorted(number for number in left if number + 1 not in left)
            words += [
                f"{entry.name} {first}"
                if first == last
                else f"{entry.name} {first} to {last}"
                for first, last in zip(starts, ends, strict=True)
            ]
        return ", ".join(words)

    def add(self, result: PartResult) -> None:
        """Take in a part."""
        rows = self.records.setdefault(result.entry, [])
        rows.extend(result.records)
        rows.sort(key=lambda record: record.index)
        self.latency_ms.extend(result.latency_ms)

    def all_records(self) -> list[MapRecord]:
        """Return the records of all entries, in the order of the suite."""
        return [r for e in self.suite.entries for r in self.records.get(e.name, ())]


def parts_of(source: Source, entry: SuiteEntry, abilities: Abilities) -> list[Part]:
    """Return the parts of an entry, the same for every number of processes."""
    return [
        Part(source, entry.name, entry.task, entry.options, tuple(chunk), abilities)
        for chunk in chunks_of(entry.maps)
    ]


def measure(
    measurement: Measurement,
    workers: Crew,
    *,
    on_progress: Callable[[float], None],
) -> None:
    """Drive all maps of the suite; what was driven is kept if something goes wrong.

    A process that dies is replaced once, and its maps are driven again.

    Args:
        measurement: Where the records go.
        workers: Who drives.
        on_progress: Called several times a second with the finished fraction.

    Raises:
        InfrastructureError: If processes die twice.
        ArtifactError: If the policy does not fit.
    """
    begun = time.perf_counter()
    abilities = Abilities.of(measurement.suite.task)
    source = workers.carried(measurement.source)
    parts = [
        part
        for entry in measurement.suite.entries
        for part in parts_of(source, entry, abilities)
    ]
    try:
        for _, result in drive_parts(workers, parts, on_progress=on_progress):
            measurement.add(result)
    finally:
        measurement.wall_s += time.perf_counter() - begun


def drive_parts(
    workers: Crew, parts: Sequence[Part], *, on_progress: Callable[[float], None]
) -> Generator[tuple[int, PartResult], None, None]:
    """Yield the number and result of each part, as they are finished."""
    work = [Work(part, len(part.indices)) for part in parts]
    yield from workers.finished(work, on_progress=on_progress, retries=1)


def _latency_ms(policy: Policy, seen: Sequence[Any]) -> tuple[float, ...]:
    """Return how long the policy takes to answer for one robot [ms], each time.

    The first answers are left out, in which libraries load and caches warm up.
    """
    times = []
    for observation in seen:
        begun = time.perf_counter()
        policy.act_batch(np.asarray(observation)[None])
        times.append(1000.0 * (time.perf_counter() - begun))
    return tuple(times[5:])
