"""Does the same policy do the same on the same maps, whoever drives them?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from iml_robot.evaluation.measuring import Measurement, drive_parts, parts_of
from iml_robot.evaluation.meter import Abilities
from iml_robot.evaluation.workers import Workers


@dataclass(frozen=True)
class Determinism:
    """What driving maps again has shown.

    Attributes:
        checked: Number of maps that were driven again.
        mismatches: Entry and map of those that went another way.
        jobs: Numbers of processes of the two drives.
    """

    checked: int
    mismatches: tuple[tuple[str, int], ...]
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
    wrong: set[tuple[str, int]] = set()
    checked = 0
    workers = Workers(others)
    for _, result in drive_parts(workers, parts, on_progress=on_progress):
        known = {r.index: r.trace for r in measurement.records[result.entry]}
        checked += len(result.records)
        wrong |= {
            (result.entry, r.index) for r in result.records if r.trace != known[r.index]
        }
    workers.close()
    return Determinism(checked, tuple(sorted(wrong)), (jobs, others))
