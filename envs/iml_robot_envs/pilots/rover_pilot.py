"""A driver who plans three arcs ahead over the height scan and keeps to a decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from iml_robot_envs.height_scan import HeightScan
from iml_robot_envs.pilots.arcs import trace
from iml_robot_envs.terrain import Array

FloatArray = npt.NDArray[np.float32]

STEP_HEIGHT_M = 0.2
"""Height difference within 0.6 m that the rover cannot climb (wheel radius 0.098 m)."""

POINT_M = 0.3
FIRST_POINTS, SECOND_POINTS, THIRD_POINTS = 4, 6, 8
FIRST_TURNS = np.linspace(-1.0, 1.0, 17)
SECOND_TURNS = np.linspace(-0.8, 0.8, 7)
THIRD_TURNS = np.linspace(-0.4, 0.4, 5)
BACKING_STEPS = 24
"""Control steps of backing up, straight, from what blocks the way: 0.6 m."""
CURVATURE = 1.5
"""Path curvature of a full turn at full speed [1/m]."""


class RoverPilot:
    """Drives a rover by what the height scan shows.

    It scores all chains of three arcs (5.4 m) by the steps and drops under them and by
    the way gained towards the goal, and keeps turning the way it turns already, so that
    it does not dither between two ways round a rock.

    Args:
        scan: Geometry of the height scan in the observation.
        layout: `observation_layout` of the environment.
    """

    def __init__(self, scan: HeightScan, layout: Mapping[str, Any]) -> None:
        self._scan = scan
        self._names = {name: i for i, name in enumerate(layout["state"]["names"])}
        grid = np.meshgrid(FIRST_TURNS, SECOND_TURNS, THIRD_TURNS, indexing="ij")
        self._turns = np.stack([g.ravel() for g in grid], axis=1)
        counts = (FIRST_POINTS, SECOND_POINTS, THIRD_POINTS)
        self._points, self._headings = trace(CURVATURE * self._turns, counts, POINT_M)
        self._cells = self._scan.nearest_cells(self._points)
        self._weights = np.linspace(1.0, 0.4, self._points.shape[1])
        self._backing_steps = 0

    def reset(self, *, seed: int) -> None:
        """Forget the last episode."""
        del seed  # This pilot is deterministic.
        self._backing_steps = 0

    def act(self, observation: FloatArray) -> FloatArray:
        """Return (speed, yaw rate) in [-1, 1], shape (2,)."""
        hard, soft = self._costs(observation)
        goal, state = self._goal(observation), self._state(observation)
        score = self._score(hard, soft, goal, turning=state["yaw_rate"])
        best = int(np.argmin(score))
        near = hard.ravel()[self._cells[best, :FIRST_POINTS]]
        blocked = near[:2].max() > 0.5 and abs(state["speed"]) < 0.3
        if self._backing_steps == 0 and blocked:
            self._backing_steps = BACKING_STEPS
        if self._backing_steps > 0:
            self._backing_steps -= 1
            return np.array([-0.5, 0.0], dtype=np.float32)
        turn = float(self._turns[best, 0])
        speed = 1.0 - 0.45 * abs(turn) - 0.5 * float(near.max() > 0.5)
        return np.array([max(speed, 0.25), turn * max(speed, 0.4)], dtype=np.float32)

    def risk(self, observation: FloatArray, action: FloatArray) -> float:
        """Return how surely an action runs into trouble within two seconds, in [0, 1].

        Args:
            observation: What is seen, shape (obs_dim,).
            action: The action kept up, shape (2,).
        """
        speed, yaw_rate = float(action[0]), float(action[1])
        if speed < 0.05:
            return 0.0
        hard, _ = self._costs(observation)
        turn = np.clip(yaw_rate / max(speed, 0.3), -1.5, 1.5)
        length = max(2, round(2.0 * speed / POINT_M))
        points, _ = trace(np.array([[CURVATURE * turn]]), (length,), POINT_M)
        return float(hard.ravel()[self._scan.nearest_cells(points)].max())

    def _costs(self, observation: FloatArray) -> tuple[Array, Array]:
        """Return what cannot be crossed and what is too close to it, each (nx, ny)."""
        rows, columns = self._scan.shape
        heights = observation[: rows * columns].reshape(rows, columns)
        span = ndimage.maximum_filter(heights, 3) - ndimage.minimum_filter(heights, 3)
        hard = np.clip((span - STEP_HEIGHT_M) / 0.06 + 0.5, 0.0, 1.0).astype(np.float64)
        soft = ndimage.maximum_filter(hard, 3)
        return hard, soft

    def _score(self, hard: Array, soft: Array, goal: Array, *, turning: float) -> Array:
        """Return the cost of every chain of arcs, shape (n,)."""
        distances = np.linalg.norm(self._points - goal, axis=2)
        reached = distances.min(axis=1)
        # What lies behind the goal does not matter.
        arrived = np.maximum.accumulate(distances < 0.8, axis=1)
        # The way to it counts, or a turn towards it would be put off for ever.
        on_the_way = (~arrived).sum(axis=1) * POINT_M
        weights = np.where(arrived, 0.0, self._weights) * POINT_M
        blocked = np.maximum.accumulate(hard.ravel()[self._cells], axis=1)
        crossing = (blocked * weights).sum(axis=1)
        closeness = (soft.ravel()[self._cells] * weights).sum(axis=1)
        to_goal = goal - self._points[:, -1]
        off = np.arctan2(to_goal[:, 1], to_goal[:, 0]) - self._headings[:, -1]
        off = np.abs(np.arctan2(np.sin(off), np.cos(off)))
        off *= reached > 0.8
        first = self._turns[:, 0]
        return np.asarray(
            reached + 0.7 * on_the_way + 6.0 * crossing + 0.6 * closeness + 0.4 * off
            + 0.25 * np.abs(first) + 0.3 * np.abs(first - turning)
            + 0.1 * np.abs(self._turns[:, 1]) + 0.05 * np.abs(self._turns[:, 2])
        )  # fmt: skip

    def _goal(self, observation: FloatArray) -> Array:
        """Return the goal in the robot's frame [m], shape (2,)."""
        state = self._state(observation)
        distance = 20 * state["goal_distance"]
        return distance * np.array([state["goal_forward"], state["goal_left"]])

    def _state(self, observation: FloatArray) -> dict[str, float]:
        start = self._scan.shape[0] * self._scan.shape[1]
        return {name: float(observation[start + i]) for name, i in self._names.items()}
