"""What soils do to wheels: their grip, their resistance, and how wheels dig in."""

from __future__ import annotations

from collections.abc import Sequence

import mujoco
import numpy as np
from mujoco.batch import Batch

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.robot import Motion
from iml_robot_envs.rover_model import TRACK_M, WHEELBASE_M
from iml_robot_envs.soils import SOILS
from iml_robot_envs.terrain import Array, Indices

DIGGING_M = 1.2
"""Slip of a wheel, rim minus ground, after which it has dug itself in [m]."""
CLIMBING_OUT_M = 0.5
"""Way driven on which the sinkage falls to 1/e [m]."""
CREEPING_M_S = 0.02
"""Below this speed the resistance fades, so that a rover at rest is not pushed [m/s]."""
WHEELS = 4
GRAVITY_M_S2 = 9.81

_AHEAD = WHEELBASE_M / 2 * np.array([1.0, 1.0, -1.0, -1.0])
_LEFT = TRACK_M / 2 * np.array([1.0, -1.0, 1.0, -1.0])
_ROLLING = np.array([soil.rolling for soil in SOILS])
_SINKING = np.array([soil.sinking for soil in SOILS])


class Traction:
    """Feels the soil under each wheel once a control step.

    Grip is the coefficient of friction of the wheel. Resistance, a share of the weight, is
    a damping of the chassis that is renewed from the speed, for a damping is integrated
    implicitly: it brakes and never pushes. A soil's rolling resistance needs wheels that
    turn; what a wheel has dug itself into resists a locked one too.

    Sinkage of a wheel is from 0 to 1: it grows with the distance that its rim slips over a
    sinking soil, and falls with the distance driven.

    Args:
        models: MuJoCo model of each rover; their wheels' friction and the damping of
            their chassis are written.
        batch: Their simulations.
        control_dt: Control period [s].

    Attributes:
        sinkage: Of each wheel, shape (N, 4).
        resistance: Of each rover in the last step, as a share of its weight, shape (N,).
    """

    def __init__(
        self, models: Sequence[mujoco.MjModel], batch: Batch, control_dt: float
    ) -> None:
        self._models, self._batch, self._dt = list(models), batch, control_dt
        first = models[0]
        kinds = np.flatnonzero(first.geom_type == mujoco.mjtGeom.mjGEOM_ELLIPSOID)
        wheels = slice(kinds[0], kinds[-1] + 1)
        self._weight = float(first.body_mass.sum()) * GRAVITY_M_S2
        self._usual_grip = float(first.geom_friction[kinds[0], 0])
        # Views into the models: making them anew costs more than writing through them.
        self._frictions = [model.geom_friction[wheels, 0] for model in models]
        self._dampings = [model.dof_damping[:2] for model in models]
        count = len(models)
        self._grip = np.full((count, WHEELS), self._usual_grip)
        self.sinkage = np.zeros((count, WHEELS))
        self.resistance = np.zeros(count)
        self._rows = np.arange(count)[:, None]

    def reset(self, which: Indices) -> None:
        """Forget soils and sinkage of some rovers: usual grip, no resistance."""
        self.sinkage[which] = 0.0
        self.resistance[which] = 0.0
        self._grip[which] = self._usual_grip
        for robot in which.tolist():
            self._frictions[robot][:] = self._usual_grip
            self._dampings[robot][:] = 0.0
        self._batch.set_models(self._models)

    def apply(self, grounds: Grounds, motion: Motion, which: Indices | None = None) -> None:
        """Set grip and resistance of all wheels for the next control step.

        Args:
            grounds: The maps, which have soils.
            motion: Of the rovers.
            which: Robots that move; None for all. The wheels of others stay as they are.
        """
        soils = self._soils_under_wheels(grounds, motion)
        grip = grounds.grip[self._rows, soils]
        changed = grip != self._grip
        if changed.any():
            self._grip = grip
            for robot in np.flatnonzero(changed.any(axis=1)).tolist():
                self._frictions[robot][:] = grip[robot]
        resistance = np.abs(motion.wheel_speeds)
        resistance *= 1.0 / CREEPING_M_S
        np.minimum(resistance, 1.0, out=resistance)
        resistance *= _ROLLING.take(soils)
        sinking = _SINKING.take(soils)
        if sinking.any() or self.sinkage.any():
            self._sink(motion, sinking, which)
            resistance += sinking * self.sinkage
        self.resistance = resistance.sum(axis=1) / WHEELS
        speed = np.hypot(motion.velocity[:, 0], motion.velocity[:, 1])
        damping = self._weight * self.resistance / np.maximum(speed, CREEPING_M_S)
        for view, value in zip(self._dampings, damping.tolist(), strict=True):
            view[:] = value
        self._batch.set_models(self._models)

    def get_state(self, robot: int) -> Array:
        """Return what the future depends on beside the simulation, shape (4,)."""
        return np.array(self.sinkage[robot])

    def set_state(self, robot: int, state: Array) -> None:
        """Go back to a state of `get_state`.

        Grip and resistance need no memory: the next step sets them before it moves.
        """
        self.reset(np.array([robot]))
        self.sinkage[robot] = state

    def _soils_under_wheels(self, grounds: Grounds, motion: Motion) -> Indices:
        """Return the soil at the sample nearest to each wheel, shape (N, 4)."""
        assert grounds.soils is not None
        count, rows, columns = grounds.soils.shape
        cell = grounds.cell_m
        # Rows are the unit vectors ahead and to the left, along x and y.
        ahead, left = np.empty((2, count, 1)), np.empty((2, count, 1))
        np.cos(motion.heading, out=ahead[0, :, 0])
        np.sin(motion.heading, out=ahead[1, :, 0])
        np.negative(ahead[1], out=left[0])
        left[1] = ahead[0]
        # A tilted rover's wheels are nearer to each other by millimetres.
        place = ahead * _AHEAD
        place += left * _LEFT
        place += motion.position.T[:2, :, None]
        place /= cell
        # The half rounds to the nearest sample.
        place += (grounds.middle + 0.5)[:, None, None]
        np.maximum(place, 0.0, out=place)
        column, row = place.astype(np.int64)
        if row.max() >= rows or column.max() >= columns:
            row, column = np.minimum(row, rows - 1), np.minimum(column, columns - 1)
        row *= columns
        row += column
        if count > 1:
            row += self._rows * (rows * columns)
        # Beyond the edge lies no soil: whichever is last.
        soils = grounds.soils.ravel().take(row)
        return np.asarray(np.minimum(soils, len(SOILS) - 1))

    def _sink(self, motion: Motion, sinking: Array, which: Indices | None) -> None:
        """Let wheels dig in by their slip and come out by the way driven."""
        ground = motion.velocity[:, :1] - motion.yaw_rate[:, None] * _LEFT
        slip = np.abs(motion.wheel_speeds - ground) * (self._dt / DIGGING_M)
        sinkage = self.sinkage + slip
        sinkage -= self.sinkage * np.abs(ground) * (self._dt / CLIMBING_OUT_M)
        np.minimum(sinkage, 1.0, out=sinkage)
        sinkage *= sinking > 0
        if which is None:
            self.sinkage = sinkage
        else:
            self.sinkage[which] = sinkage[which]
