"""What soils do to wheels: their grip, their resistance, and how wheels dig in."""

from __future__ import annotations

import math
from collections.abc import Sequence

import mujoco
import numpy as np
from mujoco.batch import Batch

from iml_robot_envs.compiled import compiled
from iml_robot_envs.grid_lookup import Frame, nearest_sample, place_of, pose
from iml_robot_envs.grounds import Grounds, Soils
from iml_robot_envs.robot import Motion
from iml_robot_envs.rover_model import TRACK_M, WHEELBASE_M
from iml_robot_envs.soils import SOILS
from iml_robot_envs.terrain import Array, Bools, Indices

DIGGING_M = 1.2
"""Slip of a wheel, rim minus ground, after which it has dug itself in [m]."""
CLIMBING_OUT_M = 0.5
"""Way driven on which the sinkage falls to 1/e [m]."""
CREEPING_M_S = 0.02
"""Below this speed the resistance fades, so that a rover at rest is not pushed [m/s]."""
WHEELS = 4
GRAVITY_M_S2 = 9.81

WHEELS_AHEAD_M = tuple(WHEELBASE_M / 2 * side for side in (1, 1, -1, -1))
WHEELS_LEFT_M = tuple(TRACK_M / 2 * side for side in (1, -1, 1, -1))
"""Where the wheels stand in a rover's frame; a tilted one's are nearer by millimetres."""
RESISTANCE = np.array([[soil.rolling, soil.sinking] for soil in SOILS])
"""Of each soil: when it rolls, and what it adds to a wheel that has dug itself in."""
ROLLING, SINKING = 0, 1


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

    def reset(self, which: Indices) -> None:
        """Forget soils and sinkage of some rovers: usual grip, no resistance."""
        self.sinkage[which] = 0.0
        self.resistance[which] = 0.0
        self._grip[which] = self._usual_grip
        for robot in which.tolist():
            self._frictions[robot][:] = self._usual_grip
            self._dampings[robot][:] = 0.0
        self._batch.set_models(self._models)

    def apply(self, grounds: Grounds, motion: Motion, active: Bools) -> None:
        """Set grip and resistance of all wheels for the next control step.

        Args:
            grounds: The maps, which have soils.
            motion: Of the rovers.
            active: Rovers that move, shape (N,); those that do not dig no deeper.
        """
        assert grounds.soils is not None
        under = soils_under_wheels(
            grounds.soils, grounds.frame, motion.position, motion.heading
        )
        changed = change_grip(self._grip, grounds.grip, under)
        for robot in np.flatnonzero(changed).tolist():
            self._frictions[robot][:] = self._grip[robot]
        dig(self.sinkage, under, motion, active, self._dt)
        damping = resist(self.resistance, self.sinkage, under, motion)
        damping *= self._weight
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


@compiled
def soils_under_wheels(
    soils: Soils, frame: Frame, position: Array, heading: Array
) -> Indices:
    """Return the soil at the sample nearest to each wheel, shape (N, 4).

    Args:
        soils: Of `Grounds`.
        frame: Of `Grounds`.
        position: World x, y, z of the rovers [m], shape (N, 3).
        heading: Their headings [rad], shape (N,).
    """
    count, rows, columns = soils.shape
    under = np.empty((count, WHEELS), np.int64)
    for robot in range(count):
        rover = pose(position[robot, 0], position[robot, 1], heading[robot])
        for wheel in range(WHEELS):
            place = place_of(frame, rover, WHEELS_AHEAD_M[wheel], WHEELS_LEFT_M[wheel])
            row, column = nearest_sample((rows, columns), *place)
            # Beyond the edge lies no soil: whichever is last.
            under[robot, wheel] = min(soils[robot, row, column], len(RESISTANCE) - 1)
    return under


@compiled
def change_grip(grip: Array, of_soils: Array, under: Indices) -> Bools:
    """Note the grip of all wheels, and return for which rovers it is another, shape (N,).

    Args:
        grip: Coefficients of friction of the wheels, shape (N, 4); written.
        of_soils: Those of the soils on each map, shape (N, soils).
        under: Soils under the wheels, shape (N, 4).
    """
    changed = np.zeros(len(grip), np.bool_)
    for robot in range(len(grip)):
        for wheel in range(WHEELS):
            new = of_soils[robot, under[robot, wheel]]
            changed[robot] |= new != grip[robot, wheel]
            grip[robot, wheel] = new
    return changed


@compiled
def dig(sinkage: Array, under: Indices, motion: Motion, active: Bools, dt: float) -> None:
    """Let wheels dig in by their slip and come out by the way driven.

    Args:
        sinkage: Of the wheels, shape (N, 4); written.
        under: Soils under the wheels, shape (N, 4).
        motion: Of the rovers.
        active: Rovers that move, shape (N,).
        dt: Duration of the control step [s].
    """
    for robot in np.flatnonzero(active):
        for wheel in range(WHEELS):
            if RESISTANCE[under[robot, wheel], SINKING] == 0.0:
                sinkage[robot, wheel] = 0.0
                continue
            turning = motion.yaw_rate[robot] * WHEELS_LEFT_M[wheel]
            ground_speed = motion.velocity[robot, 0] - turning
            slip_m = dt * abs(motion.wheel_speeds[robot, wheel] - ground_speed)
            way_m = dt * abs(ground_speed)
            before = sinkage[robot, wheel]
            after = before + slip_m / DIGGING_M - before * way_m / CLIMBING_OUT_M
            sinkage[robot, wheel] = min(after, 1.0)


@compiled
def resist(resistance: Array, sinkage: Array, under: Indices, motion: Motion) -> Array:
    """Note how much the ground resists, and return the damping that does so, shape (N,).

    Args:
        resistance: As a share of the weight, shape (N,); written.
        sinkage: Of the wheels, shape (N, 4).
        under: Soils under the wheels, shape (N, 4).
        motion: Of the rovers.

    Returns:
        Resistance over speed, so still to be multiplied by the weight [s/m].
    """
    damping = np.empty(len(resistance))
    for robot in range(len(resistance)):
        total = 0.0
        for wheel in range(WHEELS):
            rolling = RESISTANCE[under[robot, wheel], ROLLING]
            sinking = RESISTANCE[under[robot, wheel], SINKING]
            rim_speed = abs(motion.wheel_speeds[robot, wheel])
            total += rolling * min(rim_speed / CREEPING_M_S, 1.0)
            total += sinking * sinkage[robot, wheel]
        resistance[robot] = total / WHEELS
        speed = math.hypot(motion.velocity[robot, 0], motion.velocity[robot, 1])
        damping[robot] = resistance[robot] / max(speed, CREEPING_M_S)
    return damping
