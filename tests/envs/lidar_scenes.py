"""Maps with posts, beams and hills, and robots on them, for lidar and collision tests."""

import numpy as np

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.weather import still_air

REACH_M = 10.0


def flat_map(*, posts=(), beams=(), side_m=60.0, cell_m=0.5):
    """Return level ground with posts (x, y, radius, top) and beams."""
    samples = round(side_m / cell_m) + 1
    return Terrain(
        np.zeros((samples, samples)),
        cell_m,
        np.zeros(3),
        np.array([20.0, 0.0]),
        posts=np.array(posts, float).reshape(-1, 4),
        beams=np.array(beams, float).reshape(-1, 7),
    )


def ground_of(heights_at, *, side_m=60.0, cell_m=0.25, beams=()):
    """Return a map whose ground is a function of x and y."""
    samples = round(side_m / cell_m) + 1
    axis = (np.arange(samples) - (samples - 1) / 2) * cell_m
    x, y = np.meshgrid(axis, axis)
    heights = np.asarray(heights_at(x, y), float)
    goal = np.array([20.0, 0.0])
    beams = np.array(beams, float).reshape(-1, 7)
    return Terrain(heights, cell_m, np.zeros(3), goal, beams=beams)


def stacked(*terrains):
    """Return the maps, one a robot."""
    grounds = Grounds(len(terrains), REACH_M)
    for robot, terrain in enumerate(terrains):
        grounds.put(robot, terrain, still_air())
    return grounds


def random_forest(rng, count, *, beams=0):
    """Return a map of posts of many heights and of beams anywhere."""
    posts = np.column_stack(
        [
            rng.uniform(-12, 12, (count, 2)),
            rng.uniform(0.1, 0.5, count),
            rng.uniform(1, 6, count),
        ]
    )
    first = rng.uniform([-8, -8, 0], [8, 8, 4], (beams, 3))
    second = first + rng.uniform(-3, 3, (beams, 3))
    return flat_map(
        posts=posts,
        beams=np.column_stack([first, second, rng.uniform(0.1, 0.4, beams)]),
    )
