"""What stands in the way of a robot at points of its map, for a person who plans a way.

It is worked out when somebody asks, so that robots nobody looks at pay nothing for it.
"""

from __future__ import annotations

import itertools

import numpy as np

from iml_robot_envs.collisions import HitObstacle
from iml_robot_envs.drone import Drones
from iml_robot_envs.outcomes import OutOfBounds
from iml_robot_envs.simulation import Simulation
from iml_robot_envs.terrain import Array, Bools, Terrain

EDGE, STEEP, SOLID, GROUND = (
    "the edge of the map",
    "steep ground",
    "an obstacle",
    "the ground",
)

STEP_M = 0.25
"""Difference in height that a rover cannot cross; by the same, maps of rocks are tried."""
SPACING_M = 0.2
"""It counts within twice this distance, and under a robot of that size [m]."""
BODY_M = 0.25
"""Radius of a robot where no rule of its task says one [m]."""


def obstacles(simulation: Simulation, robot: int, points: Array) -> list[str]:
    """Return what is in the way at each point; see `RobotEnv.in_the_way`.

    Args:
        simulation: Where the robot is; what flies keeps its height.
        robot: Its number; its episode was started.
        points: World x, y, shape (n, 2) [m].
    """
    terrain = simulation.grounds.terrains[robot]
    assert terrain is not None
    places = np.asarray(points, float).reshape(-1, 2)
    altitude_m = float(simulation.robots.motion.position[robot, 2])
    flies = isinstance(simulation.robots, Drones)
    rules = simulation.task.rules.values()
    body_m = max((r.radius_m for r in rules if isinstance(r, HitObstacle)), default=BODY_M)
    height_m = altitude_m if flies else None
    found = [
        (SOLID, _near_posts(terrain, places, body_m, height_m)),
        (SOLID, _near_beams(terrain, places, body_m, height_m)),
        (GROUND, terrain.height_at(*places.T) > altitude_m - body_m)
        if flies
        else (STEEP, _steep(terrain, places)),
    ]
    edges = [rule.margin_m for rule in rules if isinstance(rule, OutOfBounds)]
    if edges:
        room = terrain.half_extent_m - np.abs(places)
        found.insert(0, (EDGE, room.min(axis=1) < max(edges)))
    words = np.full(len(places), "", dtype=object)
    for word, there in reversed(found):
        words[there] = word
    return [str(word) for word in words]


def _steep(terrain: Terrain, places: Array) -> Bools:
    """Return where the ground under a rover has a step, shape (n,)."""
    side = SPACING_M * np.arange(-2, 3)
    across, along = np.meshgrid(side, side)
    # What is beyond the edge of the map is a wall there, and no matter here.
    inside = np.clip(places, -terrain.half_extent_m, terrain.half_extent_m)
    x, y = inside.T[:, :, None, None] + np.stack([across, along])[:, None]
    most_x, most_y = terrain.half_extent_m
    x, y = np.clip(x, -most_x, most_x), np.clip(y, -most_y, most_y)
    heights = terrain.height_at(x, y)
    steep: Bools = np.zeros(len(places), np.bool_)
    for row, column in itertools.product(range(3), range(3)):
        near = heights[:, row : row + 3, column : column + 3]
        steep |= near.max(axis=(1, 2)) - near.min(axis=(1, 2)) > STEP_M
    return steep


def _near_posts(
    terrain: Terrain, places: Array, body_m: float, height_m: float | None
) -> Bools:
    """Return where a body touches a post, shape (n,).

    Args:
        terrain: The map.
        places: World x, y, shape (n, 2) [m].
        body_m: Radius of the body [m].
        height_m: Altitude of what flies above low ones [m]; None: it does not fly.
    """
    posts = terrain.posts
    if height_m is not None:
        posts = posts[posts[:, 3] > height_m - body_m]
    away = np.hypot(*(places[:, None] - posts[None, :, :2]).transpose(2, 0, 1))
    return np.asarray((away < posts[:, 2] + body_m).any(axis=1))


def _near_beams(
    terrain: Terrain, places: Array, body_m: float, height_m: float | None
) -> Bools:
    """Return where a body touches a beam, shape (n,); see `_near_posts`."""
    hit: Bools = np.zeros(len(places), np.bool_)
    ground = terrain.height_at(*places.T) + body_m
    level = ground if height_m is None else np.full(len(places), height_m)
    middle = np.column_stack([places, level])
    for beam in terrain.beams:
        start, axis = beam[:3], beam[3:6] - beam[:3]
        share = ((middle - start) @ axis) / max(float(axis @ axis), 1e-12)
        foot = start + np.clip(share, 0.0, 1.0)[:, None] * axis
        hit |= np.linalg.norm(middle - foot, axis=1) < beam[6] + body_m
    return hit
