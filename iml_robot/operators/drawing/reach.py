"""What the parts of an action do to a robot, measured on what it foresees of itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from iml_robot.core.errors import UsageError
from iml_robot.core.types import FloatArray
from iml_robot.operators.drawing.path import Points

FORESEEN_S = 1.0
"""How far ahead the robot is asked [s]."""
LEAST_SPEED = 0.05
"""A part of an action that moves the robot slower does something else [m/s]."""
LEAST_TURN = 0.05
"""A part that turns it slower does something else [rad/s]."""


@dataclass(frozen=True)
class Reach:
    """How fast a robot goes where.

    Attributes:
        velocities: What each part of an action does at 1, in the frame of the robot,
            forward and left [m/s], shape (act_dim, 2).
        turns: How fast each turns it at 1, to the left [rad/s], shape (act_dim,).
    """

    velocities: Points
    turns: Points

    @classmethod
    def measure(cls, preview: Callable[..., Any], act_dim: int, heading: float) -> Reach:
        """Return what the parts of an action do.

        Args:
            preview: The environment's `preview_path`.
            act_dim: Number of the parts.
            heading: Direction of the robot [rad].

        Raises:
            UsageError: If none of them drives it anywhere.
        """
        units = np.eye(act_dim, dtype=np.float32)
        moves = np.array([_end_velocity(preview, unit) for unit in units])
        back = np.array(
            [[np.cos(heading), np.sin(heading)], [-np.sin(heading), np.cos(heading)]]
        )
        speeds = np.hypot(*moves.T)
        if speeds.max() < LEAST_SPEED:
            raise UsageError(
                "this environment cannot be driven along a drawn path: no part of its "
                "action alone moves the robot in preview_path; steer it instead"
            )
        moves[speeds < LEAST_SPEED] = 0.0
        ahead = units[speeds.argmax()]
        turns = np.array(
            [
                _turn(preview, ahead + unit) if speed < LEAST_SPEED else 0.0
                for unit, speed in zip(units, speeds, strict=True)
            ]
        )
        turns[np.abs(turns) < LEAST_TURN] = 0.0
        return cls(moves @ back.T, turns)

    @property
    def speed(self) -> float:
        """Greatest speed [m/s]."""
        return float(np.hypot(*self.velocities.T).max())

    @property
    def turn(self) -> float:
        """Fastest turn [rad/s]; 0: it cannot turn."""
        return float(np.abs(self.turns).max())

    @property
    def sideways(self) -> bool:
        """Whether it can go in any direction without turning."""
        return bool(np.linalg.matrix_rank(self.velocities, tol=LEAST_SPEED) == 2)

    def action(self, velocity: Points, turn: float) -> FloatArray:
        """Return the action with a velocity and a turn, in [-1, 1], shape (act_dim,).

        Args:
            velocity: Forward and left [m/s], shape (2,).
            turn: To the left [rad/s].
        """
        parts = np.linalg.pinv(self.velocities.T) @ np.asarray(velocity, dtype=float)
        if self.turn:
            parts += self.turns / np.sum(self.turns**2) * turn
        return np.asarray(np.clip(parts, -1.0, 1.0), dtype=np.float32)


def _path(preview: Callable[..., Any], action: FloatArray) -> Points:
    return np.asarray(preview(action, FORESEEN_S), dtype=float).reshape(-1, 2)


def _end_velocity(preview: Callable[..., Any], action: FloatArray) -> Points:
    """Return the velocity at the end of what is foreseen [m/s], shape (2,)."""
    path = _path(preview, action)
    if len(path) < 2 or not np.isfinite(path).all():
        return np.zeros(2)
    velocity: Points = (path[-1] - path[-2]) * len(path) / FORESEEN_S
    return velocity


def _turn(preview: Callable[..., Any], action: FloatArray) -> float:
    """Return how fast the foreseen way turns [rad/s]."""
    steps = np.diff(_path(preview, action), axis=0)
    if len(steps) < 2 or not np.isfinite(steps).all():
        return 0.0
    turned = np.diff(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0])))
    return float(np.median(turned) * (len(steps) + 1) / FORESEEN_S)
