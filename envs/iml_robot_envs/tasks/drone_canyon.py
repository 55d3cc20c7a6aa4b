"""`iml/DroneCanyon-v0`: fly through a canyon; narrow bends, arches and wind are new."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.collisions import AboveCeiling, HitGround
from iml_robot_envs.drone_senses import DroneSenses
from iml_robot_envs.drone_task import drone_task
from iml_robot_envs.lidar import Lidar
from iml_robot_envs.pilots.drone_pilot import DronePilot, Style
from iml_robot_envs.robot_env import RobotEnv
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.terrains.arches import Arches
from iml_robot_envs.terrains.breeze import Breeze
from iml_robot_envs.terrains.canyon import Canyon
from iml_robot_envs.terrains.corridor import is_joined
from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.lee import Lee
from iml_robot_envs.terrains.ranges import Range
from iml_robot_envs.terrains.recipe import Recipe

__all__ = ["FIELDS", "LAYOUT", "OBSERVATION_SIZE", "DroneCanyon"]

REGISTRATION = {
    "id": "iml/DroneCanyon-v0",
    "class": "DroneCanyon",
    "max_episode_steps": 1200,
}

GOAL_RADIUS_M = 1.5
LENGTH_M, WIDTH_M, CELL_M = 70.0, 40.0, 0.25
DRONE_RADIUS_M = 0.3
CEILING_M = 6.0
FLYING_M = 2.0
"""Height at which every map has a way."""
CORRIDOR_M = 0.75
"""Half the width of that way."""

CANYONS = (
    Canyon(width_m=Range(11.0, 9.0), turn_deg=Range(8.0, 15.0)),
    Canyon(width_m=Range(6.0, 4.5), turn_deg=Range(45.0, 65.0)),
)
"""The familiar ones and the unfamiliar ones."""
ARCHES = Arches(count=Range(0.6, 2.2))
BREEZE = Breeze(
    mean_m_s=Range(3.0, 5.0), gust_m_s=Range(0.4, 0.8), downdraft_m_s=Range(0.3, 1.0)
)


def place(draft: Draft, rng: np.random.Generator) -> None:
    """Start at the western edge, go 60 m to the eastern one."""
    start = np.array([-30.0, rng.uniform(-6, 6), 0.0])
    draft.place(start, np.array([30.0, 0.0]), clear_m=2.0)


def is_solvable(terrain: Terrain) -> bool:
    """Return whether a way at flying height leads to the goal; arches have another."""
    return is_joined(terrain, terrain.heights > FLYING_M, inflation_m=CORRIDOR_M)


def level(difficulty: float, *, familiar: bool) -> Recipe:
    """Return how the maps of a level are made."""
    canyon = (CANYONS[0 if familiar else 1], difficulty)
    new = ((ARCHES, difficulty), (BREEZE, difficulty), (Lee(), difficulty))
    return Recipe(
        width_m=LENGTH_M,
        depth_m=WIDTH_M,
        cell_m=CELL_M,
        place=place,
        ingredients=(canyon,) if familiar else (canyon, *new),
        is_solvable=is_solvable,
    )


FIELDS = (
    level(0.0, familiar=True),
    level(1.0, familiar=True),
    level(0.5, familiar=False),
    level(0.75, familiar=False),
    level(1.0, familiar=False),
)

SENSES = DroneSenses(
    Lidar(np.radians([-30.0, -15.0, 0.0, 15.0, 30.0]).tolist()), altitude=True
)
LAYOUT = SENSES.layout
OBSERVATION_SIZE = SENSES.size

TASK = drone_task(
    "DroneCanyon",
    FIELDS,
    SENSES,
    goal_radius_m=GOAL_RADIUS_M,
    drone_radius_m=DRONE_RADIUS_M,
    heights={
        "hit_ground": HitGround(DRONE_RADIUS_M),
        "too_high": AboveCeiling(CEILING_M),
    },
    make_pilot=lambda: DronePilot(LAYOUT, Style(floor_m=0.4, ceiling_m=5.8, keep=0.3)),
    obstacles="a wall, an arch or the edge of the map",
)


class DroneCanyon(RobotEnv):
    """A quadrotor flies 60 m through a canyon; bends, arches and wind are new to it.

    Observation, `Box(-3, 3)`, float32:

    | index | meaning | unit |
    |---|---|---|
    | 0 to 179 | lidar, 5 layers of 36 rays: elevations -30, -15, 0, 15, 30 degrees; ray j of a layer points j x 10 degrees to the left of ahead and reads the way to the ground, a wall or an arch; 1 if nothing is near | 10 m |
    | 180, 181 | direction of the goal: cosine (ahead), sine (left) | |
    | 182 | horizontal distance of the goal | 20 m |
    | 183 to 185 | speed forward, left and up, in the frame that turns with the heading only | 3 m/s |
    | 186, 187 | roll, pitch (nose down positive) | rad |
    | 188 | yaw rate | pi/2 rad/s |
    | 189 | height above the ground | 5 m |
    | 190 | altitude: height above the floor | 5 m |

    The lidar keeps level; its noise is 2 cm, and one ray in a hundred reads 1. What is
    measured from 183 on has noise of standard deviation 0.01.

    Action, `Box(-1, 1, (4,))`: velocity forward and left (3 m/s), up (1.5 m/s), yaw rate
    (pi/2 rad/s, left positive).

    Reward: metres gained towards the goal, minus 0.02 a step, plus 10 at success and minus
    10 at every other end; parts in `info["reward_terms"]`.

    Start: hovering at 1.5 m above the floor of a canyon with walls 9 m high, heading along
    it; the goal is where it ends, 60 m to the east. Reset options: `level` (0, 1: floor 9
    to 14 m wide, bends up to 30 degrees, calm; 2 to 4: narrower, bends up to 110
    to 130 degrees, arches, wind up to 4 or 5 m/s on some stretches, downdrafts), `split`, `index`,
    `noise`.

    End: `terminated` at success (within 1.5 m of the goal, at any height), collision (an
    arch within 0.3 m), hit_ground (ground within 0.3 m below or beside), too_high (6 m
    above the floor), out_of_bounds, stuck (less than 0.5 m in 8 s while told to move),
    simulation_unstable; `truncated` by the time limit of 60 s.

    Version history: v0 first version.
    """  # noqa: E501

    task = TASK
