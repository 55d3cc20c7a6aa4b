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

NOISE_DRAWS = 1_000_000
"""Draws of gusts and sensor noise that a map can be replayed with."""

LEVELS = range(5)
FAMILIAR_LEVELS = (0, 1)


@dataclass(frozen=True)
class MapChoice:
    """One map of a task.

    Attributes:
        level: Difficulty from 0 (familiar) to 4.
        split: Name of the set of maps.
        index: Number of the map in its split.
        noise: Number of the draw of gusts and sensor noise; the map does not depend on it.
    """

    level: int
    split: str
    index: int
    noise: int = 0

    def same_map(self, other: MapChoice) -> bool:
        """Return whether both are the same ground."""
        mine = (self.level, self.split, self.index)
        return mine == (other.level, other.split, other.index)

    def generator(self, task: str) -> np.random.Generator:
        """Return the random generator that draws this map of this task."""
        text = f"{task}/{self.split}/{self.level}/{self.index}"
        digest = hashlib.sha256(text.encode()).digest()
        return np.random.default_rng(int.from_bytes(digest[:8], "little"))


def default_map(level: Any, split: Any) -> MapChoice:
    """Return the first map of a level and split, for what reset options leave out.

    Raises:
        ValueError: If there is no such level or split.
    """
    first = MapChoice(0, "train", 0)
    options = {"level": level, "split": split, "index": 0, "noise": 0}
    return choose_map(options, first, np.random.default_rng(0))


def choose_map(
    options: Mapping[str, Any], default: MapChoice, rng: np.random.Generator
) -> MapChoice:
    """Return the map that reset options ask for; index and noise drawn where not given.

    Raises:
        ValueError: If an option is unknown or outside its range.
    """
    for key in options:
        if key not in ("level", "split", "index", "noise"):
            raise ValueError(
                f"unknown reset option {key!r} (known: index, level, noise, split)"
            )
    level = options.get("level", default.level)
    split = options.get("split", default.split)
    if not _is_whole(level) or level not in LEVELS:
        raise ValueError(f"level must be one of 0, 1, 2, 3, 4, got {level!r}")
    if not isinstance(split, str) or split not in SPLITS:
        raise ValueError(f"split must be one of {', '.join(SPLITS)}, got {split!r}")
    index = _number(
        "index", options.get("index"), SPLITS[split], f" in split {split!r}", rng
    )
    noise = _number("noise", options.get("noise"), NOISE_DRAWS, "", rng)
    return MapChoice(int(level), split, index, noise)


def _number(name: str, given: Any, count: int, where: str, rng: np.random.Generator) -> int:
    """Return a number below a count as it was given, or a random one."""
    if given is None:
        return int(rng.integers(count))
    if not _is_whole(given) or not 0 <= given < count:
        raise ValueError(
            f"{name} must be a whole number from 0 to {count - 1}{where}, got {given!r}"
        )
    return int(given)


def _is_whole(number: Any) -> bool:
    """Return True for whole numbers; True and False are none."""
    return isinstance(number, int | np.integer) and not isinstance(number, bool)
