"""Robots of real tasks on maps made for a test, with their features by name."""

import dataclasses

import numpy as np

from iml_robot_envs.features.family import Passage
from iml_robot_envs.maps import MapChoice
from iml_robot_envs.robot import Motion
from iml_robot_envs.simulation import Simulation
from iml_robot_envs.tasks.rover_ice import TASK as ICE_TASK
from iml_robot_envs.terrain import Terrain, usual_grip

ROCK, ICE_GRIP = 0.8, 0.1
SAMPLES, CELL_M = 120, 0.2
DT_S = 0.05


class Only:
    """Has one map."""

    def __init__(self, terrain):
        self.terrain = terrain

    def build(self, rng):
        """Return it."""
        del rng
        return self.terrain


class Scene:
    """One robot of a task on a map."""

    def __init__(self, task, terrain):
        self.simulation = Simulation(dataclasses.replace(task, fields=(Only(terrain),)), 1)
        self.names = [feature.name for feature in self.simulation.features.features]
        self.simulation.start(np.array([0]), [MapChoice(0, "train", 0)])

    @property
    def motion(self):
        return Motion(*(part[0] for part in self.simulation.robots.motion))

    def step(self, *action):
        """Drive for a control period; return the features by name."""
        rewards = self.simulation.step(np.array([action], float))
        return dict(zip(self.names, rewards.features[0].tolist(), strict=True))

    def drive(self, action, steps):
        """Drive on; return the features as arrays by name."""
        rows = [self.step(*action) for _ in range(steps)]
        return {name: np.array([row[name] for row in rows]) for name in self.names}


def rover_ground(heights=0.0, *, grip=None, start=(-8.0, 0.0, 0.0)):
    """Return a map for rovers; with a grip, all of it is of one soil that has it."""
    heights = np.broadcast_to(np.asarray(heights, float), (SAMPLES, SAMPLES)).copy()
    own = {}
    if grip is not None:
        own["soils"] = np.zeros((SAMPLES, SAMPLES), np.uint8)
        own["grip"] = np.full_like(usual_grip(), grip)
    return Terrain(heights, CELL_M, np.array(start), np.array([9.0, 0.0]), **own)


def rover(terrain):
    """Return a rover of the task that has soils and posts."""
    return Scene(ICE_TASK, terrain)


def still(count, **known):
    """Return the motion of robots at rest in the middle of their maps."""
    parts = {
        "position": np.zeros((count, 3)),
        "velocity": np.zeros((count, 3)),
        "wheel_speeds": np.zeros((count, 4)),
        "upright": np.ones(count),
    }
    usual = dict.fromkeys(Motion._fields, np.zeros(count)) | parts
    return Motion(**{**usual, **known})


def passage(count, **known):
    """Return a step of robots at rest on no map."""
    usual = {
        "grounds": None,
        "before": still(count),
        "now": still(count),
        "actions": np.zeros((count, 2)),
        "last_actions": np.zeros((count, 2)),
        "gained_m": np.zeros(count),
        "ended": {},
        "dt_s": DT_S,
    }
    return Passage(**{**usual, **known})


def written(family, step):
    """Return what a family writes, shape (features, N)."""
    rows = np.full((len(family.features), len(step.gained_m)), np.nan, np.float32)
    family.write(step, rows)
    return rows
