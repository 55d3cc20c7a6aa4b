"""N robots on N maps: one way to start, step, judge, observe and snapshot them all."""

from __future__ import annotations

import functools
import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from iml_robot_envs.compiled import compiled
from iml_robot_envs.features.family import Passage
from iml_robot_envs.features.feature_set import FeatureSet
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.maps import MapChoice
from iml_robot_envs.outcomes import Situation
from iml_robot_envs.reward_terms import Change
from iml_robot_envs.robot import Motion, Robots
from iml_robot_envs.robot_task import FloatArray, RobotTask
from iml_robot_envs.snapshot import pack, unpack
from iml_robot_envs.terrain import Array, Bools, Indices, Terrain
from iml_robot_envs.trail import Trails
from iml_robot_envs.weather import draw_weather

UNSTABLE = "simulation_unstable"
LEAST_COMMAND = 0.1
"""A smaller action is no attempt to move: a robot told to stand still is not stuck."""


class Rewards(NamedTuple):
    """What a control step was worth.

    Attributes:
        total: Sum of the parts, shape (N,).
        terms: The parts by name, each of shape (N,); none where nobody moved.
        features: What a reward may be made of, shape (N, d).
    """

    total: Array
    terms: dict[str, Array]
    features: FloatArray


class Simulation:
    """The robots of one task, each in an episode of its own.

    The environments for one robot and for many are thin shells around it, so that both
    do the same bit for bit.

    Args:
        task: The parts.
        count: Number of robots.
        threads: Threads that step them.

    Attributes:
        task: The parts.
        threads: Threads that step the robots.
        robots: The bodies; for measurements and tests.
        grounds: The maps.
        trails: Where the robots have been.
        choices: Map of each robot; None before `start`.
        splits: Split of each map, shape (N,).
        map_numbers: Level, index and noise of each map, shape (3, N).
        outcomes: How each episode ended, "" while it runs.
        ended: Where it has ended, shape (N,).
        goal_distance_m: Ways to the goals [m], shape (N,).
        features: What a reward may be made of.
    """

    def __init__(self, task: RobotTask, count: int, threads: int = 1) -> None:
        self.task, self.threads = task, threads
        self.robots: Robots = task.make_robots(count, threads)
        self.grounds = Grounds(count, task.senses.reach_m)
        self.trails = Trails(count)
        self.choices: list[MapChoice | None] = [None] * count
        self.splits: npt.NDArray[np.object_] = np.full(count, "", object)
        self.map_numbers: Indices = np.zeros((3, count), np.int64)
        self.outcomes = [""] * count
        self.ended: Bools = np.zeros(count, np.bool_)
        self.goal_distance_m = np.zeros(count)
        self.features = FeatureSet(task.name, task.features, count)
        self._trying_steps: Indices = np.zeros(count, np.int64)
        self._last_actions = np.zeros((count, len(task.action_names)))
        self._robots = np.arange(count)
        self._all: Bools = np.ones(count, np.bool_)

    @property
    def steps(self) -> Indices:
        """Control steps since each start, shape (N,)."""
        return np.maximum(self.trails.counts - 1, 0)

    def start(self, which: Indices, choices: list[MapChoice]) -> None:
        """Begin the episodes of some robots, each on its map."""
        for robot, choice in zip(which.tolist(), choices, strict=True):
            self._load(robot, choice)
            self._note(robot, "")
        self.robots.place(which, self.grounds)
        position = self.robots.motion.position
        for robot in which.tolist():
            self.trails.begin(robot, position[robot : robot + 1, :2])
        self._trying_steps[which] = 0
        self._last_actions[which] = 0.0
        self.goal_distance_m[which] = self._goal_distances()[which]

    def step(self, actions: Array, which: Indices | None = None) -> Rewards:
        """Advance some robots by one control period.

        Args:
            actions: In [-1, 1], finite, shape (N, act_dim); rows of others are ignored.
            which: The robots; None for all.

        Returns:
            The rewards; those of other robots mean nothing.
        """
        motion = self.robots.motion
        self.robots.drive(actions, self.grounds, which)
        active = self._all if which is None else np.isin(self._robots, which)
        count_trying(self._trying_steps, actions, active)
        self.trails.append(self.robots.motion.position, active)
        before, self.goal_distance_m = self.goal_distance_m, self._goal_distances()
        ended = self._judge(active)
        change = Change(before - self.goal_distance_m, ended)
        terms = {name: term(change) for name, term in self.task.reward_terms.items()}
        features = self._features(actions, motion, change)
        if which is None:
            self._last_actions[:] = actions
        else:
            self._last_actions[which] = actions[which]
        return Rewards(functools.reduce(np.add, terms.values()), terms, features)

    def nothing(self) -> Rewards:
        """Return what a step is worth that nobody made."""
        return Rewards(np.zeros(len(self.outcomes)), {}, self.features.nothing())

    def observe(self) -> FloatArray:
        """Return new observations, shape (N, size)."""
        return self.task.senses.observe(self.grounds, self.robots.motion, self.steps)

    def get_state(self, robot: int) -> bytes:
        """Return a snapshot of everything the future of an episode depends on.

        Raises:
            ValueError: If the episode was not started.
        """
        choice = self.choices[robot]
        if choice is None:
            raise ValueError("get_state before reset: call env.reset() first")
        facts = {
            "task": self.task.name,
            "map": [choice.level, choice.split, choice.index, choice.noise],
            "outcome": self.outcomes[robot],
            "trying_steps": int(self._trying_steps[robot]),
        }
        arrays = {
            "robot": self.robots.get_state(robot),
            "trail": self.trails.points(robot),
            "last_action": self._last_actions[robot],
        }
        return pack(facts, arrays)

    def set_state(
        self, robot: int, state: bytes, *, terrain: Terrain | None = None
    ) -> None:
        """Put a robot into the episode of a snapshot, of another simulation too.

        Args:
            robot: Its number.
            state: The snapshot.
            terrain: The snapshot's map where it is at hand, so that it is not drawn anew.

        Raises:
            ValueError: If it is no snapshot of this task.
        """
        facts, arrays = unpack(state)
        if facts["task"] != self.task.name:
            raise ValueError(
                f"a snapshot of {facts['task']} cannot be restored in {self.task.name}"
            )
        level, split, index, noise = facts["map"]
        self._load(robot, MapChoice(level, split, index, noise), terrain)
        self.robots.set_state(robot, arrays["robot"], self.grounds)
        self.trails.begin(robot, arrays["trail"])
        self._note(robot, facts["outcome"])
        self._trying_steps[robot] = facts["trying_steps"]
        # Older snapshots have none.
        self._last_actions[robot] = arrays.get("last_action", 0.0)
        self.goal_distance_m[robot] = self._goal_distances()[robot]

    def fork(self, robot: int, copies: int) -> Simulation:
        """Return a simulation of robots that all are where one of these is.

        Raises:
            ValueError: If its episode was not started or there are no copies.
        """
        if copies < 1:
            raise ValueError(f"a fork needs at least 1 copy, got {copies}")
        state, terrain = self.get_state(robot), self.grounds.terrains[robot]
        fork = Simulation(self.task, copies, min(self.threads, copies))
        for other in range(copies):
            fork.set_state(other, state, terrain=terrain)
        return fork

    def _load(self, robot: int, choice: MapChoice, terrain: Terrain | None = None) -> None:
        """Give a robot a map, drawn anew only if it is another one."""
        last = self.choices[robot]
        if choice == last:
            return
        if terrain is None:
            terrain = self._known(choice)
        if terrain is None:
            field = self.task.fields[choice.level]
            terrain = field.build(choice.generator(self.task.name))
        weather = draw_weather(
            terrain.wind,
            choice.generator(f"{self.task.name}/noise/{choice.noise}"),
            control_dt=self.task.control_dt,
            channels=self.task.senses.noise_channels,
        )
        self.grounds.put(robot, terrain, weather)
        self.choices[robot] = choice
        self.splits[robot] = choice.split
        self.map_numbers[:, robot] = choice.level, choice.index, choice.noise

    def _known(self, choice: MapChoice) -> Terrain | None:
        """Return a map that some robot is on, so that it is not drawn once more."""
        for robot, other in enumerate(self.choices):
            if other is not None and choice.same_map(other):
                return self.grounds.terrains[robot]
        return None

    def _goal_distances(self) -> Array:
        return distances(self.grounds.goals, self.robots.motion.position)

    def _features(self, actions: Array, before: Motion, change: Change) -> FloatArray:
        """Return the features of a step that has just been made, shape (N, d)."""
        return self.features.measure(
            Passage(
                self.grounds,
                before,
                self.robots.motion,
                actions,
                self._last_actions,
                change.gained_m,
                change.ended,
                self.task.control_dt,
            )
        )

    def _judge(self, active: Bools) -> dict[int, str]:
        """Note how episodes ended, and return those that did in this step."""
        ended: dict[int, str] = {}
        now = Situation(
            self.grounds,
            self.robots.motion,
            self.trails,
            self.goal_distance_m,
            self._trying_steps,
        )
        if np.count_nonzero(self.robots.stable) < len(active):
            unstable = np.flatnonzero(active & ~self.robots.stable)
            ended = dict.fromkeys(unstable.tolist(), UNSTABLE)
        for name, holds in self.task.rules.items():
            verdict = holds(now)
            if np.count_nonzero(verdict):
                for robot in np.flatnonzero(verdict & active).tolist():
                    ended.setdefault(robot, name)
        for robot, name in ended.items():
            self._note(robot, name)
        return ended

    def _note(self, robot: int, outcome: str) -> None:
        """Note how an episode ended, or that it runs."""
        self.outcomes[robot] = outcome
        self.ended[robot] = outcome != ""


@compiled
def count_trying(trying_steps: Indices, actions: Array, active: Bools) -> None:
    """Count for how many control steps on end robots have been told to move.

    Args:
        trying_steps: The counts, shape (N,); written.
        actions: In [-1, 1], shape (N, act_dim).
        active: Robots that make a step, shape (N,).
    """
    for robot in range(len(actions)):
        if active[robot]:
            tries = False
            for part in range(actions.shape[1]):
                tries |= abs(actions[robot, part]) >= LEAST_COMMAND
            trying_steps[robot] = trying_steps[robot] + 1 if tries else 0


@compiled
def distances(goals: Array, position: Array) -> Array:
    """Return the ways to the goals as the crow flies [m], shape (N,).

    Args:
        goals: World x, y [m], shape (N, 2).
        position: World x, y, z of the robots [m], shape (N, 3).
    """
    ways = np.empty(len(goals))
    for robot in range(len(goals)):
        east = goals[robot, 0] - position[robot, 0]
        north = goals[robot, 1] - position[robot, 1]
        ways[robot] = math.sqrt(east * east + north * north)
    return ways
