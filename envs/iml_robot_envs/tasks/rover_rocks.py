"""`iml/RoverRocks-v0`: reach a goal between rocks and, on unfamiliar levels, ditches."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.height_scan import HeightScan
from iml_robot_envs.outcomes import Stuck
from iml_robot_envs.pilots.rover_pilot import RoverPilot
from iml_robot_envs.robot_env import RobotEnv
from iml_robot_envs.rocks import CELL_M, SIDE_M, RockField
from iml_robot_envs.rover_senses import STATE_NAMES, RoverSenses
from iml_robot_envs.rover_task import Square, rover_task

__all__ = ["FIELDS", "LAYOUT", "OBSERVATION_SIZE", "SCAN", "STATE_NAMES", "RoverRocks"]

REGISTRATION = {"id": "iml/RoverRocks-v0", "class": "RoverRocks", "max_episode_steps": 1200}

GOAL_RADIUS_M = 1.0

FIELDS = (
    RockField(rocks=26, ditches=0, roughness_m=0.04),
    RockField(rocks=45, ditches=0, roughness_m=0.05),
    RockField(rocks=45, ditches=18, roughness_m=0.06),
    RockField(rocks=52, ditches=24, roughness_m=0.07),
    RockField(rocks=70, ditches=30, roughness_m=0.08),
)

SCAN = HeightScan(
    x_m=np.asarray(np.arange(-3, 21) * 0.3, np.float64),
    y_m=np.asarray(np.arange(-15, 16) * 0.3, np.float64),
)
SENSES = RoverSenses(SCAN)
LAYOUT = SENSES.layout
OBSERVATION_SIZE = SENSES.size

TASK = rover_task(
    "RoverRocks",
    FIELDS,
    SENSES,
    ground=Square(SIDE_M, CELL_M),
    goal_radius_m=GOAL_RADIUS_M,
    stuck=Stuck(steps=80, radius_m=0.25),
    make_pilot=lambda: RoverPilot(SCAN, LAYOUT),
)


class RoverRocks(RobotEnv):
    """A rover drives 15 to 20 m to a goal between rocks; ditches are new to it.

    Observation, `Box(-2, 2)`, float32:

    | index | meaning | unit |
    |---|---|---|
    | 0 to 743 | ground height above the wheels' contact, 24 x 31 grid, 0.3 m apart, from 0.9 m behind to 6 m ahead and 4.5 m to each side, turned with the robot; 1 outside the map | m, clipped to 1 |
    | 744, 745 | direction of the goal: cosine (ahead), sine (left) | |
    | 746 | distance of the goal | 20 m |
    | 747, 748 | forward and left speed | m/s |
    | 749 | yaw rate | 1.5 rad/s |
    | 750, 751 | roll, pitch | rad |
    | 752 to 755 | rim speeds of the wheels | m/s |

    Action, `Box(-1, 1, (2,))`: forward speed (1 m/s) and yaw rate (1.5 rad/s, left positive).

    Reward: metres gained towards the goal, minus 0.02 a step, plus 10 at success and minus
    10 at roll-over, getting stuck or leaving the map; parts in `info["reward_terms"]`.

    Start: at rest near the western edge, the goal near the eastern one. Reset options:
    `level` (0, 1: rocks; 2 to 4: ditches too), `split`, `index`.

    End: `terminated` at success (within 1 m of the goal), rolled_over, stuck (less than
    0.25 m in 4 s while told to move), out_of_bounds, simulation_unstable; `truncated` by the
    time limit of 60 s.

    Version history: v0 first version.
    """  # noqa: E501

    task = TASK
