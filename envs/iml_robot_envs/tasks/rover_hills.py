"""`iml/RoverHills-v0`: cross hills, and on unfamiliar levels the sand that lies on them."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.height_scan import HeightScan
from iml_robot_envs.outcomes import Stuck
from iml_robot_envs.pilots.hills_pilot import HillsPilot
from iml_robot_envs.robot_env import RobotEnv
from iml_robot_envs.rover_senses import RoverSenses
from iml_robot_envs.rover_task import Square, rover_task
from iml_robot_envs.soils import (
    DRY_GRASS,
    GRAVEL,
    SAND,
    SOILS,
    WET_GRASS,
)
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.terrains.corridor import is_joined
from iml_robot_envs.terrains.draft import Draft
from iml_robot_envs.terrains.hills import Hills, slopes
from iml_robot_envs.terrains.ranges import Range, always
from iml_robot_envs.terrains.recipe import Ingredient, Recipe
from iml_robot_envs.terrains.soil_patches import SoilPatches

REGISTRATION = {"id": "iml/RoverHills-v0", "class": "RoverHills", "max_episode_steps": 2400}

GOAL_RADIUS_M = 1.5
SIDE_M = 40.0
CELL_M = 0.2
HEIGHT_RANGE_M = 16.0
"""Greatest minus least height of a map, about its zero."""
STEEP = 0.2
"""Slope, as a tangent, that a driver goes round: what a rover just climbs on sand."""
CLEAR_M = 2.5
INFLATION_M = 0.8
CLIMB_MARGIN_DEG = 4.0
STRIDE = 2
"""The planner's test looks at every second row and column."""

HILLS = Hills(slope_deg=Range(11.0, 24.0), length_m=always(6.0), roughness=always(0.25))
GRASS = SoilPatches(always(0.35), DRY_GRASS, length_m=always(4.0))
STONES = SoilPatches(always(0.2), GRAVEL, length_m=always(3.0))
DUNES = SoilPatches(Range(0.0, 1.0), SAND, length_m=always(3.0))
PUDDLES = SoilPatches(always(0.35), WET_GRASS, length_m=always(3.0), on=DRY_GRASS)


def place(draft: Draft, rng: np.random.Generator) -> None:
    """Put start and goal into opposite corners."""
    corner = rng.choice([-1.0, 1.0], 2)
    start = corner * rng.uniform(14.5, 17.0, 2)
    goal = -corner * rng.uniform(14.5, 17.0, 2)
    way = goal - start
    heading = np.arctan2(way[1], way[0]) + rng.uniform(-0.5, 0.5)
    draft.place(np.array([*start, heading]), goal, clear_m=CLEAR_M)


def is_solvable(terrain: Terrain) -> bool:
    """Return whether firm ground, nowhere too steep for its grip, leads to the goal."""
    assert terrain.soils is not None
    resistance = np.array([soil.rolling + soil.sinking for soil in SOILS])
    limits = np.arctan(terrain.grip - resistance) - np.radians(CLIMB_MARGIN_DEG)
    heights, soils = terrain.heights[::STRIDE, ::STRIDE], terrain.soils[::STRIDE, ::STRIDE]
    steep = slopes(heights, terrain.cell_m * STRIDE) > np.tan(limits)[soils]
    low, high = terrain.heights.min(), terrain.heights.max()
    fits = max(-low, high) < HEIGHT_RANGE_M / 2
    return bool(fits and is_joined(terrain, steep, inflation_m=INFLATION_M, stride=STRIDE))


def recipe(hills: float, *ingredients: Ingredient) -> Recipe:
    """Return how to make maps of firm hills of a difficulty, with more on them."""
    return Recipe(
        width_m=SIDE_M,
        depth_m=SIDE_M,
        cell_m=CELL_M,
        place=place,
        ingredients=((HILLS, hills), (GRASS, 0.0), (STONES, 0.0), *ingredients),
        is_solvable=is_solvable,
    )


FIELDS = (
    recipe(0.0),
    recipe(0.25),
    recipe(0.35, (DUNES, 0.25)),
    recipe(0.4, (DUNES, 0.33)),
    recipe(0.4, (PUDDLES, 0.0), (DUNES, 0.28)),
)

SCAN = HeightScan(
    x_m=np.asarray(np.arange(-4, 21) * 0.5, np.float64),
    y_m=np.asarray(np.arange(-12, 13) * 0.5, np.float64),
    limit_m=3.0,
)
COLOURS = ("brown", "green", "grey", "tan")
SENSES = RoverSenses(SCAN, colours=COLOURS)
LAYOUT = SENSES.layout
OBSERVATION_SIZE = SENSES.size

TASK = rover_task(
    "RoverHills",
    FIELDS,
    SENSES,
    ground=Square(
        SIDE_M, CELL_M, HEIGHT_RANGE_M, STEEP, "a steep slope or the edge of the map"
    ),
    goal_radius_m=GOAL_RADIUS_M,
    stuck=Stuck(steps=120, radius_m=0.4),
    make_pilot=lambda: HillsPilot(SCAN, LAYOUT),
)


class RoverHills(RobotEnv):
    """A rover crosses 40 m of hills; sand, in which it digs itself in, is new to it.

    Observation, `Box(-3, 3)`, float32; grids are 25 x 25, 0.5 m apart, from 2 m behind to
    10 m ahead and 6 m to each side, turned with the robot:

    | index | meaning | unit |
    |---|---|---|
    | 0 to 624 | ground height above the wheels' contact; 3 outside the map | m, clipped to 3 |
    | 625 to 1249 | 1 where the ground is brown: dirt | |
    | 1250 to 1874 | 1 where it is green: dry grass, and on level 4 wet grass too | |
    | 1875 to 2499 | 1 where it is grey: gravel | |
    | 2500 to 3124 | 1 where it is tan: sand | |
    | 3125, 3126 | direction of the goal: cosine (ahead), sine (left) | |
    | 3127 | distance of the goal, at most 60 m | 20 m |
    | 3128, 3129 | forward and left speed | m/s |
    | 3130 | yaw rate | 1.5 rad/s |
    | 3131, 3132 | roll, pitch | rad |
    | 3133 to 3136 | rim speeds of the wheels: more than the speed when they slip | m/s |

    Action, `Box(-1, 1, (2,))`: forward speed (1 m/s) and yaw rate (1.5 rad/s, left positive).

    Reward: metres gained towards the goal, minus 0.02 a step, plus 10 at success and minus
    10 at roll-over, getting stuck or leaving the map; parts in `info["reward_terms"]`.

    Start: at rest in a corner, the goal in the opposite one, 41 to 48 m away. Reset options:
    `level` (0, 1: firm ground, steeper on 1; 2: steeper, a quarter of it sand; 3: a third;
    4: a third of the grass is wet and slippery too), `split`, `index`. On sand a
    rover climbs 5 degrees if its wheels spin and 11 if they do not; on the flat and
    downhill it passes.

    End: `terminated` at success (within 1.5 m of the goal), rolled_over, stuck (less than
    0.4 m in 6 s while told to move), out_of_bounds, simulation_unstable; `truncated` by the
    time limit of 120 s.

    Version history: v0 first version.
    """  # noqa: E501

    task = TASK
