"""Point masses with drag on a flat square, and the maps they slide on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Array, Bools, Indices, Terrain, Wind

HALF_SIDE_M = 1.5
MAX_ACCELERATION_M_S2 = 4.0
DRAG_1_S = 2.0


@dataclass(frozen=True)
class WindField:
    """Flat maps with start and goal anywhere within a metre and a steady side wind.

    Attributes:
        wind_m_s2: What the wind accelerates a point at rest by [m/s^2]; its direction is
            random.
    """

    wind_m_s2: float

    def build(self, rng: np.random.Generator) -> Terrain:
        """Return a new map."""
        start = rng.uniform(-1, 1, 2)
        goal = rng.uniform(-1, 1, 2)
        angle = rng.uniform(0, 2 * np.pi)
        speed = self.wind_m_s2 / DRAG_1_S
        wind = Wind((float(speed * np.cos(angle)), float(speed * np.sin(angle))))
        flat = np.zeros((2, 2))
        return Terrain(flat, 2 * HALF_SIDE_M, np.append(start, 0.0), goal, wind=wind)


class PointMasses:
    """N points that slide under accelerations, drag and wind; heading stays east.

    Args:
        count: Number of points.
        control_dt: Control period [s].
    """

    def __init__(self, count: int, control_dt: float) -> None:
        self.stable: Bools = np.ones(count, np.bool_)
        self._dt = control_dt
        self._position, self._velocity = np.zeros((count, 2)), np.zeros((count, 2))
        self.motion = self._measure()

    def place(self, which: Indices, grounds: Grounds) -> None:
        """Put some points at rest on the starts of their maps."""
        for robot in which.tolist():
            terrain = grounds.terrains[robot]
            assert terrain is not None
            self._position[robot] = terrain.start[:2]
        self._velocity[which] = 0.0
        self.motion = self._measure()

    def drive(self, actions: Array, grounds: Grounds, which: Indices | None) -> None:
        """Accelerate for one control period (semi-implicit Euler)."""
        wind = np.array([t.wind.mean if t else (0.0, 0.0) for t in grounds.terrains])
        force = MAX_ACCELERATION_M_S2 * actions - DRAG_1_S * (self._velocity - wind)
        moved = slice(None) if which is None else which
        self._velocity[moved] += (self._dt * force)[moved]
        self._position[moved] += (self._dt * self._velocity)[moved]
        self.motion = self._measure()

    def preview(self, robot: int, action: Array, seconds: float) -> Array:
        """Return world points that a constant action would pass, shape (n, 2) [m].

        Without the wind, which the driver cannot see; from the solution of
        dv/dt = a - DRAG_1_S v.
        """
        times = np.arange(0.1, seconds + 0.05, 0.1)[:, None]
        end_speed = MAX_ACCELERATION_M_S2 * np.asarray(action) / DRAG_1_S
        fading = (1 - np.exp(-DRAG_1_S * times)) / DRAG_1_S
        way = end_speed * times + (self._velocity[robot] - end_speed) * fading
        return np.asarray(self._position[robot] + way)

    def get_state(self, robot: int) -> Array:
        """Return position and velocity, shape (4,)."""
        return np.concatenate([self._position[robot], self._velocity[robot]])

    def set_state(self, robot: int, state: Array, grounds: Grounds) -> None:
        """Go back to a state of `get_state`.

        Raises:
            ValueError: If it is the state of another body.
        """
        del grounds
        if state.shape != (4,) or not np.isfinite(state).all():
            raise ValueError(
                f"a point's state is 4 finite numbers, got an array of shape {state.shape}"
            )
        self._position[robot], self._velocity[robot] = state[:2], state[2:]
        self.motion = self._measure()

    def _measure(self) -> Motion:
        count = len(self._position)
        still = np.zeros(count)
        velocity = np.column_stack([self._velocity, still])
        squares = self._velocity * self._velocity
        return Motion(
            position=np.column_stack([self._position, still]),
            roll=still,
            pitch=still,
            heading=still,
            speed=np.sqrt(squares[:, 0] + squares[:, 1]),
            velocity=velocity,
            yaw_rate=still,
            wheel_speeds=np.zeros((count, 0)),
            upright=still + 1.0,
        )
