"""Does the same policy do the same on the same maps, whoever drives them?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iml_robot.evaluation.measuring import Measurement, drive_parts, parts_of
from iml_robot.evaluation.meter import Abilities, MapRecord
from iml_robot.evaluation.workers import Workers


@dataclass(frozen=True)
class Difference:
    """Where a map went another way.

    Attributes:
        entry: Entry of the suite.
        index: Number of the map.
        step: Control step, from 0.
        field: What differed first: "observation" (before the first step: at the start;
            else after the step), "action", or "length" if one way ended there.
    """

    entry: str
    index: int
    step: int
    field: str

    @classmethod
    def between(cls, entry: str, first: MapRecord, second: MapRecord) -> Difference:
        """Return where two drives of a map parted.

        Args:
            entry: Entry of the suite.
            first: One drive.
            second: The other one, with another trace.
        """
        pairs = enumerate(zip(first.prints, second.prints, strict=False))
        shorter = min(len(first.prints), len(second.prints))
        place = next((n for n, (a, b) in pairs if a != b), shorter)
        step = max(place - 1, 0) // 2
        field = "action" if place % 2 else "observation"
        return cls(entry, first.index, step, "length" if place == shorter else field)


@dataclass(frozen=True)
class Determinism:
    """What driving maps again has shown.

    Attributes:
        checked: Number of maps that were driven again.
        mismatches: Where maps went another way, one a map.
        jobs: Numbers of processes of the two drives.
    """

    checked: int
    mismatches: tuple[Difference, ...]
    jobs: tuple[int, int]


def check_determinism(
    measurement: Measurement, jobs: int, *, on_progress: Callable[[float], None]
) -> Determinism:
    """Drive the first maps of each entry again, with another number of processes.

    The first part is driven twice more: one process may drive both, and must not carry
    anything over from one to the other. Everything seen and done must be equal to the bit.

    Args:
        measurement: The complete first drive.
        jobs: Its number of processes.
        on_progress: Called several times a second with the finished fraction.
    """
    suite, others = measurement.suite, 1 if jobs > 1 else 2
    abilities = Abilities.of(suite.task)
    first = [parts_of(measurement.source, e, abilities)[0] for e in suite.entries]
    parts = [first[0], *first]
    wrong: dict[tuple[str, int], Difference] = {}
    checked = 0
    workers = Workers(others)
    for _, result in drive_parts(workers, parts, on_progress=on_progress):
        known = {record.index: record for record in measurement.records[result.entry]}
        checked += len(result.records)
        for record in result.records:
            before = known[record.index]
            if record.trace != before.trace:
                found = Difference.between(result.entry, before, record)
                wrong.setdefault((result.entry, record.index), found)
    workers.close()
    return Determinism(
        checked, tuple(wrong[place] for place in sorted(wrong)), (jobs, others)
    )
