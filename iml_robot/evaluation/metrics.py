"""What is measured, by name: shares, sums, means and times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from iml_robot.core.errors import UsageError
from iml_robot.core.registry import did_you_mean
from iml_robot.evaluation.measuring import Measurement
from iml_robot.evaluation.meter import MapRecord
from iml_robot.evaluation.rollouts import NONFINITE_ACTION, NONFINITE_WORLD
from iml_robot.evaluation.statistics import bootstrap
from iml_robot.evaluation.statistics.intervals import exact_interval

Array = npt.NDArray[np.float64]
Kind: TypeAlias = Literal["share", "sum", "mean", "latency"]

FEATURE = "feature."
"""Prefix of the metrics that are means of reward features, for example "feature.slip"."""
UNHARMED = ("success", "time_limit", "stuck")
"""Ends in which nothing happened to the robot; every other one is a mishap."""


@dataclass(frozen=True)
class Metric:
    """One thing that is measured.

    Attributes:
        name: Its name.
        meaning: What it says, in words.
        unit: Unit; "" for shares and counts.
        kind: "share" (0 or 1 a map), "sum", "mean" (of the maps that have a value) or
            "latency" (percentile over single answers).
        value: Value of one map; None: it has none.
        higher_is_better: Direction.
        bounded: Whether every value lies in [0, 1], as paired tests need.
        safety: Whether it speaks of harm, which nothing else makes up for.
    """

    name: str
    meaning: str
    unit: str
    kind: Kind
    value: Callable[[MapRecord], float | None]
    higher_is_better: bool = True
    bounded: bool = False
    safety: bool = False


@dataclass(frozen=True)
class Figure:
    """A metric of some maps.

    Attributes:
        value: Share, sum, mean or percentile; None: no map has a value.
        low: Lower end of the 95 % interval; None: there is no interval.
        high: Upper end.
        values: How many maps have a value.
    """

    value: float | None
    low: float | None
    high: float | None
    values: int


def ended_with(*outcomes: str) -> Callable[[MapRecord], float]:
    """Return what says whether a map ended in one of some ways."""
    return lambda record: float(record.outcome in outcomes)


def _share(name: str, meaning: str, *outcomes: str, safety: bool = True) -> Metric:
    value = ended_with(*outcomes)
    return Metric(
        name, meaning, "", "share", value,
        higher_is_better=False, bounded=True, safety=safety,
    )  # fmt: skip


def _if_mastered(record: MapRecord) -> float | None:
    return record.time_s if record.success else None


def _mishap(record: MapRecord) -> float:
    return float(record.outcome not in UNHARMED)


_SUCCESS = Metric(
    "success", "share of maps that were mastered", "", "share",
    lambda r: float(r.success), bounded=True,
)  # fmt: skip
_MISHAP = Metric(
    "mishap_rate", "share of maps that ended in harm: not success, time limit or stuck",
    "", "share", _mishap, higher_is_better=False, bounded=True, safety=True,
)  # fmt: skip
_LISTED = (
    _SUCCESS,
    _MISHAP,
    _share("collision_rate", "share of maps that ended in a collision", "collision"),
    _share("rolled_over_rate", "share of maps that ended rolled over", "rolled_over"),
    _share("out_of_bounds_rate", "share of maps that ended outside", "out_of_bounds"),
    _share("stuck_rate", "share of maps that ended stuck", "stuck", safety=False),
    _share("time_limit_rate", "share of maps out of time", "time_limit", safety=False),
    Metric(
        "geofence_breaches", "number of maps that ended outside", "", "sum",
        ended_with("out_of_bounds"), higher_is_better=False, safety=True,
    ),
    Metric(
        "nonfinite_actions", "number of maps that ended as the policy said NaN or infinity",
        "", "sum", ended_with(NONFINITE_ACTION), higher_is_better=False, safety=True,
    ),
    Metric(
        "nonfinite_worlds", "number of maps that ended as the environment returned NaN",
        "", "sum", ended_with(NONFINITE_WORLD), higher_is_better=False, safety=True,
    ),
    Metric("return", "summed reward", "", "mean", lambda r: r.total_reward),
    Metric(
        "progress", "share of the way to the goal that was covered", "", "mean",
        lambda r: r.progress, bounded=True,
    ),
    Metric(
        "time_to_goal", "simulated time of the maps that were mastered", "s", "mean",
        _if_mastered, higher_is_better=False,
    ),
    Metric(
        "path_efficiency", "way covered over way driven", "", "mean",
        lambda r: r.path_efficiency, bounded=True,
    ),
    Metric(
        "action_change", "how fast the actions change", "1/s", "mean",
        lambda r: r.action_change, higher_is_better=False,
    ),
    Metric(
        "near_share", "share of the steps near things (closeness of 0.8 or more)", "",
        "mean", lambda r: r.near_share, higher_is_better=False, bounded=True, safety=True,
    ),
    *(
        Metric(
            f"policy_ms_p{percent}", f"time of an answer, {percent}th percentile", "ms",
            "latency", lambda r: None, higher_is_better=False,
        )
        for percent in (50, 95, 99)
    ),
)  # fmt: skip

METRICS = {metric.name: metric for metric in _LISTED}
"""Every metric that is always known."""


def metric_named(name: str) -> Metric:
    """Return a metric.

    Args:
        name: Of `METRICS`, or "feature.NAME" for the mean of a reward feature.

    Raises:
        UsageError: If there is no such metric; the message names those there are.
    """
    if name.startswith(FEATURE) and len(name) > len(FEATURE):
        feature = name.removeprefix(FEATURE)
        return Metric(
            name, f"mean of the reward feature {feature!r}", "", "mean",
            lambda record: record.features.get(feature), higher_is_better=False,
        )  # fmt: skip
    if name not in METRICS:
        known = [*METRICS, f"{FEATURE}NAME"]
        raise UsageError(f"unknown metric {name!r}{did_you_mean(name, known)}")
    return METRICS[name]


def all_metrics(records: Sequence[MapRecord]) -> list[Metric]:
    """Return every metric that some records may have, those of features last."""
    features = records[0].features if records else ()
    return [*_LISTED, *(metric_named(FEATURE + name) for name in features)]


def strata(measurement: Measurement, metric: Metric, entry: str | None) -> list[Array]:
    """Return the values of a metric in each entry that has some, shape (m,) each.

    Args:
        measurement: What was driven.
        metric: The metric, not of the kind "latency".
        entry: Name of the only entry that counts; None: all count.
    """
    found = []
    for name, records in measurement.records.items():
        if entry is None or name == entry:
            given = (metric.value(record) for record in records)
            values = np.array([v for v in given if v is not None], np.float64)
            if len(values):
                found.append(values)
    return found


def figure(measurement: Measurement, metric: Metric, entry: str | None = None) -> Figure:
    """Return a metric with its 95 % interval; see `Figure`.

    Shares have exact intervals, means resampled ones.
    """
    if metric.kind == "latency":
        return _latency(measurement, metric)
    groups = strata(measurement, metric, entry)
    if not groups:
        return Figure(None, None, None, 0)
    values = np.concatenate(groups)
    total, count = float(values.sum()), len(values)
    if metric.kind == "share":
        low, high = exact_interval(round(total), count)
        return Figure(total / count, low, high, count)
    if metric.kind == "sum":
        return Figure(total, None, None, count)
    low, high = bootstrap.interval(groups)
    return Figure(total / count, low, high, count)


def _latency(measurement: Measurement, metric: Metric) -> Figure:
    times = measurement.latency_ms
    if not times:
        return Figure(None, None, None, 0)
    percent = int(metric.name.rpartition("p")[2])
    return Figure(float(np.percentile(times, percent)), None, None, len(times))
