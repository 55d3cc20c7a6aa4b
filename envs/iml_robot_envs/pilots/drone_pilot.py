"""A driver who looks for gaps between what the lidar sees and keeps to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from iml_robot_envs.pilots.remembered_map import RememberedMap
from iml_robot_envs.robot_task import CONTROL_DT_S

FloatArray = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Array = npt.NDArray[np.float64]

DIRECTIONS = 36
"""Directions of flight the driver chooses from, 10 degrees apart, like the lidar's rays."""
SLACK_RAD = np.radians(4.0)
"""What a ray reads may be so far beside its middle; it is taken to be on the worse side."""
FAR_M = 50.0
NOTHING = 0.97
"""A ray that reads more of its range has met nothing."""
KEPT_OFF_M = 1.2
"""How far a driver stays away from what it will fly over or under."""
RETURN_M_S = 0.2
"""How fast a driver comes back to the usual height: what is right above or below cannot be
seen."""
CLEAR_M = 1.2
"""How far from everything at the usual height a driver must be to come back to it."""
ABOUT_M = 0.25
"""Heights that differ by less are the same."""
FREE_M = 5.0
"""Who can go on so far thinks of no other height."""
DETOUR_M = 2.5
"""On a detour a driver heads for a place so far on the remembered way."""
DETOUR_KEEP = 0.3
"""How much the present direction counts on a detour, whose way is planned."""
RISK_TIMES_S = np.arange(1, 21) * 0.1
REACTION_S, DECELERATION_M_S2 = 0.6, 2.8
"""How a person who takes over stops."""
LAG_S = 0.45
"""Time constant of the velocity."""
TOUCH_M = 0.35
"""A drone's radius and a margin for what the lidar cannot tell."""
CRAMPED_M = 1.0
"""A way that is not free so far is worse than turning back."""


@dataclass(frozen=True)
class Style:
    """How somebody flies.

    Attributes:
        room_m: Half the width of a gap that is wide enough [m].
        comfort_m: Free way on each side beyond that, from which on nothing is close [m].
        look_m: How far ahead a free way counts [m].
        speed_m_s: Greatest speed [m/s].
        braking_m_s2: What the driver counts on to stop in time [m/s^2].
        reaction_s: How long it takes until a command has an effect [s].
        eagerness: How much more of a change of velocity is asked for than is wanted.
        caution: Share of the speed that is given up where it is close.
        goal, free, close, keep: How much the direction of the goal, a free way, room
            beside it and the present direction count.
        climb: How much a height other than the usual counts [1/m].
        change: How much a change of height counts [1/m].
        band_m: What is so far above or below is not in the way [m].
        heights_m: Heights above the ground that the driver keeps, the usual one first [m].
        floor_m: Height above the ground below which it is dangerous [m].
        ceiling_m: Height above which it is [m].
        gives_up_s: Without progress for so long, a driver with a memory follows what is
            in the way around one side; 0 for a driver without.
    """

    room_m: float = 0.43
    comfort_m: float = 0.5
    look_m: float = 7.0
    speed_m_s: float = 2.5
    braking_m_s2: float = 2.0
    reaction_s: float = 0.35
    eagerness: float = 0.8
    caution: float = 0.6
    goal: float = 1.0
    free: float = 2.5
    close: float = 0.6
    keep: float = 1.3
    climb: float = 0.3
    change: float = 0.15
    band_m: float = 0.9
    heights_m: tuple[float, ...] = (2.0, 1.0, 2.9, 3.6, 4.1)
    floor_m: float = 0.6
    ceiling_m: float = 4.4
    gives_up_s: float = 4.0


class Scene(NamedTuple):
    """What an observation says, in metres and seconds.

    Attributes:
        points: Forward and left of everything the lidar meets, shape (2, n).
        heights: From how far below to how far above the drone it is, shape (2, n).
        slack: How far beside that it may be, shape (n,).
        goal: Direction of the goal to the left of ahead [rad].
        distance: Horizontal distance of the goal.
        velocity: Forward, left and up.
        yaw_rate: To the left.
        clearance: Height above the ground.
        height: Above the ground where the drone took off, if it can tell; else as the
            clearance.
    """

    points: Array
    heights: Array
    slack: Array
    goal: float
    distance: float
    velocity: Array
    yaw_rate: float
    clearance: float
    height: float


class Choice(NamedTuple):
    """A way to go on.

    Attributes:
        cost: How bad it is.
        direction: Its number.
        rise: Change of height that frees it [m].
        free: How far it leads [m].
        close: How close past things, from 0 to 1.
    """

    cost: float
    direction: int
    rise: float
    free: float
    close: float


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
        self._count = self._shape[0] * self._shape[1]
        self._start = {name: state["start"] + i for i, name in enumerate(state["names"])}
        self._scale = np.array(layout["action"]["scale"])
        self._angles = np.arange(DIRECTIONS) * (2 * np.pi / DIRECTIONS)
        self._rays = np.stack([np.cos(self._angles), np.sin(self._angles)])
        elevations = np.repeat(rays["elevations_rad"], DIRECTIONS)
        level, up = np.cos(elevations), np.sin(elevations)
        x, y = np.tile(self._rays, self._shape[0])
        self._units = np.stack([level * x, level * y, up])
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
        best = self._choose(scene)
        angle = float(_wrapped(self._angles[best.direction]))
        speed = self._speed(scene, best, angle)
        velocity = speed * self._rays[:, best.direction]
        # To ask for more of a change than is wanted makes the change come sooner.
        velocity += self.style.eagerness * (velocity - scene.velocity[:2])
        up = self._climb(scene, best)
        yaw_rate = 1.0 * angle if speed > 0.3 else 0.0
        wanted = [*velocity, up, yaw_rate]
        return np.asarray(np.clip(wanted / self._scale, -1, 1), np.float32)

    def risk(self, observation: FloatArray, action: FloatArray) -> float:
        """Return how surely an action soon runs into trouble, in [0, 1].

        Above one half when something is hit before a person could stop: as long as there
        is time left, the action may change by itself.

        Args:
            observation: What is seen, shape (obs_dim,).
            action: The action kept up, shape (4,).
        """
        scene, style = self._scene(observation), self.style
        wanted = np.clip(np.asarray(action, np.float64), -1, 1)[:3] * self._scale[:3]
        # The velocity goes over to the wanted one with a lag.
        lost = LAG_S * (1 - np.exp(-RISK_TIMES_S / LAG_S))
        path = wanted[:, None] * RISK_TIMES_S + (scene.velocity - wanted)[:, None] * lost
        x, y = path[:2, :, None] - scene.points[:, None]
        up = path[2][:, None]
        bottom, top = scene.heights
        near = (x * x + y * y < TOUCH_M * TOUCH_M) & (bottom - TOUCH_M < up)
        hit = (near & (up < top + TOUCH_M)).any(axis=1)
        hit |= scene.clearance + path[2] < style.floor_m
        hit |= scene.height + path[2] > style.ceiling_m
        if not hit.any():
            return 0.0
        in_time_s = REACTION_S + float(np.linalg.norm(scene.velocity)) / DECELERATION_M_S2
        return float(np.clip(0.5 + in_time_s - RISK_TIMES_S[np.argmax(hit)], 0.0, 1.0))

    def _remember(self, scene: Scene) -> Scene:
        """Return the scene, with a goal on the way round what has been in the way."""
        style = self.style
        if not style.gives_up_s:
            return scene
        self._memory.turn(scene.yaw_rate)
        if self._steps % 4 == 0:
            self._memory.note(self._ranges(scene), scene.goal, scene.distance)
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
        return scene._replace(goal=self._detour, distance=DETOUR_M)

    def _scene(self, observation: FloatArray) -> Scene:
        seen = {name: float(observation[i]) for name, i in self._start.items()}
        rays = observation[: self._count].astype(np.float64)
        met = np.flatnonzero(rays < NOTHING)
        rays = rays[met] * self._range
        x, y, up = self._units[:, met] * rays
        # Nobody knows what is above the highest layer and below the lowest.
        top = np.where(met >= self._count - DIRECTIONS, np.inf, up)
        bottom = np.where(met < DIRECTIONS, -np.inf, up)
        return Scene(
            np.stack([x, y]),
            np.stack([bottom, top]),
            SLACK_RAD * rays,
            float(np.arctan2(seen["goal_left"], seen["goal_forward"])),
            20 * seen["goal_distance"],
            3 * np.array([seen["speed_forward"], seen["speed_left"], seen["speed_up"]]),
            float(self._scale[3]) * seen["yaw_rate"],
            5 * seen["height"],
            5 * seen.get("altitude", seen["height"]),
        )

    def _ranges(self, scene: Scene) -> Array:
        """Return how far it is to what is in the way at any height, shape (36,)."""
        x, y = scene.points
        ray = np.rint(np.arctan2(y, x) * (DIRECTIONS / (2 * np.pi))).astype(np.int64)
        ray %= DIRECTIONS
        away = np.hypot(x, y)
        farthest = np.zeros(DIRECTIONS)
        for height in self.style.heights_m:
            matters = self._matters(scene, height - scene.height)
            ranges = np.full(DIRECTIONS, self._range)
            np.minimum.at(ranges, ray[matters], away[matters])
            np.maximum(farthest, ranges, out=farthest)
        return farthest

    def _choose(self, scene: Scene) -> Choice:
        """Return the best way to go on: level if that is as good."""
        style = self.style
        moved = style.reaction_s * scene.velocity[:2]
        x, y = scene.points - moved[:, None]
        cos, sin = self._rays[:, :, None]
        ahead = cos * x + sin * y
        aside = np.abs(cos * y - sin * x) - scene.slack
        usual = self._best(scene, ahead, aside, style.heights_m[0] - scene.height)
        off = abs(_wrapped(self._angles[usual.direction] - scene.goal))
        if usual.free > FREE_M and off < 0.7 and abs(usual.rise) < ABOUT_M:
            return usual
        rises = [height - scene.height for height in style.heights_m[1:]]
        others = [self._best(scene, ahead, aside, rise) for rise in [0.0, *rises]]
        best = min(usual, *others)
        if abs(best.rise) < ABOUT_M:
            return best
        # Until it is as high or low as it wants to be, what is ahead at this height counts,
        # and is kept at a distance from which it can be seen whole.
        free = self._free(ahead, aside, self._matters(scene, 0.0))
        return best._replace(free=float(min(best.free, free[best.direction] - KEPT_OFF_M)))

    def _climb(self, scene: Scene, best: Choice) -> float:
        """Return how fast to climb [m/s]."""
        off = scene.height - self.style.heights_m[0]
        if abs(off + best.rise) > abs(off):
            return 2.0 * best.rise
        x, y = scene.points[:, self._matters(scene, best.rise)]
        if np.any(x * x + y * y < CLEAR_M * CLEAR_M):
            return 0.0
        return float(min(max(best.rise, -RETURN_M_S), RETURN_M_S))

    def _matters(self, scene: Scene, rise: float) -> Bools:
        """Return which points are in the way at another height, shape (n,)."""
        band = self.style.band_m
        bottom, top = scene.heights
        return np.asarray((bottom - band < rise) & (rise < top + band))

    def _free(self, ahead: Array, aside: Array, matters: Bools) -> Array:
        """Return the free way in each direction, past the points that matter [m]."""
        blocking = (ahead > 0) & (aside < self.style.room_m) & matters
        return np.asarray(np.where(blocking, ahead, FAR_M).min(axis=1, initial=FAR_M))

    def _best(self, scene: Scene, ahead: Array, aside: Array, rise: float) -> Choice:
        """Return the best direction at another height.

        Args:
            scene: What is seen.
            ahead: Of each point in each direction [m], shape (36, n).
            aside: How far it lies beside [m], shape (36, n).
            rise: How much higher [m].
        """
        style = self.style
        matters = self._matters(scene, rise)
        free = self._free(ahead, aside, matters)
        near = 1 - (aside - style.room_m) / style.comfort_m
        near = np.minimum(np.maximum(near, 0), 1) * np.maximum(1 - ahead / 3.0, 0)
        close = np.where((ahead > 0) & matters, near, 0).max(axis=1, initial=0.0)
        look = max(min(style.look_m, scene.distance - 0.5), 1.0)
        forward, left, _ = scene.velocity
        keep = self._keep() * min(float(np.hypot(forward, left)), 1.0)
        costs = (
            style.goal * (1 - np.cos(self._angles - scene.goal))
            + style.free * (1 - np.minimum(free, look) / look)
            + 2.0 * np.maximum(1 - free / CRAMPED_M, 0)
            + style.close * close
            + keep * (1 - np.cos(self._angles - np.arctan2(left, forward)))
        )
        best = int(np.argmin(costs))
        cost = float(costs[best]) + style.change * abs(rise)
        if abs(rise) > ABOUT_M:
            cost -= style.keep * float(np.sign(rise) * scene.velocity[2])
        cost += style.climb * abs(scene.height + rise - style.heights_m[0])
        return Choice(cost, best, rise, float(free[best]), float(close[best]))

    def _keep(self) -> float:
        """Return how much the present direction counts: less where the map is followed."""
        return min(self.style.keep, DETOUR_KEEP) if self._until_m else self.style.keep

    def _speed(self, scene: Scene, best: Choice, angle: float) -> float:
        style = self.style
        forward, left, _ = scene.velocity
        speed = self._stoppable(best.free - 0.4) * (1 - style.caution * best.close)
        off = abs(float(_wrapped(np.arctan2(left, forward) - angle)))
        if np.hypot(forward, left) > 0.7 and off > 0.8:
            speed = min(speed, 1.0)
        least = 0.0 if best.rise else 0.3
        return float(min(max(speed, least), style.speed_m_s))

    def _stoppable(self, way: float) -> float:
        """Return the speed [m/s] from which one stops within a way [m]."""
        braking, lost = self.style.braking_m_s2, self.style.reaction_s
        half = braking * lost
        return float(np.sqrt(half * half + 2 * braking * max(way, 0.0)) - half)


def _wrapped(angle: Any) -> Any:
    return (angle + np.pi) % (2 * np.pi) - np.pi
