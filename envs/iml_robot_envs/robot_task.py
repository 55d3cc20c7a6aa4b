"""The parts that make an environment out of the simulation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from iml_robot_envs.features.family import Family
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.outcomes import Rule
from iml_robot_envs.reward_terms import RewardTerm
from iml_robot_envs.robot import Motion, Robots
from iml_robot_envs.terrain import Field, Indices, Terrain

FloatArray = npt.NDArray[np.float32]

CONTROL_DT_S = 0.05
"""Usual control period [s]."""


class Senses(Protocol):
    """What robots perceive.

    Attributes:
        layout: What each part of the observation and of the action means.
        size: Length of an observation.
        limit: Greatest magnitude in an observation.
        noise_channels: Random numbers that an observation uses.
        reach_m: How far beyond the edge of a map a robot may look [m].
    """

    layout: dict[str, Any]
    size: int
    limit: float
    noise_channels: int
    reach_m: float

    def observe(self, grounds: Grounds, motion: Motion, steps: Indices) -> FloatArray:
        """Return new observations, shape (N, size), within the limit.

        Args:
            grounds: The maps and their weather.
            motion: The robots' motion.
            steps: Control steps since each reset, shape (N,).
        """


class Pilot(Protocol):
    """A scripted driver that sees no more than the observation."""

    def reset(self, *, seed: int) -> None:
        """Forget the last episode."""

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the action the driver takes, shape (act_dim,)."""

    def risk(self, observation: FloatArray, action: FloatArray) -> float:
        """Return how surely an action runs into trouble soon, in [0, 1]."""


@dataclass(frozen=True)
class RobotTask:
    """One task of one robot.

    Attributes:
        name: Draws the maps: another name, other maps.
        fields: How hard the maps are, one entry a level.
        make_robots: Builds bodies, given their number and the threads that step them.
        senses: What robots perceive.
        rules: Outcomes by name, the first that holds ends the episode.
        reward_terms: Parts of the reward by name; the reward is their sum.
        make_pilot: Builds a driver.
        make_map: Builds what draws a map from above.
        action_names: What the parts of an action do, in words.
        goal_radius_m: Radius of the goal [m].
        features: Families of features that a reward may be made of.
        camera_height_m: How high a camera sits above a robot's origin [m].
        picture_size: Usual width and height of a picture [pixels].
        control_dt: Control period [s].
    """

    name: str
    fields: tuple[Field, ...]
    make_robots: Callable[[int, int], Robots]
    senses: Senses
    rules: Mapping[str, Rule]
    reward_terms: Mapping[str, RewardTerm]
    make_pilot: Callable[[], Pilot]
    make_map: Callable[[Terrain], Any]
    action_names: tuple[str, ...]
    goal_radius_m: float
    features: tuple[Family, ...] = ()
    camera_height_m: float = 0.3
    picture_size: tuple[int, int] = (720, 720)
    control_dt: float = CONTROL_DT_S

    @property
    def observation_space(self) -> Box:
        """What one robot may observe, a new space with a generator of its own."""
        limit = self.senses.limit
        return Box(-limit, limit, (self.senses.size,), np.float32)

    @property
    def action_space(self) -> Box:
        """What one robot may be told, a new space with a generator of its own."""
        return Box(-1.0, 1.0, (len(self.action_names),), np.float32)
