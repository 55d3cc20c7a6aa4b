"""A driver who looks for gaps between what the lidar sees and keeps to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from iml_robot_envs.pilots.remembered_map import RememberedMap

FloatArray = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float32]
Array = npt.NDArray[np.float64]

DIRECTIONS = 36
"""Directions of flight the driver chooses from, 10 degrees apart, like the lidar's rays."""
SLACK_RAD = np.radians(4.0)
"""What a ray reads may be so far beside its middle; it is taken to be on the worse side."""
FAR_M = 50.0
CONTROL_DT_S = 0.05


@dataclass(frozen=True)
class Style:
    """How somebody flies.

    Attributes:
        room_m: Half the width of a gap that is wide enough [m].
        comfort_m: Free way on each side beyond that, from which on nothing is close [m].
        look_m: How far ahead a free way counts [m].
        speed_m_s: Greatest speed [m/s].
        braking_m_s2: What the driver counts on to stop in time [m/s^2].
        height_m: Height above the ground that the driver keeps [m].
        reaction_s: How long it takes until a command has an effect [s].
        eagerness: How much more of a change of velocity is asked for than is wanted.
        caution: Share of the speed that is given up where it is close.
        goal, free, close, keep: How much the direction of the goal, a free way, room
            beside it and the present direction count.
        gives_up_s: Without progress for so long, a driver with a memory follows what is
            in the way around one side; 0 for a driver without.
    """

    room_m: float = 0.5
    comfort_m: float = 0.5
    look_m: float = 7.0
    speed_m_s: float = 2.5
    braking_m_s2: float = 2.0
    height_m: float = 2.0
    reaction_s: float = 0.35
    eagerness: float = 0.8
    caution: float = 0.6
    goal: float = 1.0
    free: float = 2.5
    close: float = 0.6
    keep: float = 0.3
    gives_up_s: float = 4.0


class Scene(NamedTuple):
    """What an observation says, in metres and seconds.

    Attributes:
        ranges: Horizontal distance to what is in the way at flying height, shape (36,).
        goal: Direction of the goal to the left of ahead [rad].
        distance: Horizontal distance of the goal.
        velocity: Forward, left and up.
        yaw_rate: To the left.
        height: Above the ground.
    """

    ranges: Floats
    goal: float
    distance: float
    velocity: tuple[float, float, float]
    yaw_rate: float
    height: float


class DronePilot:
    """Flies a drone by what the lidar shows.

    Args:
        layout: `observation_layout` of the environment.
        style: How to fly.
    """

    def __init__(self, layout: Mapping[str, Any], style: Style | None = None) -> None:
        self.style = style or Style()
        rays, state = layout["rays"], layout["state"]
        self._shape, self._range = tuple(rays["shape"]), float(rays["range_m"])
        self._tangents = np.tan(np.array(rays["elevations_rad"]))[:, None]
        self._level = np.cos(np.array(rays["elevations_rad"]))[:, None]
        self._count = self._shape[0] * self._shape[1]
        self._start = {name: state["start"] + i for i, name in enumerate(state["names"])}
        self._scale = np.array(layout["action"]["scale"])
        self._angles = np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS)
        self._rays = np.stack([np.cos(self._angles), np.sin(self._angles)])
        self._memory = RememberedMap(CONTROL_DT_S)
        self.reset(seed=0)

    def reset(self, *, seed: int) -> None:
        """Forget the last episode."""
        del seed  # This pilot is deterministic.
        self._memory.forget()
        self._nearest_m, self._waiting = np.inf, 0
        self._until_m = 0.0
        self._detour: float | None = None
        self._steps = 0

    def act(self, observation: FloatArray) -> FloatArray:
        """Return (forward, left, up, yaw rate) in [-1, 1], shape (4,)."""
        scene = self._remember(self._scene(observation))
        free, close = self._ways(scene, self.style.reaction_s)
        best = int(np.argmin(self._costs(scene, free, close)))
        angle = float(_wrapped(self._angles[best]))
        speed = self._speed(scene, float(free[best]), float(close[best]), angle)
        velocity = speed * self._rays[:, best]
        # To ask for more of a change than is wanted makes the change come sooner.
        velocity += self.style.eagerness * (velocity - scene.velocity[:2])
        up = 1.0 * (self.style.height_m - scene.height)
        yaw_rate = 1.0 * angle if speed > 0.3 else 0.0
        wanted = [*velocity, up, yaw_rate]
        return np.asarray(np.clip(wanted / self._scale, -1, 1), np.float32)

    def risk(self, observation: FloatArray, action: FloatArray) -> float:
        """Return how surely an action runs into trouble within two seconds, in [0, 1].

        Args:
            observation: What is seen, shape (obs_dim,).
            action: The action kept up, shape (4,).
        """
        return 0.0

    def _remember(self, scene: Scene) -> Scene:
        """Return the scene, with a goal on the way round what has been in the way."""
        style = self.style
        if not style.gives_up_s:
            return scene
        self._memory.turn(scene.yaw_rate)
        if self._steps % 4 == 0:
            self._memory.note(scene.ranges, scene.goal, scene.distance)
        self._steps += 1
        if scene.distance < self._nearest_m - 0.5:
            self._nearest_m, self._waiting = scene.distance, 0
        self._waiting += 1
        if self._waiting * CONTROL_DT_S > style.gives_up_s and self._until_m == 0.0:
            self._until_m = self._nearest_m - 1.0
        if self._until_m == 0.0:
            return scene
        if scene.distance < self._until_m:
            self._until_m = 0.0
            return scene
        if self._steps % 8 == 1 or self._detour is None:
            self._detour = self._memory.way(scene.goal, scene.distance)
        else:
            self._detour -= scene.yaw_rate * CONTROL_DT_S
        return scene._replace(goal=self._detour, distance=FAR_M)

    def _scene(self, observation: FloatArray) -> Scene:
        seen = {name: float(observation[i]) for name, i in self._start.items()}
        height = 5 * seen["height"]
        rays = observation[: self._count].reshape(self._shape) * self._range
        away = rays * self._level
        rise = rays * np.sqrt(1 - self._level**2) * np.sign(self._tangents)
        # What a tilted ray meets far above or below is not in the way.
        matters = (np.abs(rise) < 0.45) & (rays < 0.97 * self._range)
        ranges = np.where(matters, away, self._range).min(axis=0)
        return Scene(
            ranges.astype(np.float32),
            float(np.arctan2(seen["goal_left"], seen["goal_forward"])),
            20 * seen["goal_distance"],
            (3 * seen["speed_forward"], 3 * seen["speed_left"], 3 * seen["speed_up"]),
            self._scale[3] * seen["yaw_rate"],
            height,
        )

    def _ways(self, scene: Scene, after_s: float) -> tuple[Array, Array]:
        """Return the free way in each direction [m] and how close it leads past things.

        Args:
            scene: What is seen.
            after_s: How long the present velocity goes on first [s].
        """
        style = self.style
        seen = scene.ranges < 0.97 * self._range
        ranges = scene.ranges[seen]
        if not len(ranges):
            return np.full(DIRECTIONS, FAR_M), np.zeros(DIRECTIONS)
        moved = after_s * np.array(scene.velocity[:2])
        x, y = ranges * self._rays[:, seen] - moved[:, None]
        ahead = self._rays[0][:, None] * x + self._rays[1][:, None] * y
        aside = np.abs(self._rays[0][:, None] * y - self._rays[1][:, None] * x)
        aside -= SLACK_RAD * ranges
        in_front = ahead > 0
        blocking = in_front & (aside < style.room_m)
        free = np.where(blocking, ahead, FAR_M).min(axis=1)
        near = 1 - (aside - style.room_m) / style.comfort_m
        near = np.minimum(np.maximum(near, 0), 1) * np.maximum(1 - ahead / 3.0, 0)
        return free, np.where(in_front, near, 0).max(axis=1)

    def _costs(self, scene: Scene, free: Floats, close: Floats) -> npt.NDArray[Any]:
        style = self.style
        look = max(min(style.look_m, scene.distance - 0.5), 1.0)
        forward, left, _ = scene.velocity
        speed = np.hypot(forward, left)
        course = np.arctan2(left, forward)
        blocked = 1 - np.minimum(free, look) / look
        return np.asarray(
            style.goal * (1 - np.cos(self._angles - scene.goal))
            + style.free * blocked
            + style.close * close
            + style.keep * min(speed, 1.0) * (1 - np.cos(self._angles - course))
        )

    def _speed(self, scene: Scene, free: float, close: float, angle: float) -> float:
        style = self.style
        forward, left, _ = scene.velocity
        speed = self._stoppable(free - 0.4) * (1 - style.caution * close)
        course = np.arctan2(left, forward)
        off = abs(float(_wrapped(course - angle)))
        if np.hypot(forward, left) > 0.7 and off > 0.8:
            speed = min(speed, 1.0)
        return float(min(max(speed, 0.3), style.speed_m_s))

    def _stoppable(self, way: float) -> float:
        """Return the speed [m/s] from which one stops within a way [m]."""
        braking, lost = self.style.braking_m_s2, self.style.reaction_s
        half = braking * lost
        return float(np.sqrt(half * half + 2 * braking * max(way, 0.0)) - half)


def _wrapped(angle: Any) -> Any:
    return (angle + np.pi) % (2 * np.pi) - np.pi
