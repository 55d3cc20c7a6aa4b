"""A four-wheel skid-steer rover of the Clearpath Jackal class in MuJoCo."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence

import mujoco
import numpy as np

from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import Array, Terrain

_LOG = logging.getLogger(__name__)

WHEEL_RADIUS_M = 0.098
WHEELBASE_M = 0.262
TRACK_M = 0.3756
AXLE_BELOW_M = 0.03
"""Height of the body's origin above the axles [m]."""
TRACK_FACTOR = 2.7
"""Effective over geometric track, measured on this model at grip 0.8: wheels that skid
sideways turn a rover less than geometry says (vendors give 1.3 to 1.9 for rubber)."""
MAX_SPEED_M_S = 1.0
MAX_YAW_RATE_RAD_S = 1.5
SUBSTEP_S = 0.005
HEIGHT_RANGE_M = 4.0
"""The height field spans -2 to 2 m, fixed so that a new map needs no new compilation."""
MAX_SOUND_SPEED = 100.0
"""Speed that no joint reaches unless the simulation diverges [m/s or rad/s]."""
SETTLING_STEPS = 10
"""Control steps at rest after which a rover that was put down stands on its wheels."""

_MODEL = """
<mujoco model="rover">
  <compiler angle="radian" autolimits="true"/>
  <option timestep="{substep}" integrator="implicitfast"/>
  <asset>
    <hfield name="ground" nrow="{rows}" ncol="{columns}" size="{sx} {sy} {sz} 1"/>
  </asset>
  <default>
    <default class="wheel">
      <joint type="hinge" axis="0 1 0" damping="0.05" armature="0.005"/>
      <geom type="ellipsoid" size="{r} {r} 0.03" euler="1.5707963 0 0" mass="0.477"
            priority="1" friction="0.8 0.005 0.0001" condim="3"/>
      <general gainprm="6" biastype="affine" biasprm="0 0 -6" ctrlrange="-20 20"
               forcerange="-8 8" dyntype="filterexact" dynprm="0.08"/>
    </default>
  </default>
  <worldbody>
    <geom name="ground" type="hfield" hfield="ground" pos="0 0 {low}"
          friction="0.8 0.005 0.0001"/>
    <body name="rover">
      <freejoint/>
      <geom type="box" size="0.21 0.155 0.06" pos="0 0 0.04" friction="0.4 0.005 0.0001"/>
      <inertial pos="0 0 0.02" mass="16.52" diaginertia="0.3136 0.3922 0.4485"/>
      {wheels}
    </body>
  </worldbody>
  <actuator>{motors}</actuator>
</mujoco>
"""
# Masses, inertia and sizes: Clearpath Jackal description (URDF).
# Wheels are ellipsoids: on height fields cylinders catch on cell edges. The wheels'
# friction wins over the ground's ("priority"), so that a soil can later be written under
# each wheel.

WHEELS = ("front_left", "front_right", "rear_left", "rear_right")


def rover_model(rows: int, columns: int, cell_m: float) -> mujoco.MjModel:
    """Return a compiled rover on a flat height field of this size."""
    wheels, motors = [], []
    for name in WHEELS:
        x = WHEELBASE_M / 2 * (1 if "front" in name else -1)
        y = TRACK_M / 2 * (1 if "left" in name else -1)
        wheels.append(
            f'<body name="{name}" pos="{x} {y} {-AXLE_BELOW_M}" childclass="wheel">'
            f'<joint name="{name}"/><geom name="{name}"/></body>'
        )
        motors.append(f'<general class="wheel" name="{name}" joint="{name}"/>')
    text = _MODEL.format(
        substep=SUBSTEP_S,
        rows=rows,
        columns=columns,
        sx=(columns - 1) * cell_m / 2,
        sy=(rows - 1) * cell_m / 2,
        sz=HEIGHT_RANGE_M,
        low=-HEIGHT_RANGE_M / 2,
        r=WHEEL_RADIUS_M,
        wheels="".join(wheels),
        motors="".join(motors),
    )
    return mujoco.MjModel.from_xml_string(text)


class Rover:
    """The rover's body: places, steps and measures it.

    A step that diverges puts the rover at rest where it was before and sets `stable` to
    False, so that nothing ever sees a number that is not finite.

    Args:
        rows: Rows of the height field.
        columns: Columns of the height field.
        cell_m: Distance of neighbouring samples [m].
        control_dt: Control period [s].
    """

    def __init__(self, rows: int, columns: int, cell_m: float, control_dt: float) -> None:
        self.model = rover_model(rows, columns, cell_m)
        self.data = mujoco.MjData(self.model)
        if mujoco.get_mju_user_warning() is None:
            # MuJoCo would write a file of its own wherever the program was started.
            mujoco.set_mju_user_warning(_LOG.warning)
        self.stable = True
        self._substeps = round(control_dt / SUBSTEP_S)
        self._spec = mujoco.mjtState.mjSTATE_INTEGRATION
        # Views into the simulation; looking them up again at every step costs time.
        self._qpos, self._qvel = self.data.qpos, self.data.qvel
        self._quaternion, self._linear = self._qpos[3:7], self._qvel[:3]
        self._rotation = np.zeros(9)
        self._to_body = self._rotation.reshape(3, 3).T
        self.motion = self._measure()

    def place(self, terrain: Terrain) -> None:
        """Put the rover at rest on the start pose of a map and let it settle."""
        self.load_ground(terrain)
        mujoco.mj_resetData(self.model, self.data)
        x, y, heading = terrain.start
        ground = terrain.height_at(
            x + np.array([0.0, 0.2, -0.2, 0.0, 0.0]), y + np.array([0, 0, 0, 0.2, -0.2])
        )
        self._qpos[:3] = x, y, ground.max() + WHEEL_RADIUS_M + 0.05
        self._qpos[3:7] = np.cos(heading / 2), 0.0, 0.0, np.sin(heading / 2)
        mujoco.mj_step(self.model, self.data, nstep=SETTLING_STEPS * self._substeps)
        mujoco.mj_forward(self.model, self.data)
        self.stable = True
        self.motion = self._measure()

    def load_ground(self, terrain: Terrain) -> None:
        """Write the heights of a map into the height field."""
        shifted = terrain.heights / HEIGHT_RANGE_M + 0.5
        self.model.hfield_data[:] = np.clip(shifted, 0, 1).ravel()

    def drive(self, action: Sequence[float]) -> None:
        """Advance one control period under (speed, yaw rate) in [-1, 1]."""
        speed = action[0] * MAX_SPEED_M_S
        turn = action[1] * MAX_YAW_RATE_RAD_S * TRACK_FACTOR * TRACK_M / 2
        left, right = (speed - turn) / WHEEL_RADIUS_M, (speed + turn) / WHEEL_RADIUS_M
        data = self.data
        data.ctrl[:] = left, right, left, right
        started = data.time
        mujoco.mj_step(self.model, data, nstep=self._substeps)
        # MuJoCo starts a diverged simulation anew by itself; only its clock tells.
        self.stable = data.time > started and self._is_sound()
        if not self.stable:
            mujoco.mj_resetData(self.model, data)
            self._qpos[:] = self._sound
            mujoco.mj_forward(self.model, data)
        self.motion = self._measure()

    def preview(self, action: Sequence[float], seconds: float) -> Array:
        """Return world points that constant driving would pass, shape (n, 2) [m].

        Source: the unicycle integrated with steps of 0.1 s.
        """
        x, y, _ = self.motion.position
        times = np.arange(0.1, seconds + 0.05, 0.1)
        heading = self.motion.heading + float(action[1]) * MAX_YAW_RATE_RAD_S * times
        step = 0.1 * float(action[0]) * MAX_SPEED_M_S
        return np.column_stack(
            [x + np.cumsum(step * np.cos(heading)), y + np.cumsum(step * np.sin(heading))]
        )

    def get_state(self) -> Array:
        """Return everything the future depends on, shape (n,)."""
        state = np.empty(mujoco.mj_stateSize(self.model, self._spec))
        mujoco.mj_getState(self.model, self.data, state, self._spec)
        return state

    def set_state(self, state: Array) -> None:
        """Go back to a state of `get_state`.

        Raises:
            ValueError: If it is the state of another body or not finite.
        """
        size = mujoco.mj_stateSize(self.model, self._spec)
        if state.shape != (size,) or not np.isfinite(state).all():
            raise ValueError(
                f"a rover's state is {size} finite numbers, got an array of shape "
                f"{state.shape}; pass what get_state() returned"
            )
        mujoco.mj_setState(self.model, self.data, state, self._spec)
        self.stable = True
        self.motion = self._measure()

    def _is_sound(self) -> bool:
        speeds = self._qvel.tolist()
        finite = math.isfinite(sum(self._qpos.tolist()) + sum(speeds))
        return finite and max(speeds) < MAX_SOUND_SPEED and min(speeds) > -MAX_SOUND_SPEED

    def _measure(self) -> Motion:
        """Return the motion; roll, pitch and heading are intrinsic z-y-x."""
        self._sound = self._qpos.copy()
        px, py, pz, w, x, y, z = self._sound.tolist()[:7]
        mujoco.mju_quat2Mat(self._rotation, self._quaternion)
        forward, left, up = (self._to_body @ self._linear).tolist()
        yaw_rate, *wheels = self._qvel.tolist()[5:10]
        return Motion(
            position=(px, py, pz),
            roll=float(np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))),
            pitch=float(np.arcsin(min(1.0, max(-1.0, 2 * (w * y - z * x))))),
            heading=float(np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))),
            speed=forward,
            velocity=(forward, left, up),
            yaw_rate=yaw_rate,
            wheel_speeds=tuple(speed * WHEEL_RADIUS_M for speed in wheels),
        )
