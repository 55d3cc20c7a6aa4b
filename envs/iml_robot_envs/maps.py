"""Which map an episode is on: a pure function of task, split, level and index."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

SPLITS = {
    "train": 10_000,
    "val": 1_000,
    "test": 1_000,
    "correction": 10_000,
    "practice": 1_000,
}
"""Number of maps in each split; the same index in two splits gives different maps."""

LEVELS = range(5)
FAMILIAR_LEVELS = (0, 1)


@dataclass(frozen=True)
class MapChoice:
    """One map of a task.

    Attributes:
        level: Difficulty from 0 (familiar) to 4.
        split: Name of the set of maps.
        index: Number of the map in its split.
    """

    level: int
    split: str
    index: int

    def generator(self, task: str) -> np.random.Generator:
        """Return the random generator that draws this map of this task."""
        text = f"{task}/{self.split}/{self.level}/{self.index}"
        digest = hashlib.sha256(text.encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], "little"))


def choose_map(
    options: Mapping[str, Any], default: MapChoice, rng: np.random.Generator
) -> MapChoice:
    """Return the map that reset options ask for; a random index where none is given.

    Raises:
        ValueError: If an option is unknown or outside its range.
    """
    for key in options:
        if key not in ("level", "split", "index"):
            raise ValueError(f"unknown reset option {key!r} (known: index, level, split)")
    level = options.get("level", default.level)
    split = options.get("split", default.split)
    if not _is_whole(level) or level not in LEVELS:
        raise ValueError(f"level must be one of 0, 1, 2, 3, 4, got {level!r}")
    if not isinstance(split, str) or split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    index = options.get("index")
    if index is None:
        index = int(rng.integers(SPLITS[split]))
    if not _is_whole(index) or not 0 <= index < SPLITS[split]:
        raise ValueError(
            f"index must be a whole number from 0 to {SPLITS[split] - 1} "
            f"in split {split!r}, got {index!r}"
        )
    return MapChoice(int(level), split, int(index))


def _is_whole(number: Any) -> bool:
    """Return True for whole numbers; True and False are none."""
    return isinstance(number, int | np.integer) and not isinstance(number, bool)
