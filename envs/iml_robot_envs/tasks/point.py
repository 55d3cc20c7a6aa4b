"""`iml/Point-v0`: a point slides to a goal; tiny, for tests and first steps."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from iml_robot_envs.maps import MapChoice, choose_map
from iml_robot_envs.pilots.point_pilot import PointPilot
from iml_robot_envs.terrain import Array

CONTROL_DT_S = 0.05
GOAL_RADIUS_M = 0.1
MAX_ACCELERATION = 4.0
DRAG = 2.0
WIND_BY_LEVEL = (0.0, 0.1, 0.8, 1.2, 1.6)


class Point(gym.Env[npt.NDArray[np.float32], npt.NDArray[np.float32]]):
    """A point mass with drag in the square [-1, 1]; unfamiliar levels add side wind.

    Observation, `Box(-4, 4, (6,))`, float32: goal minus position (2) [m], velocity (2)
    [m/s], position (2) [m]. Action, `Box(-1, 1, (2,))`: acceleration (4 m/s^2).
    Reward: metres gained, plus 1 at success. End: `terminated` at success (0.1 m) or
    out_of_bounds (beyond 1.5 m); `truncated` by the time limit of 10 s.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 20}

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = render_mode
        self.observation_space = Box(-4.0, 4.0, (6,), np.float32)
        self.action_space = Box(-1.0, 1.0, (2,), np.float32)
        self.control_dt = CONTROL_DT_S
        self._choice: MapChoice | None = None
        self._position = self._velocity = self._goal = self._wind = np.zeros(2)
        self._outcome = ""

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Start on a map; options are `level`, `split` and `index`.

        Raises:
            ValueError: If an option is unknown or outside its range.
        """
        super().reset(seed=seed)
        default = MapChoice(0, "train", 0)
        self._choice = choose_map(options or {}, default, self.np_random)
        rng = self._choice.generator("Point")
        self._position = rng.uniform(-1, 1, 2)
        self._goal = rng.uniform(-1, 1, 2)
        self._velocity = np.zeros(2)
        angle = rng.uniform(0, 2 * np.pi)
        strength = WIND_BY_LEVEL[self._choice.level]
        self._wind = strength * np.array([np.cos(angle), np.sin(angle)])
        self._outcome = ""
        return self._observe(), self._info()

    def step(
        self, action: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Accelerate for one control period (semi-implicit Euler)."""
        if self._choice is None:
            raise ValueError("step before reset: call env.reset() first")
        command = np.asarray(action, dtype=np.float64)
        if command.shape != (2,) or not np.isfinite(command).all():
            raise ValueError(f"an action is 2 finite numbers in [-1, 1], got {action!r}")
        before = self._distance()
        force = MAX_ACCELERATION * np.clip(command, -1, 1) + self._wind
        self._velocity = self._velocity + CONTROL_DT_S * (force - DRAG * self._velocity)
        self._position = self._position + CONTROL_DT_S * self._velocity
        after = self._distance()
        if after <= GOAL_RADIUS_M:
            self._outcome = "success"
        elif np.abs(self._position).max() > 1.5:
            self._outcome = "out_of_bounds"
        reward = before - after + (self._outcome == "success")
        return self._observe(), float(reward), self._outcome != "", False, self._info()

    def get_state(self) -> bytes:
        """Return a snapshot of everything the future depends on."""
        arrays = (self._position, self._velocity, self._goal, self._wind)
        values: list[Any] = [[float(v) for v in array] for array in arrays]
        return json.dumps([*values, self._outcome]).encode()

    def set_state(self, state: bytes) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Go back to a snapshot; return its observation and info."""
        *arrays, self._outcome = json.loads(state)
        self._position, self._velocity, self._goal, self._wind = map(np.array, arrays)
        return self._observe(), self._info()

    def make_pilot(self) -> PointPilot:
        """Return a driver that steers by the observation."""
        return PointPilot()

    def render(self) -> npt.NDArray[np.uint8] | None:  # type: ignore[override]
        """Return a picture of the square with goal and point, (240, 240, 3)."""
        if self.render_mode is None:
            return None
        picture = np.full((240, 240, 3), 235, np.uint8)
        for place, colour in ((self._goal, (0, 158, 115)), (self._position, (0, 114, 178))):
            column, row = np.clip(120 + 80 * place * (1, -1), 5, 234).astype(int)
            picture[row - 5 : row + 6, column - 5 : column + 6] = colour
        return picture

    def _distance(self) -> float:
        return float(np.linalg.norm(self._goal - self._position))

    def _observe(self) -> npt.NDArray[np.float32]:
        parts: list[Array] = [self._goal - self._position, self._velocity, self._position]
        return np.clip(np.concatenate(parts), -4, 4).astype(np.float32)

    def _info(self) -> dict[str, Any]:
        assert self._choice is not None
        return {
            "outcome": self._outcome,
            "success": self._outcome == "success",
            "speed": float(np.linalg.norm(self._velocity)),
            "position": (float(self._position[0]), float(self._position[1])),
            "distance_to_goal": self._distance(),
            "level": self._choice.level,
            "split": self._choice.split,
            "index": self._choice.index,
        }
