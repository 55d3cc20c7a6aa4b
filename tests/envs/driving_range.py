"""Ground and rovers for physics tests, and driving for contract tests."""

import gymnasium as gym
import mujoco
import numpy as np

import iml_robot_envs  # noqa: F401
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.robot import Motion
from iml_robot_envs.rover import Rovers
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.weather import still_air

GRAVITY = 9.81
CONTROL_DT = 0.05
SIZE, CELL = 120, 0.2
AXIS = (np.arange(SIZE) - (SIZE - 1) / 2) * CELL
X, Y = np.meshgrid(AXIS, AXIS)
WHEEL_DOFS = slice(6, 10)
IDS = sorted(spec.id for spec in gym.registry.values() if spec.namespace == "iml")
"""Every environment of the package."""


class OneRover:
    """The only rover of a batch, measured in plain numbers."""

    def __init__(self, heights):
        self.robots = Rovers(1, rows=SIZE, columns=SIZE, cell_m=CELL, control_dt=CONTROL_DT)
        self.grounds = Grounds(1, margin_m=1.0)
        ground = Terrain(heights, CELL, np.zeros(3), np.array([9.0, 0.0]))
        self.grounds.put(0, ground, still_air())
        self.robots.place(np.array([0]), self.grounds)
        batch = self.robots.batch
        self.qpos, self.qvel = batch.bind("qpos")[0], batch.bind("qvel")[0]
        self.model = self.robots.models[0]

    @property
    def motion(self):
        return Motion(*(part[0] for part in self.robots.motion))

    def drive(self, action):
        """Advance one control period, under whatever the model now is."""
        self.robots.batch.set_models(self.robots.models)
        self.robots.drive(np.array([action], float), self.grounds, None)

    def preview(self, action, seconds):
        return self.robots.preview(0, np.array(action), seconds)


def rover_on(heights=None, *, grip=None):
    """Return a rover at rest in the middle of the ground, heading east."""
    rover = OneRover(np.zeros((SIZE, SIZE)) if heights is None else heights)
    if grip is not None:
        set_grip(rover, grip)
    return rover


def set_grip(rover, grip):
    """Give the wheels another coefficient of friction."""
    wheels = rover.model.geom_type == mujoco.mjtGeom.mjGEOM_ELLIPSOID
    assert wheels.sum() == 4
    rover.model.geom_friction[wheels, 0] = grip


def lock_wheels(rover):
    """Stop the wheels for good: rotors too heavy to turn."""
    rover.qvel[WHEEL_DOFS] = 0
    rover.model.dof_armature[WHEEL_DOFS] = 1e4


def free_wheels(rover):
    """Take the motors off."""
    rover.model.actuator_gainprm[:] = 0
    rover.model.actuator_biasprm[:] = 0


def swing(space, step):
    """Return a smooth action, mostly ahead, the same for the same step."""
    phases = np.arange(space.shape[0]) * 1.7
    action = 0.6 * np.sin(step / 9 + phases)
    action[0] += 0.4
    return np.clip(action, -1, 1).astype(np.float32)


def run(env, steps, *, first=0):
    """Return what a number of swings give, as a list of step results."""
    results = []
    for k in range(first, first + steps):
        results.append(env.step(swing(env.action_space, k)))
        if results[-1][2]:
            break
    return results


def fingerprint(results):
    """Return everything in step results as bytes and text that compare bit for bit."""
    return [
        (
            observation.tobytes(),
            repr(reward),
            terminated,
            truncated,
            repr(sorted(info.items())),
        )
        for observation, reward, terminated, truncated, info in results
    ]
