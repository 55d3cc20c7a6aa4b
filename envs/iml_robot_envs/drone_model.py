"""The MuJoCo model of a quadrotor: a free body with four lagging rotors, in the air."""

from __future__ import annotations

import mujoco
import numpy as np

MASS_KG = 1.0
INERTIA_KG_M2 = np.array([0.025, 0.025, 0.030])
ARM_M = 0.17
"""Distance of each rotor from the middle, ahead or behind and to a side."""
MAX_ROTOR_N = 5.0
TORQUE_PER_THRUST_M = 0.02
MOTOR_LAG_S = 0.05
DRAG_N_S_M = 0.25
"""Force of the air per speed through it."""
TURN_DRAG_N_M_S = 0.005
"""Torque of the air per rate of rotation; assumed, a fifth of PX4's."""
GRAVITY_M_S2 = 9.81
SUBSTEP_S = 0.005
# Mass, inertia, arms, thrust, torque and lag: PX4's simulated quadrotor
# (10040_sihsim_quadx). Drag: linear, between those of PX4 (1.0) and of small drones whose
# drag was measured (0.015 for 30 g); 6 m/s of wind push with a sixth of the weight.

ROTORS = np.array([[1, 1, -1], [-1, 1, 1], [-1, -1, -1], [1, -1, 1]])
"""Of each rotor: ahead or behind, left or right, and which way its drag turns the body."""

POSITION, QUATERNION, VELOCITY, SPIN, THRUSTS, CONTROLS = 1, 4, 8, 11, 14, 24
"""Where these begin in a row of `Batch.state`, after the time at 0: 3 numbers, 4, 3, 3, 4
and 4. The quaternion is w, x, y, z; the velocity is in the world, the spin about the own
axes; thrusts are what rotors give, controls what is asked of them."""

_MODEL = """
<mujoco model="drone">
  <compiler angle="radian" autolimits="true"/>
  <option timestep="{substep}" integrator="Euler" gravity="0 0 {gravity}">
    <flag contact="disable" constraint="disable" equality="disable" limit="disable"
          sensor="disable"/>
  </option>
  <default>
    <general dyntype="filterexact" dynprm="{lag}" ctrlrange="0 {most}"/>
  </default>
  <worldbody>
    <body name="drone">
      <joint type="free" damping="{drag}"/>
      <inertial pos="0 0 0" mass="{mass}" diaginertia="{inertia}"/>
      {sites}
    </body>
  </worldbody>
  <actuator>{motors}</actuator>
</mujoco>
"""


def drone_model() -> mujoco.MjModel:
    """Return a compiled quadrotor; its collisions are for others to judge.

    Its position is that of its middle, its controls are the thrusts asked of the rotors
    [N], its activations the thrusts they give. Drag is that of still air.
    """
    sites, motors = [], []
    for number, (x, y, turn) in enumerate(ROTORS.tolist()):
        sites.append(f'<site name="{number}" pos="{x * ARM_M} {y * ARM_M} 0"/>')
        gear = f"0 0 1 0 0 {turn * TORQUE_PER_THRUST_M}"
        motors.append(f'<general site="{number}" gear="{gear}"/>')
    text = _MODEL.format(
        substep=SUBSTEP_S,
        gravity=-GRAVITY_M_S2,
        lag=MOTOR_LAG_S,
        most=MAX_ROTOR_N,
        drag=DRAG_N_S_M,
        mass=MASS_KG,
        inertia=" ".join(map(str, INERTIA_KG_M2)),
        sites="".join(sites),
        motors="".join(motors),
    )
    model = mujoco.MjModel.from_xml_string(text)
    # A free joint in MJCF has one damping for moving and turning; implicit, so stable.
    model.dof_damping[3:] = TURN_DRAG_N_M_S
    return model
