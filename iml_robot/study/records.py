"""What a row found out, as plain values that go to JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot.session.results import Count

SCHEMA = "iml_robot.study_row/1"


@dataclass(frozen=True)
class Point:
    """Success of a policy alone after some human-controlled seconds.

    Attributes:
        hcs_s: Human-controlled seconds that were spent for it [s].
        takeovers: Takeovers until then.
        episodes: Episodes until then.
        supervised_s: Simulated time that the operator watched [s].
        policy_version: Number of the policy.
        passed: A "1" for each map that it mastered and a "0" for each other.
        outcomes: How often each outcome came about, the most frequent first.
    """

    hcs_s: float
    takeovers: int
    episodes: int
    supervised_s: float
    policy_version: int
    passed: str
    outcomes: Mapping[str, int] = field(default_factory=dict)

    @property
    def count(self) -> Count:
        """Successes and maps."""
        return Count(self.passed.count("1"), len(self.passed))

    @property
    def successes(self) -> npt.NDArray[np.int64]:
        """A 1 for each map that was mastered, else 0, shape (maps,)."""
        return np.array([mark == "1" for mark in self.passed], dtype=np.int64)

    def plain(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        count = self.count
        return {**asdict(self), "successes": count.successes, "maps": count.maps}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Point:
        """Return the point that `plain` gave."""
        return cls(**{name: values[name] for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class RowRecord:
    """One row, finished or failed.

    Attributes:
        task: Name of the task.
        method: Name of the method.
        operator: Name of the operator.
        seed: Root of every random stream.
        failure: Why there are no results; "" if there are.
        ended_by: What ended the row: "budget" or "episodes".
        points: Headline evaluations in order, the first before any correction.
        familiar: The first and the last policy on familiar terrain; empty: not measured.
        hcs_s: Human-controlled seconds in all [s].
        takeovers: Takeovers in all.
        episodes: Episodes in all.
        supervised_s: Simulated time in all [s].
        log: What happened in each episode, as plain values.
        indices: Numbers of the headline maps, in the order of `Point.passed`.
        wait_s: Median ("p50"), 95th percentile and longest ("max") wait for the learner.
        wall_s: How long the row took [s].
        settings: Everything that the results depend on.
        digest: Hash of the settings.
        program_version: Version of the program.
        traceback: Where a failure came from; "" if unknown.
    """

    task: str
    method: str
    operator: str
    seed: int
    failure: str = ""
    ended_by: str = ""
    points: tuple[Point, ...] = ()
    familiar: tuple[Point, ...] = ()
    hcs_s: float = 0.0
    takeovers: int = 0
    episodes: int = 0
    supervised_s: float = 0.0
    log: tuple[Mapping[str, Any], ...] = ()
    indices: tuple[int, ...] = ()
    wait_s: Mapping[str, float | None] = field(default_factory=dict)
    wall_s: float = 0.0
    settings: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""
    program_version: str = ""
    traceback: str = ""

    @property
    def name(self) -> str:
        """Name of the row."""
        return f"{self.task}-{self.method}-{self.operator}-{self.seed}"

    def plain(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        points = {
            "points": [point.plain() for point in self.points],
            "familiar": [point.plain() for point in self.familiar],
        }
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        lists = {"indices": list(self.indices), "log": list(self.log)}
        return {"schema": SCHEMA, **values, **points, **lists}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> RowRecord:
        """Return the record that `plain` gave.

        Raises:
            KeyError: If a value is missing.
            TypeError: If a value has the wrong form.
        """
        read = {name: values[name] for name in cls.__dataclass_fields__}
        for name in ("points", "familiar"):
            read[name] = tuple(map(Point.of, read[name]))
        for name in ("indices", "log"):
            read[name] = tuple(read[name])
        return cls(**read)
