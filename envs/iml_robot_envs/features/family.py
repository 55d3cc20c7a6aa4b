"""What families of features look at, and what they promise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Array

Rows = npt.NDArray[np.float32]
"""Features of N robots, one row each feature."""


class Passage(NamedTuple):
    """One control step as features may look at it.

    Attributes:
        grounds: The maps.
        before: The robots' motion before the step.
        now: Their motion after it.
        actions: What they were told, in [-1, 1], shape (N, act_dim).
        last_actions: What they were told in the step before; 0 in the first, same shape.
        gained_m: How much nearer the goals are [m], shape (N,).
        ended: Robots whose episode ended in this step, with the outcome by name.
        dt_s: The control period [s].
    """

    grounds: Grounds
    before: Motion
    now: Motion
    actions: Array
    last_actions: Array
    gained_m: Array
    ended: Mapping[int, str]
    dt_s: float


class Feature(NamedTuple):
    """A number that a reward may be made of.

    Attributes:
        name: One word or more, joined by underscores.
        meaning: What it says, for operators.
        unit: Of its values.
        weight: Usual weight in units of the standardised feature: how good one standard
            deviation more of it is.
    """

    name: str
    meaning: str
    unit: str
    weight: float


class Family(Protocol):
    """Features that are computed together."""

    @property
    def features(self) -> tuple[Feature, ...]:
        """What it computes, in order."""

    def write(self, passage: Passage, rows: Rows) -> None:
        """Write the features of one step, each robot's from its own passage alone.

        Args:
            passage: The step.
            rows: Where they are written, shape (features, N); all numbers in them.
        """
