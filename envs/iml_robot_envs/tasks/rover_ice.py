"""`iml/RoverIce-v0`: reach a goal between posts; unfamiliar levels have patches of ice."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.collisions import HitObstacle
from iml_robot_envs.height_scan import HeightScan
from iml_robot_envs.outcomes import Stuck
from iml_robot_envs.pilots.ice_pilot import IcePilot
from iml_robot_envs.robot_env import RobotEnv
from iml_robot_envs.rover_senses import RoverSenses
from iml_robot_envs.rover_task import Square, rover_task
from iml_robot_envs.soils import ICE
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.terrains.camber import Camber
from iml_robot_envs.terrains.corridor import is_joined, near_posts
from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.ice_patches import IcePatches
from iml_robot_envs.terrains.posts import Posts
from iml_robot_envs.terrains.ranges import Range
from iml_robot_envs.terrains.recipe import Recipe

__all__ = ["FIELDS", "LAYOUT", "OBSERVATION_SIZE", "SCAN", "RoverIce"]

REGISTRATION = {"id": "iml/RoverIce-v0", "class": "RoverIce", "max_episode_steps": 1200}

GOAL_RADIUS_M = 1.0
SIDE_M = 24.0
CELL_M = 0.2
ROVER_RADIUS_M = 0.3
"""A circle round the rover that holds all of it but the corners of its wheels."""
CLEAR_RADIUS_M = 2.0
CORRIDOR_M = 0.4
"""Half the width of the dry way that every map has."""
POST_MARGIN_M = 0.15
"""Room between the rover and the posts along that way."""

CAMBER = Camber(slope_deg=Range(2.0, 7.0))
POSTS = Posts(spacing_m=Range(2.6, 2.2))
PATCHES = IcePatches(
    patches=Range(0, 60),
    radius_m=(Range(1.0, 1.3), Range(1.8, 2.4)),
    gap_m=Range(1.8, 0.7),
    grip=(0.06, 0.11),
)
DIFFICULTIES = (
    (0.0, 0.0, 0.0),
    (0.8, 0.5, 0.0),
    (0.8, 0.5, 0.6),
    (0.9, 0.5, 0.8),
    (1.0, 1.0, 1.0),
)
"""For each level: of the camber, of the posts, of the ice."""


def place(draft: Draft, rng: np.random.Generator) -> None:
    """Start near the western edge, go to the eastern one."""
    start = np.array([rng.uniform(-9.5, -8.5), rng.uniform(-3, 3), rng.uniform(-0.5, 0.5)])
    goal = np.array([rng.uniform(8.5, 9.5), rng.uniform(-4, 4)])
    draft.place(start, goal, clear_m=CLEAR_RADIUS_M)


def is_solvable(terrain: Terrain) -> bool:
    """Return whether a dry way between the posts leads to the goal."""
    assert terrain.soils is not None
    # The test lets all that blocks grow by the corridor's width, posts included.
    room_m = ROVER_RADIUS_M + POST_MARGIN_M - CORRIDOR_M
    blocked = (terrain.soils == ICE) | near_posts(terrain, room_m)
    return is_joined(terrain, blocked, inflation_m=CORRIDOR_M)


FIELDS = tuple(
    Recipe(
        width_m=SIDE_M,
        depth_m=SIDE_M,
        cell_m=CELL_M,
        place=place,
        ingredients=((CAMBER, camber), (POSTS, posts), (PATCHES, ice)),
        is_solvable=is_solvable,
    )
    for camber, posts, ice in DIFFICULTIES
)

SCAN = HeightScan(
    x_m=np.asarray(np.arange(-3, 21) * 0.3, np.float64),
    y_m=np.asarray(np.arange(-15, 16) * 0.3, np.float64),
    limit_m=1.5,
)
SENSES = RoverSenses(SCAN, colours=("brown", "white"), noise=0.02)
LAYOUT = SENSES.layout
OBSERVATION_SIZE = SENSES.size

TASK = rover_task(
    "RoverIce",
    FIELDS,
    SENSES,
    ground=Square(
        SIDE_M, CELL_M, height_range_m=8.0, obstacles="a post or the edge of the map"
    ),
    goal_radius_m=GOAL_RADIUS_M,
    stuck=Stuck(steps=80, radius_m=0.25),
    make_pilot=lambda: IcePilot(SCAN, LAYOUT),
    collisions={"collision": HitObstacle(ROVER_RADIUS_M)},
)


class RoverIce(RobotEnv):
    """A rover drives 17 to 19 m to a goal on cambered ground with posts; ice is new to it.

    The ground leans 2 to 7 degrees to one side. On a frozen puddle wheels may not hold the
    rover there: it slides downhill, spins out in a fast turn, or does not get up again. The
    way to drive is round the ice where there is room, and slowly, with gentle turns, where
    there is none; a dry way to the goal always exists.

    Observation, `Box(-2, 2)`, float32:

    | index | meaning | unit |
    |---|---|---|
    | 0 to 743 | ground height above the wheels' contact, 24 x 31 grid, 0.3 m apart, from 0.9 m behind to 6 m ahead and 4.5 m to each side, turned with the robot; 1 outside the map | m, clipped to 1.5 |
    | 744 to 1487 | 1 where the ground on that grid is brown (dirt), else 0 | |
    | 1488 to 2231 | 1 where it is white (ice); neither outside the map | |
    | 2232, 2233 | direction of the goal: cosine (ahead), sine (left) | |
    | 2234 | distance of the goal | 20 m |
    | 2235, 2236 | forward and left speed | m/s |
    | 2237 | yaw rate | 1.5 rad/s |
    | 2238, 2239 | roll, pitch | rad |
    | 2240 to 2243 | rim speeds of the wheels | m/s |

    What is measured (2235 on) has noise of standard deviation 0.02.

    Action, `Box(-1, 1, (2,))`: forward speed (1 m/s) and yaw rate (1.5 rad/s, left positive).
    The yaw rate is what the wheels do on dirt; on ice the same command turns it twice as
    fast, and at full speed it skids.

    Reward: metres gained towards the goal, minus 0.02 a step, plus 10 at success and minus
    10 at a collision, roll-over, getting stuck or leaving the map; parts in
    `info["reward_terms"]`.

    Start: at rest near the western edge, the goal near the eastern one. Reset options:
    `level` (0, 1: dirt; 2 to 4: a growing part of the ground is ice, its friction 0.06 to
    0.11, another on every map), `split`, `index`, `noise`.

    End: `terminated` at success (within 1 m of the goal), collision (a post within 0.3 m),
    rolled_over, out_of_bounds, stuck (less than 0.25 m in 4 s while told to move),
    simulation_unstable; `truncated` by the time limit of 60 s.

    Version history: v0 first version.
    """  # noqa: E501

    task = TASK
