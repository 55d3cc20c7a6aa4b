"""Four-wheel skid-steer rovers of the Clearpath Jackal class in MuJoCo."""

from __future__ import annotations

import copy

import numpy as np
from mujoco.batch import Batch

from iml_robot_envs.compiled import compiled
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.mujoco_log import quiet_mujoco
from iml_robot_envs.robot import Motion
from iml_robot_envs.rover_model import (
    CONTROLS,
    SUBSTEP_S,
    TIME,
    TRACK_M,
    VELOCITY,
    WHEEL_RADIUS_M,
    WHEEL_RATES,
    WHEELS,
    rover_model,
)
from iml_robot_envs.rover_motion import measure
from iml_robot_envs.terrain import Array, Bools, Indices
from iml_robot_envs.traction import Traction

TRACK_FACTOR = 2.7
"""Effective over geometric track, measured on this model at grip 0.8: wheels that skid
sideways turn a rover less than geometry says (vendors give 1.3 to 1.9 for rubber)."""
MAX_SPEED_M_S = 1.0
MAX_YAW_RATE_RAD_S = 1.5
MAX_SOUND_SPEED = 100.0
"""Speed that no joint reaches unless the simulation diverges [m/s or rad/s]."""
SETTLING_STEPS = 10
"""Control steps at rest after which a rover that was put down stands on its wheels."""
WHEEL_SPEED_RAD_S = MAX_SPEED_M_S / WHEEL_RADIUS_M
"""Of all wheels under full speed."""
WHEEL_TURN_RAD_S = MAX_YAW_RATE_RAD_S * TRACK_FACTOR * TRACK_M / 2 / WHEEL_RADIUS_M
"""What the right wheels turn faster, and the left ones slower, under full yaw rate."""


class Rovers:
    """N rovers: places, steps and measures them.

    A step that diverges puts its rover at rest where it was before and sets `stable` to
    False, so that nothing ever sees a number that is not finite.

    Args:
        count: Number of rovers.
        rows: Rows of the height field.
        columns: Columns of the height field.
        cell_m: Distance of neighbouring samples [m].
        control_dt: Control period [s].
        height_range_m: Greatest minus least height that maps may have [m].
        threads: Threads that step them.

    Attributes:
        models: MuJoCo model of each rover; its height field and friction are its own.
        batch: The simulations.
    """

    def __init__(
        self,
        count: int,
        *,
        rows: int,
        columns: int,
        cell_m: float,
        control_dt: float,
        height_range_m: float = 4.0,
        threads: int = 1,
    ) -> None:
        quiet_mujoco()
        model = rover_model(rows, columns, cell_m, height_range_m)
        self._height_range_m = height_range_m
        self.models = [copy.copy(model) for _ in range(count)]
        self.batch = Batch(model, count, threads)
        self.batch.set_models(self.models)
        self.stable: Bools = np.ones(count, np.bool_)
        self._substeps = round(control_dt / SUBSTEP_S)
        self._qpos = self.batch.bind("qpos")
        self._all: Bools = np.ones(count, np.bool_)
        self._parts = [self.batch.bind(name) for name in ROVER_STATE]
        self._traction = Traction(self.models, self.batch, control_dt)
        self._last_sound = self._qpos.copy()
        self.motion = self._measure()

    def place(self, which: Indices, grounds: Grounds) -> None:
        """Put some rovers at rest on the start poses of their maps; let them settle."""
        self._load(which, grounds)
        self.batch.reset(which, stage=0)
        self._traction.reset(which)
        for robot in which.tolist():
            terrain = grounds.terrains[robot]
            assert terrain is not None
            x, y, heading = terrain.start
            ground = terrain.height_at(
                x + np.array([0.0, 0.2, -0.2, 0.0, 0.0]),
                y + np.array([0, 0, 0, 0.2, -0.2]),
            )
            self._qpos[robot, :3] = x, y, ground.max() + WHEEL_RADIUS_M + 0.05
            self._qpos[robot, 3:7] = np.cos(heading / 2), 0.0, 0.0, np.sin(heading / 2)
        self.batch.step(which, nstep=SETTLING_STEPS * self._substeps)
        self.stable[which] = True
        self.motion = self._measure()

    def drive(self, actions: Array, grounds: Grounds, which: Indices | None) -> None:
        """Advance one control period under (speed, yaw rate) in [-1, 1]."""
        states, active = self.batch.state, self._all
        if which is not None:
            active = np.zeros(len(states), np.bool_)
            active[which] = True
        steer(states, actions, active)
        if grounds.soils is not None:
            self._traction.apply(grounds, self.motion, active)
        due_s = states[:, TIME] + (self._substeps - 0.5) * SUBSTEP_S
        self.batch.step(which, nstep=self._substeps)
        self.stable = are_sound(states, due_s, active)
        if not self.stable.all():
            self._put_back(np.flatnonzero(~self.stable))
        self.motion = self._measure()

    def preview(self, robot: int, action: Array, seconds: float) -> Array:
        """Return world points that constant driving would pass, shape (n, 2) [m].

        Source: the unicycle integrated with steps of 0.1 s.
        """
        x, y, _ = self.motion.position[robot]
        times = np.arange(0.1, seconds + 0.05, 0.1)
        turn = float(action[1]) * MAX_YAW_RATE_RAD_S * times
        heading = self.motion.heading[robot] + turn
        step = 0.1 * float(action[0]) * MAX_SPEED_M_S
        return np.column_stack(
            [x + np.cumsum(step * np.cos(heading)), y + np.cumsum(step * np.sin(heading))]
        )

    def get_state(self, robot: int) -> Array:
        """Return everything the future depends on, shape (n,)."""
        parts = [part[robot].ravel() for part in self._parts]
        return np.concatenate([*parts, self._traction.get_state(robot)])

    def set_state(self, robot: int, state: Array, grounds: Grounds) -> None:
        """Put a rover on its map in a state of `get_state`.

        Raises:
            ValueError: If it is the state of another body or not finite.
        """
        sizes = [part[robot].size for part in self._parts]
        size = sum(sizes) + self._traction.get_state(robot).size
        if state.shape != (size,) or not np.isfinite(state).all():
            raise ValueError(
                f"a rover's state is {size} finite numbers, got an array of shape "
                f"{state.shape}; pass what get_state() returned"
            )
        self._load(np.array([robot]), grounds)
        *values, rest = np.split(state, np.cumsum(sizes))
        for part, value in zip(self._parts, values, strict=True):
            part[robot] = value.reshape(part[robot].shape)
        self._traction.set_state(robot, rest)
        self.stable[robot] = True
        self.motion = self._measure()

    def _load(self, which: Indices, grounds: Grounds) -> None:
        """Write the heights of some maps into the height fields."""
        for robot in which.tolist():
            terrain = grounds.terrains[robot]
            assert terrain is not None
            shifted = terrain.heights / self._height_range_m + 0.5
            self.models[robot].hfield_data[:] = np.clip(shifted, 0, 1).ravel()
        self.batch.set_models(self.models)

    def _put_back(self, which: Indices) -> None:
        """Put rovers at rest where they were before the step."""
        self.batch.reset(which, stage=0)
        self._qpos[which] = self._last_sound[which]

    def _measure(self) -> Motion:
        """Return the motion, and remember the poses as sound ones."""
        np.copyto(self._last_sound, self._qpos)
        return measure(self.batch.state)


@compiled
def steer(states: Array, actions: Array, active: Bools) -> None:
    """Tell the wheels of some rovers how fast to turn.

    Args:
        states: Rows of the simulations.
        actions: Speed and yaw rate in [-1, 1], shape (N, 2).
        active: Which rovers, shape (N,).
    """
    for robot in range(len(states)):
        if active[robot]:
            ahead = WHEEL_SPEED_RAD_S * actions[robot, 0]
            turn = WHEEL_TURN_RAD_S * actions[robot, 1]
            for left in (CONTROLS, CONTROLS + 2):
                states[robot, left] = ahead - turn
                states[robot, left + 1] = ahead + turn


@compiled
def are_sound(states: Array, due_s: Array, active: Bools) -> Bools:
    """Return which rovers moved on without their simulation diverging, shape (N,).

    MuJoCo starts a diverged simulation anew by itself; only its clock tells.

    Args:
        states: Rows of the simulations after a step.
        due_s: What their clocks must have passed [s], shape (N,).
        active: Which rovers were to move; the others are sound, shape (N,).
    """
    sound = np.ones(len(states), np.bool_)
    for robot in range(len(states)):
        if active[robot]:
            sound[robot] = states[robot, TIME] > due_s[robot]
            for part in range(VELOCITY, WHEEL_RATES + len(WHEELS)):
                # A comparison with what is not finite is false.
                sound[robot] &= abs(states[robot, part]) < MAX_SOUND_SPEED
    return sound


ROVER_STATE = (
    "time", "qpos", "qvel", "act", "qacc_warmstart", "ctrl", "qfrc_applied", "xfrc_applied",
)  # fmt: skip
"""Parts of a simulation's state on which a rover's future depends."""
