"""The MuJoCo model of a rover on a height field."""

from __future__ import annotations

import mujoco

WHEEL_RADIUS_M = 0.098
WHEELBASE_M = 0.262
TRACK_M = 0.3756
AXLE_BELOW_M = 0.03
"""Height of the body's origin above the axles [m]."""
SUBSTEP_S = 0.005

TIME, POSITION, QUATERNION = 0, 1, 4
VELOCITY, SPIN, WHEEL_RATES, CONTROLS = 12, 15, 18, 36
"""Where each part begins in a simulation's row of `Batch.state`."""

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


def rover_model(
    rows: int, columns: int, cell_m: float, height_range_m: float
) -> mujoco.MjModel:
    """Return a compiled rover on a flat height field of this size.

    Args:
        rows: Samples along y.
        columns: Samples along x.
        cell_m: Distance of neighbouring samples [m].
        height_range_m: The field spans minus to plus half of it [m], fixed so that a new
            map needs no new compilation.
    """
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
        sz=height_range_m,
        low=-height_range_m / 2,
        r=WHEEL_RADIUS_M,
        wheels="".join(wheels),
        motors="".join(motors),
    )
    return mujoco.MjModel.from_xml_string(text)
