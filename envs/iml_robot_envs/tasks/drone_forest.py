"""`iml/DroneForest-v0`: fly between trunks; dense forest and wind are new."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.collisions import HitGround, TooHigh
from iml_robot_envs.drone_senses import DroneSenses
from iml_robot_envs.drone_task import drone_task
from iml_robot_envs.lidar import Lidar
from iml_robot_envs.pilots.drone_pilot import DronePilot
from iml_robot_envs.robot_env import RobotEnv
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.terrains.branches import Branches
from iml_robot_envs.terrains.breeze import Breeze
from iml_robot_envs.terrains.corridor import is_joined, near_posts
from iml_robot_envs.terrains.draft import Draft, SubTerrain
from iml_robot_envs.terrains.pockets import Pockets
from iml_robot_envs.terrains.ranges import always
from iml_robot_envs.terrains.recipe import Recipe
from iml_robot_envs.terrains.trunks import Trunks

__all__ = ["FIELDS", "LAYOUT", "OBSERVATION_SIZE", "DroneForest"]

REGISTRATION = {
    "id": "iml/DroneForest-v0",
    "class": "DroneForest",
    "max_episode_steps": 900,
}

GOAL_RADIUS_M = 1.5
LENGTH_M, WIDTH_M, CELL_M = 40.0, 20.0, 0.25
DRONE_RADIUS_M = 0.25
LOWEST_M, HIGHEST_M = 0.5, 4.5
CLEAR_RADIUS_M = 2.5
CORRIDOR_M = 0.6
"""Half the width of the way that every map has: a drone and 0.35 m on each side."""


def place(draft: Draft, rng: np.random.Generator) -> None:
    """Start at the western edge, go 36 m to the eastern one."""
    start = np.array([-18.0, rng.uniform(-5, 5), rng.uniform(-0.4, 0.4)])
    draft.place(start, np.array([18.0, rng.uniform(-5, 5)]), clear_m=CLEAR_RADIUS_M)


def is_solvable(terrain: Terrain) -> bool:
    """Return whether a way between the trunks leads to the goal."""
    blocked = near_posts(terrain, CORRIDOR_M)
    return is_joined(terrain, blocked, inflation_m=0.0)


def level(
    trunks: float, wind_m_s: float, gust_m_s: float, *others: tuple[SubTerrain, float]
) -> Recipe:
    """Return how the maps of a level are made, from trunks per square metre and wind."""
    breeze = Breeze(always(wind_m_s), always(gust_m_s), downdraft_m_s=always(0.0))
    return Recipe(
        width_m=LENGTH_M,
        depth_m=WIDTH_M,
        cell_m=CELL_M,
        place=place,
        ingredients=(
            *[part for part in others if isinstance(part[0], Pockets)],
            (Trunks(density_1_m2=always(trunks)), 1.0),
            *[part for part in others if not isinstance(part[0], Pockets)],
            (breeze, 1.0),
        ),
        is_solvable=is_solvable,
    )


HEDGES = Pockets(share=always(0.45), width_m=(6.0, 9.0), depth_m=(0.5, 1.2))
"""Thickets across the way, hardly hollow: to get round one it is enough to see it."""

FIELDS = (
    level(0.02, 0.0, 0.0),
    level(0.04, 1.0, 0.2),
    level(0.12, 3.5, 0.8, (HEDGES, 1.0)),
    level(0.14, 4.5, 1.5, (Pockets(share=always(0.4)), 1.0)),
    level(
        0.12,
        6.0,
        2.0,
        (Pockets(share=always(1.0), most=2), 1.0),
        (Branches(always(0.25)), 1.0),
    ),
)

SENSES = DroneSenses(Lidar(np.radians([-15.0, 0.0, 15.0]).tolist()))
LAYOUT = SENSES.layout
OBSERVATION_SIZE = SENSES.size

TASK = drone_task(
    "DroneForest",
    FIELDS,
    SENSES,
    goal_radius_m=GOAL_RADIUS_M,
    drone_radius_m=DRONE_RADIUS_M,
    heights={"too_low": HitGround(LOWEST_M), "too_high": TooHigh(HIGHEST_M)},
    make_pilot=lambda: DronePilot(LAYOUT),
    obstacles="a trunk, a branch or the edge of the map",
)


class DroneForest(RobotEnv):
    """A quadrotor flies 36 m through a forest; dense forest and wind are new to it.

    Observation, `Box(-3, 3)`, float32:

    | index | meaning | unit |
    |---|---|---|
    | 0 to 107 | lidar, 3 layers of 36 rays: elevations -15, 0, 15 degrees; ray j of a layer points j x 10 degrees to the left of ahead and reads the nearest trunk in its 10 degrees, the ground or the wall along the edge of the map; 1 if nothing is near | 10 m |
    | 108, 109 | direction of the goal: cosine (ahead), sine (left) | |
    | 110 | horizontal distance of the goal | 20 m |
    | 111 to 113 | speed forward, left and up, in the frame that turns with the heading only | 3 m/s |
    | 114, 115 | roll, pitch (nose down positive) | rad |
    | 116 | yaw rate | pi/2 rad/s |
    | 117 | height above the ground | 5 m |

    The lidar keeps level; its noise is 2 cm, and one ray in a hundred reads 1. What is
    measured from 111 on has noise of standard deviation 0.01.

    Action, `Box(-1, 1, (4,))`: velocity forward and left (3 m/s), up (1.5 m/s), yaw rate
    (pi/2 rad/s, left positive).

    Reward: metres gained towards the goal, minus 0.02 a step, plus 10 at success and minus
    10 at every other end; parts in `info["reward_terms"]`.

    Start: hovering at 1.5 m near the western edge of a map of 40 x 20 m, the goal near the
    eastern one. Reset options: `level` (0: 0.02 trunks per square metre, calm; 1: 0.04, up
    to 1 m/s of wind; 2: 0.12 and up to 3.5 m/s, gusty, a hedge across the way on 45 of 100
    maps; 3: 0.14 and 4.5 m/s, a dead end on 4 of 10 maps; 4: 0.12 and 6 m/s, two dead ends,
    branches), `split`, `index`, `noise`.

    End: `terminated` at success (within 1.5 m of the goal, at any height), collision (a
    trunk or branch within 0.25 m), too_low (under 0.5 m), too_high (over 4.5 m),
    out_of_bounds, stuck (less than 0.5 m in 8 s while told to move), simulation_unstable;
    `truncated` by the time limit of 45 s.

    Version history: v0 first version.
    """  # noqa: E501

    task = TASK
