"""Figures of one learning curve: when it reached 95 %, and the area below it."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from iml_robot.session.results import MASTERED
from iml_robot.study.records import Point, RowRecord


@dataclass(frozen=True)
class Mastery:
    """When a policy mastered its terrain.

    Attributes:
        hcs_s: Human-controlled seconds after which it had [s].
        confirmed: Whether a second evaluation followed and agreed; False where none did.
    """

    hcs_s: float
    confirmed: bool


def hcs_at_95(points: Sequence[Point]) -> Mastery | None:
    """Return the fewest human-controlled seconds after which success stays at 95 %.

    It must be at least 95 % in two consecutive evaluations; the last evaluation counts
    alone. None: it never was.

    Args:
        points: Evaluations of changed policies, in order.
    """
    good = [point.count.rate >= MASTERED for point in points]
    for place, point in enumerate(points):
        if good[place] and all(good[place : place + 2]):
            return Mastery(point.hcs_s, confirmed=place + 1 < len(points))
    return None


def area(points: Sequence[Point], budget_s: float) -> float:
    """Return the mean success over the human-controlled seconds of the budget.

    Between evaluations the curve stays at the last one; it does not rise before the
    evaluation that shows it.

    Args:
        points: Evaluations in order, the first at 0 s.
        budget_s: End of the integral [s].
    """
    times = [min(point.hcs_s, budget_s) for point in points] + [budget_s]
    widths = [after - before for before, after in itertools.pairwise(times)]
    rates = [point.count.rate for point in points]
    return sum(w * r for w, r in zip(widths, rates, strict=True)) / budget_s


def at(points: Sequence[Point], hcs_s: float) -> Point:
    """Return the last evaluation up to some human-controlled seconds.

    Args:
        points: Evaluations in order, the first at 0 s.
        hcs_s: Human-controlled seconds [s].
    """
    return [point for point in points if point.hcs_s <= hcs_s][-1]


def median_hcs_at_95(rows: Sequence[RowRecord]) -> float | None:
    """Return the median over seeds; None where half of them or more never reached it."""
    reached = [hcs_at_95(row.points) for row in rows]
    middle = median(m.hcs_s if m else math.inf for m in reached)
    return middle if math.isfinite(middle) else None


def familiar_change(row: RowRecord) -> float | None:
    """Return the change of success on familiar terrain; None: it was not measured."""
    if not row.familiar:
        return None
    return row.familiar[-1].count.rate - row.familiar[0].count.rate
