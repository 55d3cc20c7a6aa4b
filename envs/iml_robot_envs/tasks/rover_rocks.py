"""`iml/RoverRocks-v0`: reach a goal between rocks and, on unfamiliar levels, ditches."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any, ClassVar

import gymnasium as gym
import numpy as np
import numpy.typing as npt
from gymnasium.spaces import Box

from iml_robot_envs.maps import MapChoice, choose_map
from iml_robot_envs.pilots.rover_pilot import RoverPilot
from iml_robot_envs.rendering import HumanWindow, TopDownMap
from iml_robot_envs.rocks import CELL_M, SIDE_M, RockField
from iml_robot_envs.rover import MAX_SPEED_M_S, MAX_YAW_RATE_RAD_S, WHEEL_RADIUS_M, Rover
from iml_robot_envs.sensing import HeightScan
from iml_robot_envs.terrain import Array, Terrain

TASK = "RoverRocks"
CONTROL_DT_S = 0.05
GOAL_RADIUS_M = 1.0
STUCK_WINDOW_STEPS = 80
STUCK_DISTANCE_M = 0.25
ROLL_OVER_COSINE = 0.3
EDGE_MARGIN_M = 0.6

FIELDS = (
    RockField(rocks=26, ditches=0, roughness_m=0.04),
    RockField(rocks=45, ditches=0, roughness_m=0.05),
    RockField(rocks=45, ditches=18, roughness_m=0.06),
    RockField(rocks=52, ditches=24, roughness_m=0.07),
    RockField(rocks=70, ditches=30, roughness_m=0.08),
)

SCAN = HeightScan(x_m=np.arange(-3, 21) * 0.3, y_m=np.arange(-15, 16) * 0.3)
LAYOUT: dict[str, Any] = {
    "scan": {
        "start": 0,
        "shape": list(SCAN.shape),
        "x_m": [float(SCAN.x_m[0]), float(SCAN.x_m[-1])],
        "y_m": [float(SCAN.y_m[0]), float(SCAN.y_m[-1])],
    },
    "state": {
        "start": SCAN.shape[0] * SCAN.shape[1],
        "names": [
            "goal_forward", "goal_left", "goal_distance",
            "speed", "sideways_speed", "yaw_rate", "roll", "pitch",
            "wheel_front_left", "wheel_front_right", "wheel_rear_left", "wheel_rear_right",
        ],
        "mirror_negative": ["goal_left", "sideways_speed", "yaw_rate", "roll"],
        "mirror_swap": [
            ["wheel_front_left", "wheel_front_right"],
            ["wheel_rear_left", "wheel_rear_right"],
        ],
    },
    "action": {
        "names": ["speed", "yaw_rate"],
        "scale": [MAX_SPEED_M_S, MAX_YAW_RATE_RAD_S],
        "mirror_negative": ["yaw_rate"],
    },
}  # fmt: skip
STATE_NAMES: list[str] = LAYOUT["state"]["names"]
OBSERVATION_SIZE = LAYOUT["state"]["start"] + len(STATE_NAMES)


class RoverRocks(gym.Env[npt.NDArray[np.float32], npt.NDArray[np.float32]]):
    """A rover drives 15 to 20 m to a goal between rocks; ditches are new to it.

    Observation, `Box(-2, 2)`, float32:

    | index | meaning | unit |
    |---|---|---|
    | 0 to 743 | ground height above the wheels' contact, 24 x 31 grid, 0.3 m apart, from 0.9 m behind to 6 m ahead and 4.5 m to each side, turned with the robot; 1 outside the map | m, clipped to 1 |
    | 744, 745 | direction of the goal: cosine (ahead), sine (left) | |
    | 746 | distance of the goal | 20 m |
    | 747, 748 | forward and left speed | m/s |
    | 749 | yaw rate | 1.5 rad/s |
    | 750, 751 | roll, pitch | rad |
    | 752 to 755 | rim speeds of the wheels | m/s |

    Action, `Box(-1, 1, (2,))`: forward speed (1 m/s) and yaw rate (1.5 rad/s, left positive).

    Reward: metres gained towards the goal, minus 0.02 a step, plus 10 at success and minus
    10 at roll-over, getting stuck or leaving the map; parts in `info["reward_terms"]`.

    Start: at rest near the western edge, the goal near the eastern one. Reset options:
    `level` (0, 1: rocks; 2 to 4: ditches too), `split`, `index`.

    End: `terminated` at success (within 1 m of the goal), rolled_over, stuck (less than
    0.25 m in 4 s), out_of_bounds, simulation_unstable; `truncated` by the time limit of 60 s.

    Version history: v0 first version.
    """  # noqa: E501

    metadata: ClassVar[dict[str, Any]] = {
        "render_modes": ["human", "rgb_array"],
        "render_fps": round(1 / CONTROL_DT_S),
    }

    def __init__(
        self,
        render_mode: str | None = None,
        level: int = 0,
        split: str = "train",
        render_size: tuple[int, int] = (720, 720),
    ) -> None:
        if render_mode is not None and render_mode not in self.metadata["render_modes"]:
            raise ValueError(
                f"render_mode must be None, human or rgb_array, got {render_mode!r}"
            )
        self.render_mode = render_mode
        self.observation_space = Box(-2.0, 2.0, (OBSERVATION_SIZE,), np.float32)
        self.action_space = Box(-1.0, 1.0, (2,), np.float32)
        self.observation_layout = LAYOUT
        self.control_dt = CONTROL_DT_S
        self._default_map = choose_map(
            {"level": level, "split": split, "index": 0},
            MapChoice(0, "train", 0),
            np.random.default_rng(),
        )
        samples = round(SIDE_M / CELL_M)
        self._rover = Rover(samples, samples, CELL_M, CONTROL_DT_S)
        self._terrain: Terrain | None = None
        self._choice = self._default_map
        self._path = np.zeros((0, 2))
        self._render_size = render_size
        self._map_view: TopDownMap | None = None
        self._window: HumanWindow | None = None
        self._outcome = ""

    # Episodes

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Start on a map; see the class for the options.

        Raises:
            ValueError: If an option is unknown or outside its range.
        """
        super().reset(seed=seed)
        self._load(choose_map(options or {}, self._default_map, self.np_random))
        assert self._terrain is not None
        self._rover.place(self._terrain)
        self._path = self._rover.position[None, :2]
        self._outcome = ""
        info = self._info(self._goal_distance(), {})
        self._show()
        return self._observe(), info

    def step(
        self, action: npt.NDArray[np.float32]
    ) -> tuple[npt.NDArray[np.float32], float, bool, bool, dict[str, Any]]:
        """Drive for one control period.

        Raises:
            ValueError: If the action has another shape or is not finite, or if `reset`
                was not called.
        """
        if self._terrain is None:
            raise ValueError("step before reset: call env.reset() first")
        command = np.asarray(action, dtype=np.float64)
        if command.shape != (2,) or not np.isfinite(command).all():
            raise ValueError(f"an action is 2 finite numbers in [-1, 1], got {action!r}")
        before = self._goal_distance()
        self._rover.drive(np.clip(command, -1.0, 1.0))
        self._path = np.concatenate([self._path, self._rover.position[None, :2]])
        after = self._goal_distance()
        self._outcome = self._judge(after)
        terms = self._reward_terms(before - after)
        info = self._info(after, terms)
        self._show()
        return (
            self._observe(), float(sum(terms.values())), self._outcome != "", False, info,
        )  # fmt: skip

    def get_state(self) -> bytes:
        """Return a snapshot of everything the future depends on."""
        buffer = io.BytesIO()
        np.savez(
            buffer,
            rover=self._rover.get_state(),
            path=self._path,
            choice=np.array([self._choice.level, self._choice.index]),
            split=np.array(self._choice.split),
            outcome=np.array(self._outcome),
        )
        return buffer.getvalue()

    def set_state(self, state: bytes) -> tuple[npt.NDArray[np.float32], dict[str, Any]]:
        """Go back to a snapshot; return its observation and info."""
        with np.load(io.BytesIO(state), allow_pickle=False) as saved:
            level, index = (int(n) for n in saved["choice"])
            self._load(MapChoice(level, str(saved["split"]), index))
            self._rover.set_state(saved["rover"])
            self._path = saved["path"]
            self._outcome = str(saved["outcome"])
        return self._observe(), self._info(self._goal_distance(), {})

    def make_pilot(self) -> RoverPilot:
        """Return a driver that plans with what the observation shows."""
        return RoverPilot(SCAN, LAYOUT)

    # Rendering

    def render(self) -> npt.NDArray[np.uint8] | None:  # type: ignore[override]
        """Return the map around the rover, heading up, in mode "rgb_array"."""
        return self._draw() if self.render_mode == "rgb_array" else None

    def project(self, points: Array) -> Array:
        """Return pixels of the last rendered frame for world points, (n, 2) -> (n, 2)."""
        assert self._map_view is not None
        return np.asarray(self._map_view.project(points))

    def preview_path(self, action: npt.NDArray[np.float32], seconds: float) -> Array:
        """Return world points that constant driving would pass, shape (n, 2) [m].

        Source: the unicycle integrated with steps of 0.1 s.
        """
        x, y = self._rover.position[:2]
        times = np.arange(0.1, seconds + 0.05, 0.1)
        heading = self._rover.attitude[2] + action[1] * MAX_YAW_RATE_RAD_S * times
        step = 0.1 * action[0] * MAX_SPEED_M_S
        return np.column_stack(
            [x + np.cumsum(step * np.cos(heading)), y + np.cumsum(step * np.sin(heading))]
        )

    def close(self) -> None:
        """Close the window, if any; may be called twice."""
        if self._window is not None:
            self._window.close()
            self._window = None

    # Parts

    def _load(self, choice: MapChoice) -> None:
        if self._terrain is None or choice != self._choice:
            self._terrain = FIELDS[choice.level].build(choice.generator(TASK))
            self._map_view = None
        self._choice = choice
        self._rover.load_ground(self._terrain)

    def _goal_distance(self) -> float:
        assert self._terrain is not None
        return float(np.linalg.norm(self._terrain.goal - self._rover.position[:2]))

    def _judge(self, distance: float) -> str:
        """Return how the episode ended, or "" if it goes on."""
        assert self._terrain is not None
        roll, pitch, _ = self._rover.attitude
        if not self._rover.stable:
            return "simulation_unstable"
        if distance <= GOAL_RADIUS_M:
            return "success"
        if np.cos(roll) * np.cos(pitch) < ROLL_OVER_COSINE:
            return "rolled_over"
        edge = self._terrain.half_extent_m - EDGE_MARGIN_M
        if (np.abs(self._rover.position[:2]) > edge).any():
            return "out_of_bounds"
        recent = self._path[-STUCK_WINDOW_STEPS - 1 :]
        if len(recent) > STUCK_WINDOW_STEPS:
            moved = np.linalg.norm(recent - recent[-1], axis=1).max()
            if moved < STUCK_DISTANCE_M:
                return "stuck"
        return ""

    def _reward_terms(self, gained_m: float) -> dict[str, float]:
        ended = 0.0
        if self._outcome:
            ended = 10.0 if self._outcome == "success" else -10.0
        if self._outcome == "simulation_unstable":
            gained_m = 0.0
        return {"progress": gained_m, "time": -0.02, "end": ended}

    def _observe(self) -> npt.NDArray[np.float32]:
        assert self._terrain is not None
        position = self._rover.position
        roll, pitch, heading = self._rover.attitude
        pose = np.array([position[0], position[1], heading])
        scan = SCAN.measure(self._terrain, pose, position[2] - WHEEL_RADIUS_M - 0.03)
        to_goal = self._terrain.goal - position[:2]
        distance = max(float(np.linalg.norm(to_goal)), 1e-6)
        bearing = np.arctan2(to_goal[1], to_goal[0]) - heading
        velocity = self._rover.velocity_body
        state = [
            np.cos(bearing), np.sin(bearing), distance / 20,
            velocity[0], velocity[1], self._rover.yaw_rate / MAX_YAW_RATE_RAD_S,
            roll, pitch, *self._rover.wheel_speeds,
        ]  # fmt: skip
        observation = np.concatenate([scan.ravel(), state])
        return np.nan_to_num(np.clip(observation, -2, 2), nan=0.0).astype(np.float32)

    def _info(self, distance: float, terms: Mapping[str, float]) -> dict[str, Any]:
        roll, pitch, heading = self._rover.attitude
        position = self._rover.position
        return {
            "outcome": self._outcome,
            "success": self._outcome == "success",
            "speed": float(self._rover.velocity_body[0]),
            "yaw_rate": self._rover.yaw_rate,
            "roll": roll,
            "pitch": pitch,
            "heading": heading,
            "position": (float(position[0]), float(position[1])),
            "distance_to_goal": distance,
            "level": self._choice.level,
            "split": self._choice.split,
            "index": self._choice.index,
            "sim_time": (len(self._path) - 1) * CONTROL_DT_S,
            "reward_terms": dict(terms),
        }

    def _draw(self) -> npt.NDArray[np.uint8]:
        if self._terrain is None:
            raise ValueError("render before reset: call env.reset() first")
        if self._map_view is None:
            self._map_view = TopDownMap(
                heights=self._terrain.heights,
                cell_m=CELL_M,
                origin=tuple(-self._terrain.half_extent_m),
                goal=tuple(self._terrain.goal),
                goal_radius_m=GOAL_RADIUS_M,
            )
        x, y = self._rover.position[:2]
        pose = (float(x), float(y), self._rover.attitude[2])
        return self._map_view.draw(
            pose=pose, trail=self._path, size=self._render_size, outcome=self._outcome
        )

    def _show(self) -> None:
        if self.render_mode == "human":
            if self._window is None:
                self._window = HumanWindow()
            self._window.show(self._draw())
