"""What soils do to wheels: their grip, their resistance, and how wheels dig in."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np
from mujoco.batch import Batch

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Array, Indices


class Traction:
    """Feels the soil under each wheel once a control step.

    Args:
        models: MuJoCo model of each rover.
        batch: Their simulations.
        control_dt: Control period [s].
    """

    def __init__(
        self, models: Sequence[mujoco.MjModel], batch: Batch, control_dt: float
    ) -> None:
        self._models, self._batch, self._dt = models, batch, control_dt

    def reset(self, which: Indices) -> None:
        """Forget how deep the wheels of some rovers have dug themselves in."""

    def apply(self, grounds: Grounds, motion: Motion) -> None:
        """Set grip and resistance of all wheels for the next control step."""

    def get_state(self, robot: int) -> Array:
        """Return what the future depends on beside the simulation, shape (n,)."""
        return np.zeros(0)

    def set_state(self, robot: int, state: Array) -> None:
        """Go back to a state of `get_state`."""
