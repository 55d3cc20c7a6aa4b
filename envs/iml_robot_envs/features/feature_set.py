"""All features of a task: one vector a robot and step, and what its numbers mean."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot_envs.features.family import Family, Feature, Passage, Rows

FloatArray = npt.NDArray[np.float32]


class FeatureSet:
    """The features of N robots in order.

    Args:
        task: Name of the task, for its reference statistics.
        families: What computes them.
        count: Number of robots.

    Attributes:
        features: What they are, in the order of the vector.

    Raises:
        ValueError: If two of them have the same name.
    """

    def __init__(self, task: str, families: Sequence[Family], count: int) -> None:
        self._task = task
        self.features: tuple[Feature, ...] = tuple(
            itertools.chain.from_iterable(family.features for family in families)
        )
        names = [feature.name for feature in self.features]
        if len(set(names)) < len(names):
            raise ValueError(f"every feature of {task} needs a name of its own: {names}")
        self._rows: Rows = np.zeros((len(self.features), count), np.float32)
        sizes = [len(family.features) for family in families]
        parts = np.split(self._rows, np.cumsum(sizes)[:-1]) if sizes else []
        self._families = [
            (family.write, part) for family, part in zip(families, parts, strict=True)
        ]

    def nothing(self) -> FloatArray:
        """Return the features of robots that have made no step: zeros, shape (N, d)."""
        return np.zeros(self._rows.shape[::-1], np.float32)

    def measure(self, passage: Passage) -> FloatArray:
        """Return the features of a step, a new array of shape (N, d)."""
        for write, rows in self._families:
            write(passage, rows)
        return self._rows.T.copy()

    def describe(self) -> dict[str, dict[str, Any]]:
        """Return meaning, unit, mean, std and weight of each feature by name.

        Mean and standard deviation are those of the task's reference drives. Where a task
        has none yet, they are 0 and 1; `scripts/reference_features.py` makes them.
        """
        scales = reference(self._task)
        usual = {"mean": 0.0, "std": 1.0}
        return {
            feature.name: {
                "meaning": feature.meaning,
                "unit": feature.unit,
                **scales.get(feature.name, usual),
                "weight": feature.weight,
            }
            for feature in self.features
        }


@cache
def reference(task: str) -> dict[str, dict[str, float]]:
    """Return mean and std of a task's features by name; nothing if nobody measured them.

    Args:
        task: Name of the task, for example "RoverHills".
    """
    file = resources.files("iml_robot_envs") / "reference_features" / f"{task}.json"
    if not file.is_file():
        return {}
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    return {
        name: {"mean": float(scale["mean"]), "std": float(scale["std"])}
        for name, scale in features.items()
    }
