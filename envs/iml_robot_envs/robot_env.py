"""The environment of every robot: one way to reset, step, snapshot and draw."""

from __future__ import annotations

from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt

from iml_robot_envs.actions import checked_actions
from iml_robot_envs.description import describe
from iml_robot_envs.instruments import instruments
from iml_robot_envs.maps import choose_map, default_map
from iml_robot_envs.obstacles import obstacles
from iml_robot_envs.pictures import Pictures
from iml_robot_envs.rendering import HumanWindow
from iml_robot_envs.robot_task import FloatArray, Pilot, RobotTask
from iml_robot_envs.robot_vector_env import RobotVectorEnv
from iml_robot_envs.simulation import Simulation
from iml_robot_envs.terrain import Array, Terrain
from iml_robot_envs.views import checked_view

_ONLY = np.array([0])


class RobotEnv(gym.Env[FloatArray, FloatArray]):
    """A robot on maps it can be given by level, split and index.

    Reset options: `level` (0 to 4), `split`, `index` and `noise` (which draw of gusts and
    sensor noise, if the task has any); what is left out is the level and the split of the
    constructor, a random index and a random draw.

    `info` holds at every reset and step: outcome ("" while the episode runs), success,
    speed (m/s), yaw_rate (rad/s), roll, pitch, heading (rad), position (x, y in
    m), altitude (m), distance_to_goal (m), level, split, index, noise, sim_time (s since
    the reset), reward_terms (they add up to the reward; empty at a reset) and features
    (float32, shape (d,), see `reward_features`; zeros at a reset).

    Args:
        render_mode: None, "human" or "rgb_array".
        level: Level of the maps where the reset options name none.
        split: Split of the maps where the reset options name none.
        render_size: Width and height of the picture [pixels]; None for the task's usual.
        view: What pictures show: map (from above), first_person (what a camera on the
            robot sees) or camera (the same by MuJoCo's renderer, which needs OpenGL).

    Attributes:
        observation_layout: What each part of the observation and the action means.
        control_dt: Control period [s].
        action_names: What the parts of an action do, in words.
        task: The parts; a class for each task sets it.
        render_size: Width and height of the next pictures [pixels]; may be set.
        view: What the next pictures show; may be set.
        np_random: Draws the index and the noise where the reset options name none.

    Raises:
        ValueError: If an argument is not one of those allowed.
    """

    task: ClassVar[RobotTask]
    metadata: ClassVar[dict[str, Any]] = {  # type: ignore[misc]
        "render_modes": ["human", "rgb_array"],
        "render_fps": 20,
    }

    def __init__(
        self,
        render_mode: str | None = None,
        level: int = 0,
        split: str = "train",
        render_size: tuple[int, int] | None = None,
        view: str = "map",
    ) -> None:
        task = self.task
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(
                f"render_mode must be None, human or rgb_array, got {render_mode!r}"
            )
        self.render_mode = render_mode
        self.render_size = render_size or task.picture_size
        self.view = checked_view(view)
        self.action_names = task.action_names
        self.observation_layout = task.senses.layout
        self.control_dt = task.control_dt
        self.observation_space = task.observation_space
        self.action_space = task.action_space
        self._simulation = Simulation(task, 1)
        self._default_map = default_map(level, split)
        self._pictures = Pictures(self._simulation)
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
        choice = choose_map(options or {}, self._default_map, self.np_random)
        self._simulation.start(_ONLY, [choice])
        self._show()
        return self._simulation.observe()[0], describe(
            self._simulation, 0, self._simulation.nothing()
        )

    def step(
        self, action: FloatArray
    ) -> tuple[FloatArray, float, bool, bool, dict[str, Any]]:
        """Drive for one control period; the action is clipped to [-1, 1].

        Raises:
            ValueError: If the action has another shape or is not finite, or if `reset`
                was not called.
        """
        self._terrain("step")
        simulation = self._simulation
        rewards = simulation.step(checked_actions(action, self.action_space.shape)[None])
        self._show()
        info = describe(simulation, 0, rewards)
        ended = simulation.outcomes[0] != ""
        return simulation.observe()[0], float(rewards.total[0]), ended, False, info

    def get_state(self) -> bytes:
        """Return a snapshot of everything the future of the episode depends on.

        Raises:
            ValueError: If `reset` was not called.
        """
        return self._simulation.get_state(0)

    def set_state(self, state: bytes) -> tuple[FloatArray, dict[str, Any]]:
        """Go back to a snapshot, of another environment with this id too.

        The wrapper `TimeLimit` counts steps on its own and goes on counting; what is left
        of the time limit follows from `sim_time` in the info. `RobotVectorEnv` keeps its
        own time limit, which goes back too.

        Returns:
            Observation and info as `reset` returns them.

        Raises:
            ValueError: If it is no snapshot of this task.
        """
        self._simulation.set_state(0, state)
        return self._simulation.observe()[0], describe(
            self._simulation, 0, self._simulation.nothing()
        )

    def fork(self, copies: int, *, max_episode_steps: int | None = None) -> RobotVectorEnv:
        """Return robots that all are where this one is, to be driven in other ways.

        Args:
            copies: How many there shall be.
            max_episode_steps: Their time limit, which the steps made so far count
                towards; None for that of the registration.

        Raises:
            ValueError: If `reset` was not called or there are no copies.
        """
        if max_episode_steps is None and self.spec is not None:
            # The environment's own spec knows nothing of the wrappers around it.
            max_episode_steps = gym.spec(self.spec.id).max_episode_steps
        default = self._default_map
        fork = RobotVectorEnv(
            self._simulation.fork(0, copies),
            level=default.level,
            split=default.split,
            render_size=self.render_size,
            max_episode_steps=max_episode_steps,
        )
        fork.follow(self._np_random)
        return fork

    @property
    def reward_features(self) -> dict[str, dict[str, Any]]:
        """What the features in `info` mean, by name and in their order.

        Each has its meaning and unit, the mean and std it has in reference drives, and the
        usual weight of the standardised feature.
        """
        return self._simulation.features.describe()

    @property
    def simulation(self) -> Simulation:
        """The robot and its map; for measurements and tests."""
        return self._simulation

    def make_pilot(self) -> Pilot:
        """Return a driver that sees no more than the observation."""
        return self._simulation.task.make_pilot()

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
        view = self._pictures.last_view(0)
        if view is None:
            raise ValueError("project before render: call env.render() first")
        return view.project(points)

    def preview_path(self, action: FloatArray, seconds: float) -> Array:
        """Return world points that a constant action would pass, shape (n, 2) [m]."""
        self._terrain("preview_path")
        return self._simulation.robots.preview(0, np.asarray(action, float), seconds)

    def in_the_way(self, points: Array) -> list[str]:
        """Return what the robot would run into at world points, (n, 2) [m] -> n words.

        "" where there is nothing. What flies would get there at its present height.

        Raises:
            ValueError: If `reset` was not called.
        """
        self._terrain("in_the_way")
        return obstacles(self._simulation, 0, points)

    def instruments(self) -> dict[str, Any]:
        """Return what the dials of a person at the controls show beyond `info`.

        Of every robot: goal_bearing (rad, to the left of ahead positive),
        stopping_distance (m, a second of reaction included) and, where leaving the map
        ends the episode, edge_distance (m, to where it does). With wheels: wheel_speed
        (m/s, mean of the rims; above `speed` they slip). In the air: height above the
        ground and ceiling, the height at which the episode ends (m), and wind (m/s, x, y
        and z of the world).

        Raises:
            ValueError: If `reset` was not called.
        """
        self._terrain("instruments")
        return instruments(self._simulation, 0)

    def close(self) -> None:
        """Close the window, if any; may be called twice."""
        if self._window is not None:
            self._window.close()
            self._window = None

    # Parts

    def _terrain(self, what: str) -> Terrain:
        """Return the map, or say that there is none yet."""
        terrain = self._simulation.grounds.terrains[0]
        if terrain is None:
            raise ValueError(f"{what} before reset: call env.reset() first")
        return terrain

    def _draw(self) -> npt.NDArray[np.uint8]:
        return self._pictures.draw(0, self.view, self.render_size)

    def _show(self) -> None:
        if self.render_mode == "human":
            if self._window is None:
                self._window = HumanWindow()
            self._window.show(self._draw())
