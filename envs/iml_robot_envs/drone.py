"""Quadrotors that fly where they are told to, through moving air, in MuJoCo."""

from __future__ import annotations

import numpy as np
from mujoco.batch import Batch

from iml_robot_envs.drone_model import SUBSTEP_S, drone_model
from iml_robot_envs.drone_motion import find_sound, measure
from iml_robot_envs.flight_control import (
    WEIGHT,
    FlightControl,
    drag_force,
    hover_thrust,
)
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.mujoco_log import quiet_mujoco
from iml_robot_envs.terrain import Array, Bools, Indices
from iml_robot_envs.wind import Air

ACTION_SCALE = np.array([3.0, 3.0, 1.5, np.pi / 2])
"""What 1 means in an action: forward, left and up [m/s], yaw rate [rad/s]."""
START_HEIGHT_M = 1.5
INNER_SUBSTEPS = 5
"""Substeps after which attitude and rates are controlled again: 40 Hz. The motors' lag is
twice that long, so that more often makes hardly a difference: the damping is 0.72 (0.73 at
200 Hz), the gain could be 4.9 times as high."""
CLOCK_START_S = 1.0
"""Later than 0, where the clock of a simulation stands that MuJoCo starts anew."""


class Drones:
    """N quadrotors: places, steps and measures them.

    A step that diverges puts its drone at rest where it was before and sets `stable` to
    False, so that nothing ever sees a number that is not finite.

    Args:
        count: Number of drones.
        control_dt: Control period [s].
        threads: Threads that step them.

    Attributes:
        batch: The simulations.
        control: Their controllers.
        motion: After the last `place`, `drive` or `set_state`; always finite.
        stable: False where the simulation has diverged in the last `drive`, shape (N,).
    """

    def __init__(self, count: int, *, control_dt: float, threads: int = 1) -> None:
        quiet_mujoco()
        self.batch = Batch(drone_model(), count, threads)
        self.control = FlightControl(count, control_dt)
        self.stable: Bools = np.ones(count, np.bool_)
        self._ticks = round(control_dt / SUBSTEP_S / INNER_SUBSTEPS)
        self._air = Air(count)
        self._steps: Indices = np.zeros(count, np.int64)
        self._all: Bools = np.ones(count, np.bool_)
        self._states = self.batch.state
        self._time = self.batch.bind("time").reshape(count)
        self._time[:] = CLOCK_START_S
        self._qpos, self._qvel = self.batch.bind("qpos"), self.batch.bind("qvel")
        self._act = self.batch.bind("act")
        self._push = self.batch.bind("xfrc_applied")[:, 1, :3]
        self._measure()

    def place(self, which: Indices, grounds: Grounds) -> None:
        """Let some drones hover level above the start poses of their maps."""
        self._reset(which)
        self._air.load(which, grounds)
        for robot in which.tolist():
            terrain = grounds.terrains[robot]
            assert terrain is not None
            x, y, heading = terrain.start
            ground = terrain.height_at(np.array([x]), np.array([y]))[0]
            self._qpos[robot, :3] = x, y, ground + START_HEIGHT_M
            self._qpos[robot, 3:7] = np.cos(heading / 2), 0.0, 0.0, np.sin(heading / 2)
        self._rest(which)
        self._steps[which] = 0
        self.stable[which] = True
        self._measure()

    def drive(self, actions: Array, grounds: Grounds, which: Indices | None) -> None:
        """Advance one control period under (forward, left, up, yaw rate) in [-1, 1]."""
        active = self._all
        if which is not None:
            active = np.zeros(len(self._steps), np.bool_)
            active[which] = True
        self.control.aim(
            actions * ACTION_SCALE, self._states, motion=self.motion, active=active
        )
        if self._air.moves:
            air = self._air.velocity(grounds, self.motion.position, self._steps)
            self._push[:] = drag_force(air)
        for _ in range(self._ticks):
            self.control.steer(self._states)
            self.batch.step(which, nstep=INNER_SUBSTEPS)
        self._steps += active
        self._put_diverged_back()
        self._measure()

    def preview(self, robot: int, action: Array, seconds: float) -> Array:
        """Return world points that constant flying would pass, shape (n, 2) [m].

        Source: the wanted velocity integrated with steps of 0.1 s.
        """
        x, y, _ = self.motion.position[robot]
        forward, left, _, yaw_rate = np.asarray(action, np.float64) * ACTION_SCALE
        times = np.arange(0.1, seconds + 0.05, 0.1)
        heading = self.motion.heading[robot] + yaw_rate * times
        cosine, sine = np.cos(heading), np.sin(heading)
        return np.column_stack(
            [
                x + 0.1 * np.cumsum(forward * cosine - left * sine),
                y + 0.1 * np.cumsum(forward * sine + left * cosine),
            ]
        )

    def wind(self, grounds: Grounds) -> Array:
        """Return how the air around the drones moves in the world [m/s], shape (N, 3)."""
        return self._air.velocity(grounds, self.motion.position, self._steps)

    def get_state(self, robot: int) -> Array:
        """Return everything the future depends on, shape (21,)."""
        return np.concatenate(
            [
                self._qpos[robot],
                self._qvel[robot],
                self._act[robot],
                self.control.integral[robot],
                self._steps[robot : robot + 1],
            ]
        )

    def set_state(self, robot: int, state: Array, grounds: Grounds) -> None:
        """Put a drone on its map in a state of `get_state`.

        Raises:
            ValueError: If it is the state of another body or not finite.
        """
        if state.shape != (21,) or not np.isfinite(state).all():
            raise ValueError(
                f"a drone's state is 21 finite numbers, got an array of shape "
                f"{state.shape}; pass what get_state() returned"
            )
        which = np.array([robot])
        self._reset(which)
        self._air.load(which, grounds)
        self._qpos[robot], self._qvel[robot] = state[:7], state[7:13]
        self._act[robot], self.control.integral[robot] = state[13:17], state[17:20]
        self._steps[robot] = int(state[20])
        self.stable[robot] = True
        self._measure()

    def _reset(self, which: Indices) -> None:
        """Forget forces and warnings of some simulations, and start their clocks."""
        self.batch.reset(which, stage=0)
        self._time[which] = CLOCK_START_S

    def _rest(self, which: Indices) -> None:
        """Let rotors carry drones that neither move nor know of any wind."""
        self._act[which] = hover_thrust()
        self.control.integral[which] = WEIGHT

    def _put_diverged_back(self) -> None:
        """Find drones that have diverged; put them at rest where they were before."""
        if find_sound(self._states, CLOCK_START_S, self.stable):
            return
        which = np.flatnonzero(~self.stable)
        self._reset(which)
        self._qpos[which] = self._poses[which]
        self._rest(which)

    def _measure(self) -> None:
        self.motion, self._poses = measure(self._states), self._qpos.copy()
