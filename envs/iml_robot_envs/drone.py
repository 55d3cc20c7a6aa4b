"""Quadrotors that fly where they are told to, through moving air, in MuJoCo."""

from __future__ import annotations

import numpy as np
from mujoco.batch import Batch

from iml_robot_envs.drone_model import SUBSTEP_S, drone_model
from iml_robot_envs.flight_control import (
    STATE_SIZE,
    WEIGHT,
    FlightControl,
    drag_force,
    hover_thrust,
)
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.mujoco_log import quiet_mujoco
from iml_robot_envs.quaternions import attitude
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Array, Bools, Indices
from iml_robot_envs.wind import Air

ACTION_SCALE = np.array([3.0, 3.0, 1.5, np.pi / 2])
"""What 1 means in an action: forward, left and up [m/s], yaw rate [rad/s]."""
START_HEIGHT_M = 1.5
INNER_SUBSTEPS = 5
"""Substeps after which attitude and rates are controlled again: 40 Hz. The motors' lag is
twice that long, so that more often makes hardly a difference: the damping is 0.72 (0.73 at
200 Hz), the gain could be 4.9 times as high."""
SOUND = np.array([np.inf] * 7 + [100.0] * 6)
"""Positions and speeds that no drone reaches unless the simulation diverges."""
CLOCK_START_S = 1.0
"""Later than 0, where the clock of a simulation stands that MuJoCo starts anew."""
TURNED = np.array([[0, 1], [1, 0]])
"""Which parts of the direction ahead (cosine, sine) make the rotation that heads."""
_FIRST = 4
"""Where the quaternion begins in a simulation's row: after time and position."""


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
        self._control_dt = control_dt
        self._ticks = round(control_dt / SUBSTEP_S / INNER_SUBSTEPS)
        self._air = Air(count)
        self._steps: Indices = np.zeros(count, np.int64)
        self._time = self.batch.bind("time").reshape(count)
        self._qpos, self._qvel = self.batch.bind("qpos"), self.batch.bind("qvel")
        self._act, self._ctrl = self.batch.bind("act"), self.batch.bind("ctrl")
        self._push = self.batch.bind("xfrc_applied")[:, 1, :3]
        # The simulations' rows hold these three one after another.
        self._state = self.batch.state[:, _FIRST : _FIRST + STATE_SIZE]
        self._row = self.batch.state[:, 1 : 1 + len(SOUND)]
        self._asked = np.zeros((count, 4))
        self._no_wheels = np.zeros((count, 0))
        self.motion = self._measure()

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
        self.motion = self._measure()

    def drive(self, actions: Array, grounds: Grounds, which: Indices | None) -> None:
        """Advance one control period under (forward, left, up, yaw rate) in [-1, 1]."""
        active = None
        if which is not None:
            active = np.zeros(len(self._steps), np.bool_)
            active[which] = True
        self._aim(actions, active)
        if self._air.moves:
            air = self._air.velocity(grounds, self.motion.position, self._steps)
            self._push[:] = drag_force(air)
        due = self._time + 0.99 * self._control_dt
        self._fly(which)
        self._steps += 1 if active is None else active
        # MuJoCo starts a diverged simulation anew by itself; only its clock tells.
        self.stable = (self._time > due) & self._is_sound()
        if active is not None:
            self.stable |= ~active
        if not self.stable.all():
            self._put_back(np.flatnonzero(~self.stable))
        self.motion = self._measure()

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

    def get_state(self, robot: int) -> Array:
        """Return everything the future depends on, shape (21,)."""
        return np.concatenate(
            [
                self._qpos[robot],
                self._qvel[robot],
                self._act[robot],
                self.control.integral[:, robot],
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
        self._act[robot], self.control.integral[:, robot] = state[13:17], state[17:20]
        self._steps[robot] = int(state[20])
        self.stable[robot] = True
        self.motion = self._measure()

    def _aim(self, actions: Array, active: Bools | None) -> None:
        """Tell the controllers what is wanted for the next control step."""
        wanted = np.ascontiguousarray((actions * ACTION_SCALE).T)
        self.control.aim(
            wanted,
            self._moving,
            quaternions=self._sound[:, 3:7].T,
            matrix=self._matrix,
            heading=self._heading,
            active=active,
        )

    def _fly(self, which: Indices | None) -> None:
        """Advance one control period, controlling attitude and rates on the way."""
        gains, base, state, asked = (
            self.control.gains,
            self.control.base,
            self._state,
            self._asked,
        )
        for _ in range(self._ticks):
            np.einsum("nri,ni->nr", gains, state, out=asked)
            np.add(asked, base, out=self._ctrl)
            self.batch.step(which, nstep=INNER_SUBSTEPS)

    def _reset(self, which: Indices) -> None:
        """Forget forces and warnings of some simulations, and start their clocks."""
        self.batch.reset(which, stage=0)
        self._time[which] = CLOCK_START_S

    def _rest(self, which: Indices) -> None:
        """Let rotors carry drones that neither move nor know of any wind."""
        self._act[which] = hover_thrust()
        self.control.integral[:, which] = WEIGHT

    def _is_sound(self) -> Bools:
        # A comparison with what is not finite is false.
        return np.asarray((np.abs(self._row) < SOUND).all(axis=1))

    def _put_back(self, which: Indices) -> None:
        """Put drones at rest where they were before the step."""
        self._reset(which)
        self._qpos[which] = self._sound[which]
        self._rest(which)

    def _measure(self) -> Motion:
        """Return the motion; roll, pitch and heading are intrinsic z-y-x."""
        self._sound = self._qpos.copy()
        now = attitude(self._sound[:, 3:7])
        self._matrix = now.matrix
        ahead = now.matrix[:2, 0]
        # A drone that points straight up heads nowhere; the limit is for the division.
        length = np.maximum(np.add.reduce(ahead * ahead, axis=0), 1e-12)
        heading = ahead.take(TURNED, axis=0)
        heading /= np.sqrt(length, out=length)
        heading[0, 1] *= -1.0
        self._heading = heading
        world = self._qvel.T
        self._moving = moving = np.empty((4, len(self._qvel)))
        np.add.reduce(heading * world[:2, None], axis=0, out=moving[:2])
        moving[2:] = world[2::3]
        velocity = moving[:3]
        return Motion(
            position=self._sound[:, :3],
            roll=now.roll,
            pitch=now.pitch,
            heading=now.heading,
            speed=np.sqrt(np.add.reduce(velocity * velocity, axis=0)),
            velocity=np.ascontiguousarray(velocity.T),
            yaw_rate=moving[3].copy(),
            wheel_speeds=self._no_wheels,
            upright=now.matrix[2, 2],
        )
