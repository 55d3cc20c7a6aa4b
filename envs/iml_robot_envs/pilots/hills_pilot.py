"""A driver who plans arcs over hills, keeps to firm ground and backs out of sand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from iml_robot_envs.height_scan import HeightScan
from iml_robot_envs.pilots.arcs import trace
from iml_robot_envs.pilots.hills_memory import Memory
from iml_robot_envs.rover import MAX_YAW_RATE_RAD_S
from iml_robot_envs.terrain import Array, Indices

FloatArray = npt.NDArray[np.float32]

POINT_M = 0.5
COUNTS = (4, 6, 8)
"""Points on each of the three arcs: 2, 3 and 4 m."""
_HALF = (0.1, 0.25, 0.45, 0.7, 1.0, 1.4)
FIRST_BENDS = np.array([*(-b for b in reversed(_HALF)), 0.0, *_HALF])
SECOND_BENDS = np.array([-0.5, -0.25, 0.0, 0.25, 0.5])
THIRD_BENDS = np.array([-0.3, -0.12, 0.0, 0.12, 0.3])
"""Curvatures of the arcs [1/m]."""
TURN_PER_BEND = 1.0 / MAX_YAW_RATE_RAD_S
"""Action of the yaw rate for a curvature at full speed [m]."""
SLOWING = 0.5
"""How much slower a curvature of 1/m is driven: speed is 1 over 1 plus this."""

EDGE_COST = 200.0
"""What a metre along the edge of the map costs [m]."""
EDGE_CELLS = 2
"""Distance kept from the edge, in cells of the scan."""
SPIN_STEPS = 15
"""Control steps of spinning wheels after which the rover backs out."""
SPIN_BACK_STEPS = 35
"""The same backwards, after which it tries ahead again."""
BACKING_STEPS = 50
MOST_BACKING_STEPS = 130
"""Backing goes on for so long until the rover is off the sand, and a run-up farther."""
RUN_UP_STEPS = 15
PATIENCE_STEPS = 100
"""Control steps without coming nearer to the goal after which new ground is tried."""
VISIT_COST = 0.5
"""What a metre costs, then, for each time that the rover was near [m]."""


class Caution(NamedTuple):
    """What a driver thinks of the ground; a metre of way is the unit of cost.

    Attributes:
        sand: What a metre of sand costs on the flat.
        sand_climb: Rise over run by which sand is harder to climb than firm ground.
        sand_bend: What a curvature of 1/m costs on sand, where wheels that skid dig in.
        steep: What a metre of ground costs that is too steep to be climbed.
        easy_climb: Rise over run up to which climbing costs nothing.
        hard_climb: Rise over run that is not climbed.
        backs_out: Whether to back out when the wheels spin.
    """

    sand: float = 0.9
    sand_climb: float = 0.15
    sand_bend: float = 1.5
    steep: float = 12.0
    easy_climb: float = 0.24
    hard_climb: float = 0.34
    backs_out: bool = True


CAREFUL = Caution()
KNOWS_NO_SAND = Caution(sand=0.0, sand_climb=0.0, sand_bend=0.0, backs_out=False)
"""A driver who takes sand for firm ground, as a policy does that never met any."""


class Paths(NamedTuple):
    """Arcs laid over a scan; n of them with k points.

    Attributes:
        x: Forward coordinates of the points [m], shape (n, k).
        y: Left coordinates [m], shape (n, k).
        heading: At the last point [rad], shape (n,).
        cells: Flat index of the scan's nearest cell, shape (n, k).
        cos: Cosine of the heading at each point, shape (n, k).
        sin: Sine, shape (n, k).
    """

    x: FloatArray
    y: FloatArray
    heading: Array
    cells: Indices
    cos: FloatArray
    sin: FloatArray


class HillsPilot:
    """Drives a rover over hills by what the scan shows.

    It scores chains of three arcs (9 m) by how steep they climb, by the sand on them and
    by the way gained towards the goal. Sand costs little downhill and on the flat, and is
    shunned uphill, where wheels dig in. It needs its memory only when it does not get on:
    where wheels spun it backs out and keeps away, and when it comes no nearer for long it
    prefers ground where it has not been.

    Args:
        scan: Geometry of the scan in the observation.
        layout: `observation_layout` of the environment; "tan" must be among the colours.
        caution: What the driver thinks of the ground.
    """

    def __init__(
        self, scan: HeightScan, layout: Mapping[str, Any], *, caution: Caution = CAREFUL
    ) -> None:
        self._scan, self._caution = scan, caution
        self._count = scan.shape[0] * scan.shape[1]
        self._spacing = float(scan.x_m[1] - scan.x_m[0])
        self._sand_start = (1 + layout["scan"]["colours"].index("tan")) * self._count
        self._state_start = int(layout["state"]["start"])
        self._names: list[str] = list(layout["state"]["names"])
        grid = np.meshgrid(FIRST_BENDS, SECOND_BENDS, THIRD_BENDS, indexing="ij")
        bends = np.stack([g.ravel() for g in grid], axis=1)
        self._first_bends = bends[:, 0]
        self._paths = self._lay(bends, COUNTS)
        weights = np.linspace(1.0, 0.45, sum(COUNTS)) * POINT_M
        self._weights = weights.astype(np.float32)
        self._effort = np.abs(bends) @ np.array([0.25, 0.1, 0.05])
        self._here = int(self._lay(np.zeros((1, 1)), (1,)).cells[0, 0]) - scan.shape[1]
        self._memory = Memory(scan)
        self.reset(seed=0)

    def reset(self, *, seed: int) -> None:
        """Forget the last episode."""
        del seed  # This pilot is deterministic.
        self._bend = 0.0
        self._spinning_steps = self._backing_steps = self._backed_steps = 0
        self._nearest, self._waiting_steps = np.inf, 0
        self._memory.forget()

    def act(self, observation: FloatArray) -> FloatArray:
        """Return (speed, yaw rate) in [-1, 1], shape (2,)."""
        state = self._state(observation)
        yaw_rate = MAX_YAW_RATE_RAD_S * state["yaw_rate"]
        self._memory.move(state["speed"], state["sideways_speed"], yaw_rate)
        on_sand = bool(observation[self._sand_start + self._here] > 0.5)
        if self._is_backing(state, on_sand) and not self._is_edge_behind(observation):
            return np.array([-0.8, 0.0], np.float32)
        trouble = self._trouble(observation, self._paths)
        visits = self._memory.visits(trail=self._is_lost(state))
        if visits is not None:
            trouble += (VISIT_COST * visits).astype(np.float32).take(self._paths.cells)
        distance = 20.0 * state["goal_distance"]
        goal = distance * state["goal_forward"], distance * state["goal_left"]
        score = self._score(trouble, *goal)
        if on_sand:
            score += self._caution.sand_bend * np.abs(self._first_bends)
        self._bend = bend = float(self._first_bends[score.argmin()])
        speed = 1.0 / (1.0 + SLOWING * abs(bend))
        return np.array([speed, bend * TURN_PER_BEND * speed], np.float32)

    def risk(self, observation: FloatArray, action: FloatArray) -> float:
        """Return how surely an action runs into trouble within two seconds, in [0, 1].

        Args:
            observation: What is seen, shape (obs_dim,).
            action: The action kept up, shape (2,).
        """
        speed, yaw_rate = float(action[0]), float(action[1])
        if speed < 0.05:
            return 0.0
        if _spins(self._state(observation)):
            return 1.0
        bend = np.clip(yaw_rate / max(speed, 0.3) / TURN_PER_BEND, -2.0, 2.0)
        path = self._lay(np.array([[bend]]), (max(3, round(2.5 * speed / POINT_M)),))
        return float(min(self._trouble(observation, path).max() / self._caution.steep, 1))

    def _is_backing(self, state: Mapping[str, float], on_sand: bool) -> bool:
        """Return whether to back out now, because the wheels have been spinning."""
        if not self._caution.backs_out:
            return False
        self._spinning_steps = self._spinning_steps + 1 if _spins(state) else 0
        if self._backing_steps > 0 and self._spinning_steps > SPIN_BACK_STEPS:
            self._backing_steps = self._spinning_steps = 0
        elif self._backing_steps == 0 and self._spinning_steps > SPIN_STEPS:
            self._backing_steps, self._backed_steps = BACKING_STEPS, 0
            self._spinning_steps = 0
            self._memory.mark_stuck()
        if self._backing_steps > 0:
            self._backing_steps -= 1
            self._backed_steps += 1
            if on_sand and self._backed_steps < MOST_BACKING_STEPS:
                self._backing_steps = max(self._backing_steps, RUN_UP_STEPS)
        return self._backing_steps > 0

    def _is_edge_behind(self, observation: FloatArray) -> bool:
        """Return whether the map ends less than 1.5 m behind the rover."""
        heights = observation[: self._count].reshape(self._scan.shape)
        behind = (self._scan.x_m < 0) & (self._scan.x_m > -1.6)
        middle = len(self._scan.y_m) // 2
        return bool(heights[behind, middle].max() >= self._scan.limit_m - 0.01)

    def _is_lost(self, state: Mapping[str, float]) -> bool:
        """Return whether the rover has not come nearer to the goal for long."""
        distance = state["goal_distance"]
        self._waiting_steps += 1
        if distance < self._nearest - 0.025:
            self._nearest, self._waiting_steps = distance, 0
        return self._waiting_steps > PATIENCE_STEPS

    def _trouble(self, observation: FloatArray, paths: Paths) -> FloatArray:
        """Return what a metre costs at every point of paths, shape (n, k)."""
        mind = self._caution
        heights = observation[: self._count].reshape(self._scan.shape)
        ahead, left = np.zeros_like(heights), np.zeros_like(heights)
        np.subtract(heights[2:], heights[:-2], out=ahead[1:-1])
        np.subtract(heights[:, 2:], heights[:, :-2], out=left[:, 1:-1])
        rise = ahead.take(paths.cells)
        rise *= paths.cos
        across = left.take(paths.cells)
        across *= paths.sin
        rise += across
        rise *= np.float32(0.5 / self._spacing)
        sand = observation[self._sand_start : self._sand_start + self._count]
        trouble = sand.take(paths.cells)
        rise += np.float32(mind.sand_climb) * trouble
        trouble *= np.float32(mind.sand)
        rise -= np.float32(mind.easy_climb)
        np.maximum(rise, np.float32(0), out=rise)
        rise *= np.float32(mind.steep / (mind.hard_climb - mind.easy_climb))
        np.minimum(rise, np.float32(1.5 * mind.steep), out=rise)
        trouble += rise
        edge = self._edge(heights)
        if edge is not None:
            trouble += np.float32(EDGE_COST) * edge.take(paths.cells)
        return trouble

    def _edge(self, heights: FloatArray) -> npt.NDArray[np.bool_] | None:
        """Return the cells at and near the map's edge; None where it is not seen."""
        wall = heights >= self._scan.limit_m - 0.01
        if not wall.any():
            return None
        # Leaving the map ends the episode before the wall is reached.
        for _ in range(EDGE_CELLS):
            near = wall.copy()
            near[1:] |= wall[:-1]
            near[:-1] |= wall[1:]
            near[:, 1:] |= wall[:, :-1]
            near[:, :-1] |= wall[:, 1:]
            wall = near
        return wall

    def _score(self, trouble: FloatArray, goal_x: float, goal_y: float) -> Array:
        """Return the cost of every chain of arcs, shape (n,)."""
        paths = self._paths
        distances = np.hypot(paths.x - np.float32(goal_x), paths.y - np.float32(goal_y))
        reached = distances.min(axis=1)
        weights = self._weights
        if goal_x * goal_x + goal_y * goal_y < 144.0:
            # What lies behind the goal does not matter.
            arrived = np.maximum.accumulate(distances < 1.0, axis=1)
            weights = np.where(arrived, np.float32(0), weights)
        trouble *= weights
        off = np.arctan2(goal_y - paths.y[:, -1], goal_x - paths.x[:, -1]) - paths.heading
        off = np.abs((off + np.pi) % (2 * np.pi) - np.pi)
        off *= reached > 1.0
        length = np.broadcast_to(weights, trouble.shape).sum(axis=1)
        keep = 0.3 * np.abs(self._first_bends - self._bend)
        return np.asarray(
            reached + 0.5 * length + trouble.sum(axis=1) + 0.5 * off + keep + self._effort
        )

    def _state(self, observation: FloatArray) -> dict[str, float]:
        values = observation[self._state_start :].tolist()
        return dict(zip(self._names, values, strict=True))

    def _lay(self, bends: Array, counts: tuple[int, ...]) -> Paths:
        """Return chained arcs laid over the scan."""
        points, headings = trace(bends, counts, POINT_M)
        return Paths(
            x=np.ascontiguousarray(points[..., 0], np.float32),
            y=np.ascontiguousarray(points[..., 1], np.float32),
            heading=headings[:, -1],
            cells=self._scan.nearest_cells(points),
            cos=np.cos(headings).astype(np.float32),
            sin=np.sin(headings).astype(np.float32),
        )


def _spins(state: Mapping[str, float]) -> bool:
    """Return whether the wheels turn while the rover hardly moves."""
    wheels = [value for name, value in state.items() if name.startswith("wheel")]
    rim = sum(wheels) / len(wheels)
    return abs(rim) > 0.3 and state["speed"] / rim < 0.35
