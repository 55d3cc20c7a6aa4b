"""A point mass with drag on a flat square, and the maps it slides on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Array, Terrain

HALF_SIDE_M = 1.5
MAX_ACCELERATION_M_S2 = 4.0
DRAG_1_S = 2.0


@dataclass(frozen=True)
class WindField:
    """Flat maps with start and goal anywhere within a metre and a steady side wind.

    Attributes:
        wind_m_s2: Strength of the wind [m/s^2]; its direction is random.
    """

    wind_m_s2: float

    def build(self, rng: np.random.Generator) -> Terrain:
        """Return a new map."""
        start = rng.uniform(-1, 1, 2)
        goal = rng.uniform(-1, 1, 2)
        angle = rng.uniform(0, 2 * np.pi)
        wind = self.wind_m_s2 * np.array([np.cos(angle), np.sin(angle)])
        flat = np.zeros((2, 2))
        return Terrain(flat, 2 * HALF_SIDE_M, np.append(start, 0.0), goal, wind)


class PointMass:
    """Slides under accelerations, drag and wind; heading stays east.

    Args:
        control_dt: Control period [s].
    """

    def __init__(self, control_dt: float) -> None:
        self.stable = True
        self._dt = control_dt
        self._position = self._velocity = self._wind = np.zeros(2)
        self.motion = self._measure()

    def place(self, terrain: Terrain) -> None:
        """Put the point at rest on the start of a map."""
        self.load_ground(terrain)
        self._position, self._velocity = terrain.start[:2], np.zeros(2)
        self.motion = self._measure()

    def load_ground(self, terrain: Terrain) -> None:
        """Take over the wind of a map."""
        self._wind = terrain.wind

    def drive(self, action: Sequence[float]) -> None:
        """Accelerate for one control period (semi-implicit Euler)."""
        force = MAX_ACCELERATION_M_S2 * np.array(action) + self._wind
        self._velocity = self._velocity + self._dt * (force - DRAG_1_S * self._velocity)
        self._position = self._position + self._dt * self._velocity
        self.motion = self._measure()

    def preview(self, action: Sequence[float], seconds: float) -> Array:
        """Return world points that a constant action would pass, shape (n, 2) [m].

        Without the wind, which the driver cannot see; from the solution of
        dv/dt = a - DRAG_1_S v.
        """
        times = np.arange(0.1, seconds + 0.05, 0.1)[:, None]
        end_speed = MAX_ACCELERATION_M_S2 * np.array(action) / DRAG_1_S
        fading = (1 - np.exp(-DRAG_1_S * times)) / DRAG_1_S
        return np.asarray(
            self._position + end_speed * times + (self._velocity - end_speed) * fading
        )

    def get_state(self) -> Array:
        """Return position and velocity, shape (4,)."""
        return np.concatenate([self._position, self._velocity])

    def set_state(self, state: Array) -> None:
        """Go back to a state of `get_state`.

        Raises:
            ValueError: If it is the state of another body.
        """
        if state.shape != (4,) or not np.isfinite(state).all():
            raise ValueError(
                f"a point's state is 4 finite numbers, got an array of shape {state.shape}"
            )
        self._position, self._velocity = state[:2], state[2:]
        self.motion = self._measure()

    def _measure(self) -> Motion:
        x, y = self._position.tolist()
        east, north = self._velocity.tolist()
        return Motion(
            position=(x, y, 0.0),
            roll=0.0,
            pitch=0.0,
            heading=0.0,
            speed=math.sqrt(self._velocity.dot(self._velocity)),
            velocity=(east, north, 0.0),
            yaw_rate=0.0,
        )
