"""What all tasks of a drone share: the body, how episodes end, the reward, the picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from iml_robot_envs.collisions import HitObstacle
from iml_robot_envs.drone import Drones
from iml_robot_envs.drone_senses import DroneSenses
from iml_robot_envs.features.closeness import Closeness
from iml_robot_envs.features.driving import Driving
from iml_robot_envs.features.flight import Flight
from iml_robot_envs.features.mishaps import Mishaps
from iml_robot_envs.features.walls import near_walls
from iml_robot_envs.outcomes import GoalReached, OutOfBounds, Rule, Stuck
from iml_robot_envs.rendering_terrain import map_of
from iml_robot_envs.reward_terms import towards_the_goal
from iml_robot_envs.robot_task import CONTROL_DT_S, Pilot, RobotTask
from iml_robot_envs.terrain import Field

COMFORTABLE_M_S = 2.0
"""Rather slower than it can go."""
CLOSE_M = 2.0
"""From where on a drone is near to what it must not touch: less than a second away."""
LOWEST_M, HIGHEST_M = 1.2, 1.8
"""Heights above the ground that people like to look at."""


def make_drones(count: int, threads: int) -> Drones:
    """Return drones."""
    return Drones(count, control_dt=CONTROL_DT_S, threads=threads)


def drone_task(
    name: str,
    fields: tuple[Field, ...],
    senses: DroneSenses,
    *,
    goal_radius_m: float,
    drone_radius_m: float,
    heights: Mapping[str, Rule],
    make_pilot: Callable[[], Pilot],
    obstacles: str,
) -> RobotTask:
    """Return a task: fly to the goal of a map.

    Args:
        name: Draws the maps: another name, other maps.
        fields: How hard the maps are, one entry a level.
        senses: What the drone perceives.
        goal_radius_m: Distance from the goal that counts as there [m].
        drone_radius_m: What comes nearer than this is touched [m].
        heights: Ends by name of flying too low or too high.
        make_pilot: Builds a driver.
        obstacles: What there is to be near to, in words.
    """
    return RobotTask(
        name=name,
        fields=fields,
        make_robots=make_drones,
        senses=senses,
        rules={
            "success": GoalReached(goal_radius_m),
            "collision": HitObstacle(drone_radius_m),
            **heights,
            "out_of_bounds": OutOfBounds(margin_m=drone_radius_m),
            "stuck": Stuck(steps=160, radius_m=0.5),
        },
        reward_terms=towards_the_goal(),
        make_pilot=make_pilot,
        make_map=partial(map_of, goal_radius_m=goal_radius_m, robot="drone"),
        action_names=("forward", "left", "up", "yaw rate"),
        goal_radius_m=goal_radius_m,
        features=(
            Driving(COMFORTABLE_M_S),
            Closeness(drone_radius_m, CLOSE_M, near_walls, obstacles),
            Flight(LOWEST_M, HIGHEST_M),
            Mishaps(),
        ),
    )
