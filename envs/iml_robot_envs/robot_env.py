"""The environment of every robot: one way to reset, step, snapshot and draw."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from iml_robot_envs.maps import MapChoice, choose_map
from iml_robot_envs.outcomes import Situation
from iml_robot_envs.rendering import HumanWindow
from iml_robot_envs.reward_terms import Change
from iml_robot_envs.robot import Robot
from iml_robot_envs.robot_task import FloatArray, Pilot, RobotTask, View
from iml_robot_envs.snapshot import pack, unpack
from iml_robot_envs.terrain import Array, Terrain
from iml_robot_envs.trail import Trail

UNSTABLE = "simulation_unstable"


LEAST_COMMAND = 0.1
"""A smaller action is no attempt to move: a robot told to stand still is not stuck."""


class RobotEnv(gym.Env[FloatArray, FloatArray]):
    """A robot on maps it can be given by level, split and index.

    Reset options: `level` (0 to 4), `split` and `index`; what is left out is the level and
    the split of the constructor and a random index.

    `info` holds at every reset and step: outcome ("" while the episode runs), success,
    speed (m/s), yaw_rate (rad/s), roll, pitch, heading (rad), position (x, y in
    m), distance_to_goal (m), level, split, index, sim_time (s since the reset) and
    reward_terms (they add up to the reward; empty at a reset).

    Args:
        task: The parts.
        render_mode: None, "human" or "rgb_array".
        level: Level of the maps where the reset options name none.
        split: Split of the maps where the reset options name none.
        render_size: Width and height of the picture [pixels].

    Attributes:
        observation_layout: What each part of the observation and the action means.
        control_dt: Control period [s].
        action_names: What the parts of an action do, in words.
        render_size: Width and height of the next pictures [pixels]; may be set.
        np_random: Draws the index of the map where the reset options name none.

    Raises:
        ValueError: If an argument is not one of those allowed.
    """

    metadata: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "render_modes": ["human", "rgb_array"],
        "render_fps": 20,
    }

    def __init__(
        self,
        task: RobotTask,
        *,
        render_mode: str | None = None,
        level: int = 0,
        split: str = "train",
        render_size: tuple[int, int] = (720, 720),
    ) -> None:
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(
                f"render_mode must be None, human or rgb_array, got {render_mode!r}"
            )
        self.render_mode = render_mode
        self.render_size = render_size
        self.action_names = task.action_names
        self.observation_layout = task.senses.layout
        self.control_dt = task.control_dt
        size, limit = task.senses.size, task.senses.limit
        self.observation_space = Box(-limit, limit, (size,), np.float32)
        self.action_space = Box(-1.0, 1.0, (len(task.action_names),), np.float32)
        self._task = task
        self._default_map = choose_map(
            {"level": level, "split": split, "index": 0},
            MapChoice(0, "train", 0),
            np.random.default_rng(0),
        )
        self._robot = task.make_robot()
        self._choice = self._default_map
        self._terrain: Terrain | None = None
        self._trail = Trail(np.zeros((1, 2)))
        self._trying_steps = 0
        self._distance_m = 0.0
        self._outcome = ""
        self._view: View | None = None
        self._window: HumanWindow | None = None

    # Episodes

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[FloatArray, dict[str, Any]]:
        """Start on a map; see the class for the options.

        Raises:
            ValueError: If an option is unknown or outside its range.
        """
        super().reset(seed=seed)
        terrain = self._load(choose_map(options or {}, self._default_map, self.np_random))
        self._robot.place(terrain)
        self._trail = Trail(np.array([self._robot.motion.position[:2]]))
        self._trying_steps = 0
        self._distance_m = self._goal_distance(terrain)
        self._outcome = ""
        self._show()
        return self._task.senses.observe(terrain, self._robot.motion), self._info({})

    def step(
        self, action: FloatArray
    ) -> tuple[FloatArray, float, bool, bool, dict[str, Any]]:
        """Drive for one control period; the action is clipped to [-1, 1].

        Raises:
            ValueError: If the action has another shape or is not finite, or if `reset`
                was not called.
        """
        terrain = self._loaded("step")
        command = self._checked(action)
        self._robot.drive(command)
        motion = self._robot.motion
        trying = max(map(abs, command)) >= LEAST_COMMAND
        self._trying_steps = self._trying_steps + 1 if trying else 0
        self._trail.append(motion.position[0], motion.position[1])
        before, self._distance_m = self._distance_m, self._goal_distance(terrain)
        self._outcome = self._judge(terrain)
        change = Change(before - self._distance_m, self._outcome)
        terms = {name: term(change) for name, term in self._task.reward_terms.items()}
        self._show()
        observation = self._task.senses.observe(terrain, motion)
        ended = self._outcome != ""
        return observation, float(sum(terms.values())), ended, False, self._info(terms)

    def get_state(self) -> bytes:
        """Return a snapshot of everything the future of the episode depends on.

        Raises:
            ValueError: If `reset` was not called.
        """
        self._loaded("get_state")
        choice = self._choice
        facts = {
            "task": self._task.name,
            "map": [choice.level, choice.split, choice.index],
            "outcome": self._outcome,
            "trying_steps": self._trying_steps,
        }
        return pack(facts, {"robot": self._robot.get_state(), "trail": self._trail.points})

    def set_state(self, state: bytes) -> tuple[FloatArray, dict[str, Any]]:
        """Go back to a snapshot, of another environment with this id too.

        Returns:
            Observation and info as `reset` returns them.

        Raises:
            ValueError: If it is no snapshot of this task.
        """
        facts, arrays = unpack(state)
        if facts["task"] != self._task.name:
            raise ValueError(
                f"a snapshot of {facts['task']} cannot be restored in {self._task.name}"
            )
        level, split, index = facts["map"]
        terrain = self._load(MapChoice(level, split, index))
        self._robot.set_state(arrays["robot"])
        self._trail = Trail(arrays["trail"])
        self._distance_m = self._goal_distance(terrain)
        self._outcome = facts["outcome"]
        self._trying_steps = facts["trying_steps"]
        return self._task.senses.observe(terrain, self._robot.motion), self._info({})

    @property
    def robot(self) -> Robot:
        """The simulated body; for measurements and tests."""
        return self._robot

    def make_pilot(self) -> Pilot:
        """Return a driver that sees no more than the observation."""
        return self._task.make_pilot()

    # Rendering

    def render(self) -> npt.NDArray[np.uint8] | None:  # type: ignore[override]
        """Return the picture in mode "rgb_array", shape (height, width, 3).

        Raises:
            ValueError: If `reset` was not called.
        """
        return self._draw() if self.render_mode == "rgb_array" else None

    def project(self, points: Array) -> Array:
        """Return pixels of the last rendered frame for world points, (n, 2) -> (n, 2).

        Raises:
            ValueError: If nothing was rendered on this map.
        """
        if self._view is None:
            raise ValueError("project before render: call env.render() first")
        return self._view.project(points)

    def preview_path(self, action: FloatArray, seconds: float) -> Array:
        """Return world points that a constant action would pass, shape (n, 2) [m]."""
        return self._robot.preview([float(part) for part in action], seconds)

    def close(self) -> None:
        """Close the window, if any; may be called twice."""
        if self._window is not None:
            self._window.close()
            self._window = None

    # Parts

    def _load(self, choice: MapChoice) -> Terrain:
        if self._terrain is None or choice != self._choice:
            field = self._task.fields[choice.level]
            self._terrain = field.build(choice.generator(self._task.name))
            self._view = None
        self._choice = choice
        self._robot.load_ground(self._terrain)
        return self._terrain

    def _loaded(self, what: str) -> Terrain:
        """Return the map, or say that there is none yet."""
        if self._terrain is None:
            raise ValueError(f"{what} before reset: call env.reset() first")
        return self._terrain

    def _checked(self, action: FloatArray) -> list[float]:
        """Return the parts of an action clipped to [-1, 1]."""
        count = len(self.action_names)
        try:
            command = np.asarray(action, dtype=np.float64)
        except (TypeError, ValueError):
            command = np.empty(0)
        if command.shape == (count,):
            parts: list[float] = command.tolist()
            if all(map(math.isfinite, parts)):
                return [min(max(part, -1.0), 1.0) for part in parts]
        raise ValueError(f"an action is {count} finite numbers in [-1, 1], got {action!r}")

    def _goal_distance(self, terrain: Terrain) -> float:
        to_goal = terrain.goal - self._robot.motion.position[:2]
        return math.sqrt(to_goal.dot(to_goal))

    def _judge(self, terrain: Terrain) -> str:
        """Return how the episode ended, or "" if it goes on."""
        if not self._robot.stable:
            return UNSTABLE
        now = Situation(
            terrain, self._robot.motion, self._trail, self._distance_m, self._trying_steps
        )
        return next((name for name, holds in self._task.rules.items() if holds(now)), "")

    def _info(self, terms: Mapping[str, float]) -> dict[str, Any]:
        motion, choice = self._robot.motion, self._choice
        return {
            "outcome": self._outcome,
            "success": self._outcome == "success",
            "speed": motion.speed,
            "yaw_rate": motion.yaw_rate,
            "roll": motion.roll,
            "pitch": motion.pitch,
            "heading": motion.heading,
            "position": motion.position[:2],
            "distance_to_goal": self._distance_m,
            "level": choice.level,
            "split": choice.split,
            "index": choice.index,
            "sim_time": (len(self._trail) - 1) * self.control_dt,
            "reward_terms": dict(terms),
        }

    def _draw(self) -> npt.NDArray[np.uint8]:
        terrain = self._loaded("render")
        if self._view is None:
            self._view = self._task.make_view(terrain)
        motion = self._robot.motion
        pose = (motion.position[0], motion.position[1], motion.heading)
        width, height = self.render_size
        return self._view.draw(
            pose, self._trail.points, size=(int(width), int(height)), outcome=self._outcome
        )

    def _show(self) -> None:
        if self.render_mode == "human":
            if self._window is None:
                self._window = HumanWindow()
            self._window.show(self._draw())
