"""A driver who goes round posts, prefers dry ground, and takes ice slowly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from iml_robot_envs.height_scan import HeightScan
from iml_robot_envs.pilots.arcs import trace
from iml_robot_envs.pilots.rover_pilot import CURVATURE, POINT_M
from iml_robot_envs.pilots.way_out import WayOut
from iml_robot_envs.rover import MAX_YAW_RATE_RAD_S as FULL_YAW_RATE_RAD_S
from iml_robot_envs.terrain import Array

FloatArray = npt.NDArray[np.float32]

POST_RISE_M = 0.18
"""Rise within 0.3 m that is a post; the ground's camber rises less than a third of it."""
COUNTS = (4, 5)
FIRST_TURNS = np.linspace(-1.0, 1.0, 15)
SECOND_TURNS = np.linspace(-1.0, 1.0, 7)

ICE_COST, CLOSE_COST, CRASH_COST = 5.0, 2.0, 20.0
"""What a metre costs on ice, close to a post, and through one, beside 1 for the way."""
TOUCHING_M = 0.70
"""From the rover's middle to the axis of a post that it nearly touches [m]."""
CLOSE_M = 1.05
"""Farther from all posts than this a path costs nothing more."""
ARRIVED_M = 0.8
"""Nearer to the goal than this a path is at its end."""
EDGE_CELLS = 9
"""Side of a square of cells [0.3 m] around the rover that shall lie on the map."""
TURN_CHANGE = 0.6
"""Cost of turning otherwise than now, against dithering between two ways round a post."""

ICE_SPEED = 0.7
"""Speed on ice and over the last metre before it [m/s]."""
ICE_TURN, ICE_FEEDBACK = 0.6, 0.8
"""On ice wheels slide, and a command may turn a rover twice as fast, or not at all: share
of it that is given, and of what is missing from it that is added."""
SPINNING_M_S = 0.3
"""Rims that are so much faster than the rover spin."""
BACKING_STEPS = 24
"""Control steps of backing up from a post, or from ice that does not carry on."""

SKIDDING_M_S2 = 0.6
"""Sideways acceleration that is too much for ice; its grip allows 0.8 and more, less what
the camber takes."""
AVOIDABLE_ICE_M = 0.8
"""So much more ice than on the best way is a mistake for certain."""
RISK_S = 2.0
_DOWN, _RIGHT = np.divmod(np.arange(9), 3)


class Sight(NamedTuple):
    """What the driver makes of an observation.

    Attributes:
        posts: Axes of the posts in the robot's frame [m], shape (k, 2).
        ice: 1 where the ground is white or the edge of the map near, shape (nx * ny,).
        goal: Position in the robot's frame [m], shape (2,).
        state: The state by name.
        on_ice: Whether there is ice under the rover.
    """

    posts: Array
    ice: Array
    goal: Array
    state: dict[str, float]
    on_ice: bool


class IcePilot:
    """Drives a rover between posts by what the scans show.

    It scores all chains of two arcs by the ice and the posts along them, and their ends
    by the shortest way from there to the goal over the cells of the scan. It steers by
    what it sees now; all it remembers is that it is backing up.

    Args:
        scan: Geometry of the scans in the observation.
        layout: `observation_layout` of the environment.
        sees_ice: Whether it knows what white means; without, it is a driver who has
            never been on ice.
    """

    def __init__(
        self, scan: HeightScan, layout: Mapping[str, Any], *, sees_ice: bool = True
    ) -> None:
        self._scan = scan
        self._sees_ice = sees_ice
        colours: list[str] = layout["scan"]["colours"]
        self._white, self._brown = (1 + colours.index(c) for c in ("white", "brown"))
        self._state_start = int(layout["state"]["start"])
        self._names = list(layout["state"]["names"])
        grid = np.meshgrid(FIRST_TURNS, SECOND_TURNS, indexing="ij")
        self._turns = np.stack([g.ravel() for g in grid], axis=1)
        self._points, self._headings = trace(CURVATURE * self._turns, COUNTS, POINT_M)
        self._cells = self._scan.nearest_cells(self._points)
        cells = np.stack(np.meshgrid(scan.x_m, scan.y_m, indexing="ij"), axis=-1)
        self._places = np.concatenate([self._points.reshape(-1, 2), cells.reshape(-1, 2)])
        self._way_out = WayOut(scan)
        near = np.abs(scan.y_m) < 0.4
        self._under = np.ix_(np.abs(scan.x_m) < 0.4, near)
        self._backing_steps = 0

    def reset(self, *, seed: int) -> None:
        """Forget the last episode."""
        del seed  # This pilot is deterministic.
        self._backing_steps = 0

    def act(self, observation: FloatArray) -> FloatArray:
        """Return (speed, yaw rate) in [-1, 1], shape (2,)."""
        sight = self._look(observation)
        cost, room = self._score(sight)
        best = int(np.argmin(cost))
        ahead = room[best, :3].min() < TOUCHING_M
        still = abs(sight.state["speed"]) < 0.3
        if self._backing_steps == 0 and still and (ahead or self._spins(sight)):
            self._backing_steps = BACKING_STEPS
        if self._backing_steps > 0:
            self._backing_steps -= 1
            return np.array([-0.5, 0.0], dtype=np.float32)
        turn = float(self._turns[best, 0])
        speed = 1.0 - 0.2 * abs(turn) - 0.5 * float(ahead)
        if sight.on_ice or sight.ice[self._cells[best, :3]].max() > 0.5:
            speed = min(speed, ICE_SPEED)
        yaw = turn * speed
        if sight.on_ice:
            yaw = ICE_TURN * yaw + ICE_FEEDBACK * (yaw - sight.state["yaw_rate"])
        return np.clip([speed, yaw], -1.0, 1.0).astype(np.float32)

    def risk(self, observation: FloatArray, action: FloatArray) -> float:
        """Return how surely an action runs into trouble within two seconds, in [0, 1].

        Trouble is a post, ice that could be avoided, a turn on ice that makes the rover
        skid, and wheels that spin on ice.

        Args:
            observation: What is seen, shape (obs_dim,).
            action: The action kept up, shape (2,).
        """
        speed, yaw_rate = float(action[0]), float(action[1])
        sight = self._look(observation)
        if speed < 0.05:
            return 0.0
        if self._spins(sight) and abs(sight.state["speed"]) < 0.1:
            return 1.0
        turn = np.clip(yaw_rate / max(speed, 0.3), -1.5, 1.5)
        length = max(2, round(RISK_S * speed / POINT_M))
        points, _ = trace(np.array([[CURVATURE * turn]]), (length,), POINT_M)
        nearest = float(self._room(points, sight.posts).min())
        risks = [(TOUCHING_M - nearest) / 0.08]
        if sight.on_ice:
            skid = speed * abs(yaw_rate) * FULL_YAW_RATE_RAD_S
            risks.append(skid / (2 * SKIDDING_M_S2))
        if sight.ice.any():
            count = min(points.shape[1], sum(COUNTS))
            best = self._cells[np.argmin(self._score(sight)[0]), :count]
            under = sight.ice[self._scan.nearest_cells(points[0])]
            more = POINT_M * float(under.sum() - sight.ice[best].sum())
            risks.append(more / AVOIDABLE_ICE_M)
        return float(np.clip(max(risks), 0.0, 1.0))

    def _look(self, observation: FloatArray) -> Sight:
        """Return what an observation shows."""
        rows, columns = self._scan.shape
        planes = observation[: self._state_start].reshape(-1, rows, columns)
        white = planes[self._white]
        ice = np.zeros((rows, columns))
        if self._sees_ice:
            ice += ndimage.uniform_filter(white, 3, mode="nearest")
        # Beyond the edge of the map the ground shows no colour; near it nobody wants to be.
        beyond = white + planes[self._brown] == 0
        if beyond.any():
            ice += ndimage.maximum_filter(beyond, EDGE_CELLS)
        state = dict(
            zip(self._names, observation[self._state_start :].tolist(), strict=True)
        )
        distance = 20 * state["goal_distance"]
        goal = distance * np.array([state["goal_forward"], state["goal_left"]])
        on_ice = bool(ice[self._under].max() > 0.5)
        return Sight(self._find_posts(planes[0]), ice.ravel(), goal, state, on_ice)

    def _find_posts(self, heights: FloatArray) -> Array:
        """Return the axes of the posts between the scan's cells [m], shape (k, 2)."""
        rise = heights - ndimage.minimum_filter(heights, 3)
        peaks = rise > POST_RISE_M
        peaks &= rise >= ndimage.maximum_filter(rise, 3)
        row, column = np.nonzero(peaks)
        padded = np.pad(rise.astype(np.float64), 1)
        around = padded[row[:, None] + _DOWN, column[:, None] + _RIGHT]
        around /= around.sum(axis=1, keepdims=True)
        spacing = self._scan.x_m[1] - self._scan.x_m[0]
        x = self._scan.x_m[row] + spacing * (around * (_DOWN - 1)).sum(axis=1)
        y = self._scan.y_m[column] + spacing * (around * (_RIGHT - 1)).sum(axis=1)
        return np.stack([x, y], axis=1)

    def _spins(self, sight: Sight) -> bool:
        """Return whether the wheels turn ahead on ice and the rover does not go."""
        rims = [sight.state[name] for name in self._names if name.startswith("wheel")]
        return sight.on_ice and sum(rims) / 4 - sight.state["speed"] > SPINNING_M_S

    @staticmethod
    def _room(points: Array, posts: Array) -> Array:
        """Return the distance of points (..., 2) from the nearest post, at most 9 m."""
        x, y = np.ascontiguousarray(np.moveaxis(points, -1, 0))
        room = np.full(x.shape, 81.0)
        for post_x, post_y in posts.tolist():
            east, north = x - post_x, y - post_y
            east *= east
            north *= north
            east += north
            np.minimum(room, east, out=room)
        return np.sqrt(room)

    def _score(self, sight: Sight) -> tuple[Array, Array]:
        """Return what every chain of arcs and the way that is left cost, and the room.

        The costs are of shape (n,); the room is the distance of each point of the chains
        from the nearest post [m], shape (n, points).
        """
        room = self._room(self._places, sight.posts)
        closeness = np.clip((CLOSE_M - room) / (CLOSE_M - TOUCHING_M), 0.0, 1.0)
        closeness *= CLOSE_COST
        touching = room < TOUCHING_M
        ice = 1.0 + ICE_COST * sight.ice
        count = self._cells.size
        per_metre = ice + closeness[count:] + CRASH_COST * touching[count:]
        rest = self._way_out.costs(per_metre, sight.goal)
        off = self._points - sight.goal
        off *= off
        # What lies behind the goal does not matter.
        before = off[..., 0] + off[..., 1] > ARRIVED_M**2
        before = np.logical_and.accumulate(before, axis=1)
        crashed = touching[:count].reshape(self._cells.shape)
        price = ice[self._cells] + closeness[:count].reshape(self._cells.shape)
        price += CRASH_COST * np.logical_or.accumulate(crashed, axis=1)
        price *= before
        left = np.where(before.all(axis=1), rest[self._cells[:, -1]], 0.0)
        first, second = np.abs(self._turns.T)
        change = np.abs(self._turns[:, 0] - sight.state["yaw_rate"])
        turns = 0.25 * first + TURN_CHANGE * change + 0.1 * second
        cost = POINT_M * price.sum(axis=1) + left + turns
        return cost, room[:count].reshape(self._cells.shape)
