"""Drives maps once more, keeps what was done there, and does it again before a camera.

The maps beside a wanted one are driven with it: what a policy answers may depend, in the
last bit, on how many robots it answers for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from iml_robot.core.errors import InfrastructureError
from iml_robot.core.types import BoolArray, FloatArray
from iml_robot.evaluation.measuring import Part
from iml_robot.evaluation.rollouts import drive_maps, map_options
from iml_robot.evaluation.workers import Counted
from iml_robot.robots.fleet import Fleet


@dataclass(frozen=True)
class Take:
    """What was done on one map.

    Attributes:
        index: Number of the map; also the seed of its episode.
        options: Options of `env.reset`.
        outcome: How it ended.
        actions: Shape (k, act_dim).
        last_seen: Observation after the last action, shape (obs_dim,).
    """

    index: int
    options: Mapping[str, Any]
    outcome: str
    actions: FloatArray
    last_seen: FloatArray

    def play(self, env: Any) -> Iterator[int]:
        """Do the same again, and yield the number of each step before it is done.

        The last number is that of the end, after which nothing is done.

        Args:
            env: The environment, as `make_env` makes it.

        Raises:
            InfrastructureError: If it goes another way than before.
        """
        seen = env.reset(seed=self.index, options=dict(self.options))[0]
        for step, action in enumerate(self.actions):
            yield step
            seen = env.step(action)[0]
        kept = self.last_seen
        if not np.array_equal(np.asarray(seen, kept.dtype), kept, equal_nan=True):
            raise InfrastructureError(
                f"map {self.index} goes another way when it is driven again; the "
                "environment is not deterministic"
            )
        yield len(self.actions)


@dataclass(frozen=True)
class TakesPart:
    """Drives a part once more; called in a process of its own.

    Attributes:
        part: The maps that are driven together.
        wanted: Numbers of those that are kept.
    """

    part: Part
    wanted: tuple[int, ...]

    def __call__(self, count: Counted) -> list[Take]:
        """Return what was done on the wanted maps."""
        part = self.part
        places = [part.indices.index(index) for index in self.wanted]
        notes = _Notes(places)
        results = drive_maps(
            part.source.load(part.task), part.task, part.options, part.indices,
            seed=0, on_done=count, witness=notes,
        )  # fmt: skip
        return [
            Take(
                results[place].index,
                map_options(part.options, results[place].index),
                results[place].outcome,
                np.array(notes.actions[place], np.float32),
                notes.seen[place],
            )
            for place in places
        ]


class _Notes:
    """A witness of what some robots of a fleet do."""

    def __init__(self, places: Sequence[int]) -> None:
        self.actions: dict[int, list[FloatArray]] = {place: [] for place in places}
        self.seen: dict[int, FloatArray] = {}

    def begin(self, fleet: Fleet) -> None:
        """Note what they see at the start."""
        for place in self.actions:
            self.seen[place] = fleet.observations[place].copy()

    def note(self, fleet: Fleet, actions: FloatArray, moved: BoolArray) -> None:
        """Note a step."""
        for place, done in self.actions.items():
            if moved[place]:
                done.append(actions[place].copy())
                self.seen[place] = fleet.observations[place].copy()
