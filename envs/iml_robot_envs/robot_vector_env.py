"""The environment of many robots at once, equal to as many single ones bit for bit."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.utils import seeding
from gymnasium.vector.utils import batch_space

from iml_robot_envs.actions import checked_actions
from iml_robot_envs.autoreset import FINAL_OBSERVATION, AutoresetMode, chosen_mode
from iml_robot_envs.description import describe
from iml_robot_envs.maps import choose_map, default_map
from iml_robot_envs.pictures import Pictures
from iml_robot_envs.robot_task import FloatArray, Pilot
from iml_robot_envs.simulation import Rewards, Simulation
from iml_robot_envs.terrain import Array, Bools
from iml_robot_envs.vector_infos import describe_all
from iml_robot_envs.vector_options import chosen_robots, options_of_each, seed_of_each

Steps = tuple[FloatArray, Array, Bools, Bools, dict[str, Any]]


class RobotVectorEnv(gym.vector.VectorEnv):
    """N robots of one task, stepped together.

    It does step for step what `gymnasium.vector.SyncVectorEnv` does with N environments
    of the same id, time limit included, and gives the same observations, rewards, ends
    and infos bit for bit; it is only faster.

    Reset options are those of `RobotEnv`; each may be one value for all robots or a
    sequence of N values, one for each. `reset_mask`, a Boolean array of shape (N,), resets
    only some robots.

    Args:
        simulation: The robots.
        render_mode: None or "rgb_array".
        level: Level of the maps where the reset options name none.
        split: Split of the maps where the reset options name none.
        render_size: Width and height of each picture [pixels].
        max_episode_steps: Control steps after which an episode is truncated; None for
            never.
        autoreset_mode: "NextStep", "SameStep" or "Disabled", as Gymnasium 1.x has them;
            None for "NextStep" or, on Gymnasium 0.29, what its own batches do: "SameStep".

    Attributes:
        num_envs: Number of robots, N.
        single_observation_space: Of one robot.
        single_action_space: Of one robot.
        observation_space: Of all robots, shape (N, size).
        action_space: Of all robots, shape (N, act_dim).
        observation_layout: What each part of the observation and the action means.
        control_dt: Control period [s].
        action_names: What the parts of an action do, in words.
        render_size: Width and height of the next pictures [pixels]; may be set.
        simulation: The robots and their maps; for measurements and tests.

    Raises:
        ValueError: If an argument is not one of those allowed.
    """

    metadata: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 20}  # noqa: RUF012

    def __init__(
        self,
        simulation: Simulation,
        *,
        render_mode: str | None = None,
        level: int = 0,
        split: str = "train",
        render_size: tuple[int, int] = (240, 240),
        max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str | None = None,
    ) -> None:
        # Gymnasium 0.29 and 1.x have constructors with other arguments; both do no more
        # than what follows.
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"render_mode must be None or rgb_array, got {render_mode!r}")
        self.simulation = simulation
        task = simulation.task
        self.num_envs = len(simulation.outcomes)
        self.is_vector_env, self.closed, self.viewer = True, False, None
        self.render_mode, self.render_size = render_mode, render_size
        self.action_names = task.action_names
        self.observation_layout = task.senses.layout
        self.control_dt = task.control_dt
        self.single_observation_space = task.observation_space
        self.single_action_space = task.action_space
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.autoreset_mode = chosen_mode(autoreset_mode)
        self.metadata = {**self.metadata, "autoreset_mode": self.autoreset_mode}
        self._max_steps = max_episode_steps
        self._default_map = default_map(level, split)
        self._generators: list[np.random.Generator | None] = [None] * self.num_envs
        self._pictures = Pictures(simulation)

    # Episodes

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[FloatArray, dict[str, Any]]:
        """Start all robots, or those of a mask, on maps; see the class for the options.

        Args:
            seed: Seed of the first robot, the next ones get the next numbers; or a seed
                for each; None to go on drawing maps as before.
            options: What to choose; robots that are not reset keep their observations.

        Returns:
            Observations, shape (N, size), and infos.

        Raises:
            ValueError: If an option is unknown or outside its range.
        """
        given = options or {}
        chosen = chosen_robots(given, self.num_envs)
        each = options_of_each(given, self.num_envs)
        seeds = seed_of_each(seed, self.num_envs)
        if not chosen.all():
            self._require_started("a reset of some robots")
        for robot in np.flatnonzero(chosen).tolist():
            if seeds[robot] is not None:
                self._generators[robot] = seeding.np_random(seeds[robot])[0]
        self._start(chosen, each)
        none = np.zeros(self.num_envs, np.bool_)
        nothing = self.simulation.nothing()
        infos = describe_all(self.simulation, nothing, shown=chosen, stepped=none)
        return self.simulation.observe(), infos

    def step(self, actions: FloatArray) -> Steps:  # type: ignore[override]
        """Drive all robots for one control period; actions are clipped to [-1, 1].

        Args:
            actions: Shape (N, act_dim); ignored for robots that begin anew.

        Returns:
            Observations, shape (N, size), rewards, terminations and truncations, shape
            (N,) each, and infos.

        Raises:
            ValueError: If the actions have another shape or are not finite, if `reset`
                was not called, or if an episode is over and nothing begins it anew.
        """
        self._require_started("step")
        given = checked_actions(actions, self.action_space.shape)
        again = self._over()
        if again.any():
            self._refuse_ended(again)
        if self.autoreset_mode is not AutoresetMode.NEXT_STEP:
            again[:] = False
        rewards = self._drive(given, ~again)
        if again.any():
            self._start(again)
        return self._results(rewards, ~again)

    def step_only(self, actions: FloatArray, moving: Bools) -> Steps:
        """Drive some robots for one control period; the others stay as they are.

        For those whose episodes end one after another, with nothing begun anew.

        Args:
            actions: Shape (N, act_dim), finite; ignored for robots that stay.
            moving: Which robots move, shape (N,).

        Returns:
            As `step`; robots that stay earn nothing.

        Raises:
            ValueError: If the actions have another shape or are not finite, if `reset`
                was not called, or if the episode of one that is to move is over.
        """
        self._require_started("step")
        given = checked_actions(actions, self.action_space.shape)
        over = self._over() & moving
        if over.any():
            raise ValueError(
                f"the episodes of robots {np.flatnonzero(over).tolist()} are over; they "
                "cannot move: leave them out"
            )
        rewards = self._drive(given, moving)
        terminations, truncations = self._ends()
        shown = np.ones(self.num_envs, np.bool_)
        infos = describe_all(self.simulation, rewards, shown=shown, stepped=moving)
        seen = self.simulation.observe()
        return seen, rewards.total, terminations, truncations, infos

    def get_state(self, robot: int) -> bytes:
        """Return a snapshot of one robot's episode, its time limit included.

        It fits the environment for one robot too.

        Raises:
            ValueError: If there is no such robot or `reset` was not called.
        """
        return self.simulation.get_state(self._checked(robot))

    def set_state(self, robot: int, state: bytes) -> tuple[FloatArray, dict[str, Any]]:
        """Put one robot back to a snapshot, of another environment with this id too.

        Returns:
            Observation and info of this robot, as an environment for one returns them.

        Raises:
            ValueError: If there is no such robot or it is no snapshot of this task.
        """
        self.simulation.set_state(self._checked(robot), state)
        simulation = self.simulation
        info = describe(simulation, robot, simulation.nothing())
        return simulation.observe()[robot], info

    def fork(self, robot: int, copies: int) -> RobotVectorEnv:
        """Return new robots that all are where one of these is, map and time included.

        With the same actions they stay equal bit for bit, and draw the same maps when
        they begin anew; with other actions they show what would have become of it.

        Args:
            robot: The one that is copied.
            copies: How many there shall be.

        Raises:
            ValueError: If there is no such robot, if `reset` was not called or if there
                are no copies.
        """
        fork = RobotVectorEnv(
            self.simulation.fork(self._checked(robot), copies),
            render_mode=self.render_mode,
            level=self._default_map.level,
            split=self._default_map.split,
            render_size=self.render_size,
            max_episode_steps=self._max_steps,
            autoreset_mode=self.autoreset_mode,
        )
        fork.follow(self._generators[robot])
        return fork

    def follow(self, generator: np.random.Generator | None) -> None:
        """Let all robots draw the maps that a generator is going to draw."""
        self._generators = [copy.deepcopy(generator) for _ in range(self.num_envs)]

    def make_pilot(self) -> Pilot:
        """Return a driver for one robot that sees no more than its observation."""
        return self.simulation.task.make_pilot()

    @property
    def reward_features(self) -> dict[str, dict[str, Any]]:
        """What the features in the infos mean; see `RobotEnv.reward_features`."""
        return self.simulation.features.describe()

    @property  # type: ignore[misc]
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """What draws each robot's index and noise where the options name none."""
        return tuple(self._generator(robot) for robot in range(self.num_envs))

    # Rendering

    def render(self) -> tuple[npt.NDArray[np.uint8], ...] | None:  # type: ignore[override]
        """Return a picture of each robot in mode "rgb_array", (height, width, 3) each.

        Raises:
            ValueError: If `reset` was not called.
        """
        if self.render_mode is None:
            return None
        self._require_started("render")
        return tuple(
            self._pictures.draw(robot, "map", self.render_size)
            for robot in range(self.num_envs)
        )

    # The interface of Gymnasium 0.29, whose wrappers call these.

    def reset_wait(
        self,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[FloatArray, dict[str, Any]]:
        """Reset; see `reset`."""
        return self.reset(seed=seed, options=options)

    def step_async(self, actions: FloatArray) -> None:
        """Keep actions for `step_wait`."""
        self._actions = actions

    def step_wait(self, **kwargs: Any) -> Steps:
        """Step with the actions of `step_async`; see `step`."""
        del kwargs
        return self.step(self._actions)

    # Parts

    def _over(self) -> Bools:
        """Return which episodes have ended or been truncated."""
        terminations, truncations = self._ends()
        return terminations | truncations

    def _ends(self) -> tuple[Bools, Bools]:
        """Return terminations and truncations."""
        simulation = self.simulation
        terminations = simulation.ended.copy()
        if self._max_steps is None:
            return terminations, np.zeros(self.num_envs, np.bool_)
        return terminations, np.asarray(simulation.steps >= self._max_steps)

    def _start(self, chosen: Bools, each: Sequence[Mapping[str, Any]] = ()) -> None:
        """Begin the episodes of some robots on the maps that their options ask for."""
        robots = np.flatnonzero(chosen)
        choices = [
            choose_map(
                each[robot] if each else {}, self._default_map, self._generator(robot)
            )
            for robot in robots.tolist()
        ]
        self.simulation.start(robots, choices)

    def _drive(self, actions: Array, moving: Bools) -> Rewards:
        """Step the robots that move; the others earn nothing."""
        if moving.all():
            return self.simulation.step(actions)
        if not moving.any():
            return self.simulation.nothing()
        rewards = self.simulation.step(actions, np.flatnonzero(moving))
        return rewards._replace(total=np.where(moving, rewards.total, 0.0))

    def _results(self, rewards: Rewards, stepped: Bools) -> Steps:
        """Return what `step` returns, after a new start of those that it is for."""
        simulation = self.simulation
        terminations, truncations = self._ends()
        last: dict[int, dict[str, Any]] = {}
        over = terminations | truncations
        if self.autoreset_mode is AutoresetMode.SAME_STEP and over.any():
            seen = simulation.observe()
            for robot in np.flatnonzero(over).tolist():
                info = describe(simulation, robot, rewards)
                last[robot] = {FINAL_OBSERVATION: seen[robot], "final_info": info}
            self._start(over)
            stepped = stepped & ~over
        shown = np.ones(self.num_envs, np.bool_)
        infos = describe_all(simulation, rewards, shown=shown, stepped=stepped)
        for robot, info in last.items():
            infos = self._add_info(infos, info, robot)
        total = rewards.total
        return simulation.observe(), total, terminations, truncations, infos

    def _generator(self, robot: int) -> np.random.Generator:
        generator = self._generators[robot]
        if generator is None:
            generator = self._generators[robot] = seeding.np_random()[0]
        return generator

    def _checked(self, robot: int) -> int:
        if not 0 <= robot < self.num_envs:
            raise ValueError(f"robots are 0 to {self.num_envs - 1}, got {robot!r}")
        return robot

    def _require_started(self, what: str) -> None:
        # A map counts how often it was put under a robot.
        if not self.simulation.grounds.version.all():
            raise ValueError(f"{what} before reset: call env.reset() first")

    def _refuse_ended(self, over: Bools) -> None:
        if self.autoreset_mode is AutoresetMode.DISABLED:
            robots = ", ".join(map(str, np.flatnonzero(over).tolist()))
            raise ValueError(
                f"the episodes of robots {robots} are over; reset them with "
                "env.reset(options={'reset_mask': terminations | truncations})"
            )
