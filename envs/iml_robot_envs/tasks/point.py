"""`iml/Point-v0`: a point slides to a goal; tiny, for tests and first steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from iml_robot_envs.features.driving import Driving
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.outcomes import GoalReached, OutOfBounds
from iml_robot_envs.pilots.point_pilot import PointPilot
from iml_robot_envs.point_mass import PointMasses, WindField
from iml_robot_envs.point_picture import PointPicture
from iml_robot_envs.reward_terms import AtTheEnd, Progress
from iml_robot_envs.robot import Motion
from iml_robot_envs.robot_env import RobotEnv
from iml_robot_envs.robot_task import CONTROL_DT_S, FloatArray, RobotTask
from iml_robot_envs.terrain import Indices

REGISTRATION = {"id": "iml/Point-v0", "class": "Point", "max_episode_steps": 200}

WIND_BY_LEVEL_M_S2 = (0.0, 0.1, 0.8, 1.2, 1.6)
STATE_NAMES = ["goal_east", "goal_north", "speed_east", "speed_north", "east", "north"]


class PointSenses:
    """Sees where the goal is, its own speed and position; not the wind."""

    size = 6
    limit = 4.0
    noise_channels = 0
    reach_m = 0.0

    def __init__(self) -> None:
        self.layout: dict[str, Any] = {
            "state": {"start": 0, "names": STATE_NAMES},
            "action": {"names": ["accelerate_east", "accelerate_north"]},
        }

    def observe(self, grounds: Grounds, motion: Motion, steps: Indices) -> FloatArray:
        """Return new observations, shape (N, 6), within the limit."""
        del steps
        position = motion.position[:, :2]
        parts = [grounds.goals - position, motion.velocity[:, :2], position]
        seen = np.clip(np.concatenate(parts, axis=1), -self.limit, self.limit)
        return seen.astype(np.float32)


TASK = RobotTask(
    name="Point",
    fields=tuple(WindField(wind) for wind in WIND_BY_LEVEL_M_S2),
    make_robots=lambda count, threads: PointMasses(count, CONTROL_DT_S),
    senses=PointSenses(),
    rules={
        "success": GoalReached(radius_m=0.1),
        "out_of_bounds": OutOfBounds(margin_m=0.0),
    },
    reward_terms={"progress": Progress(), "end": AtTheEnd({"success": 1.0})},
    make_pilot=PointPilot,
    make_map=PointPicture,
    action_names=("east", "north"),
    goal_radius_m=0.1,
    features=(Driving(comfortable_m_s=0.5, leans=False),),
    picture_size=(240, 240),
)


class Point(RobotEnv):
    """A point mass with drag in the square [-1, 1]; unfamiliar levels add side wind.

    Observation, `Box(-4, 4)`, float32:

    | index | meaning | unit |
    |---|---|---|
    | 0, 1 | way to the goal, east and north | m |
    | 2, 3 | velocity, east and north | m/s |
    | 4, 5 | position, east and north | m |

    Action, `Box(-1, 1, (2,))`: acceleration east and north (4 m/s^2).

    Reward: metres gained towards the goal, plus 1 at success.

    Start: at rest anywhere in the square, the goal anywhere too. Reset options: `level` (0:
    no wind, to 4: 1.6 m/s^2), `split`, `index`.

    End: `terminated` at success (within 0.1 m) or out_of_bounds (beyond 1.5 m);
    `truncated` by the time limit of 10 s.

    Version history: v0 first version.
    """

    task = TASK
