"""What all tasks of a rover share: the body, how episodes end, the reward, the picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from iml_robot_envs.features.closeness import Closeness
from iml_robot_envs.features.driving import Driving
from iml_robot_envs.features.family import Family
from iml_robot_envs.features.mishaps import Mishaps
from iml_robot_envs.features.steep_ground import SteepGround
from iml_robot_envs.features.wheel_grip import WheelGrip
from iml_robot_envs.outcomes import GoalReached, OutOfBounds, RolledOver, Rule, Stuck
from iml_robot_envs.rendering_terrain import map_of
from iml_robot_envs.reward_terms import towards_the_goal
from iml_robot_envs.robot_task import CONTROL_DT_S, Pilot, RobotTask
from iml_robot_envs.rover import Rovers
from iml_robot_envs.rover_senses import RoverSenses
from iml_robot_envs.terrain import Field

BODY_RADIUS_M = 0.3
"""A circle round the rover that holds all of it but the corners of its wheels."""
COMFORTABLE_M_S = 0.7
"""Rather slower than it can go."""
CLOSE_M = 1.0
"""From where on a rover is near to what it must not touch."""
STEEP = 0.6
"""Slope, as a tangent, that is a rock or a ditch and no hill."""


@dataclass(frozen=True)
class Square:
    """The ground of a task's maps.

    Attributes:
        side_m: Length of each side [m].
        cell_m: Distance of neighbouring samples [m].
        height_range_m: Greatest minus least height that maps may have [m].
        steep: Tangent of the slope from which on ground is an obstacle.
        obstacles: What there is to be near to, in words.
    """

    side_m: float
    cell_m: float
    height_range_m: float = 4.0
    steep: float = STEEP
    obstacles: str = "a rock, a ditch or the edge of the map"

    @property
    def features(self) -> tuple[Family, ...]:
        """What a reward of rovers may be made of."""
        steep = SteepGround(self.steep)
        return (
            Driving(COMFORTABLE_M_S),
            Closeness(BODY_RADIUS_M, CLOSE_M, steep, self.obstacles),
            WheelGrip(),
            Mishaps(),
        )

    def make_rovers(self, count: int, threads: int) -> Rovers:
        """Return rovers for maps of this size."""
        samples = round(self.side_m / self.cell_m)
        return Rovers(
            count,
            rows=samples,
            columns=samples,
            cell_m=self.cell_m,
            control_dt=CONTROL_DT_S,
            height_range_m=self.height_range_m,
            threads=threads,
        )


def rover_task(
    name: str,
    fields: tuple[Field, ...],
    senses: RoverSenses,
    *,
    ground: Square,
    goal_radius_m: float,
    stuck: Stuck,
    make_pilot: Callable[[], Pilot],
    collisions: Mapping[str, Rule] | None = None,
) -> RobotTask:
    """Return a task: drive to the goal of a map.

    Args:
        name: Draws the maps: another name, other maps.
        fields: How hard the maps are, one entry a level.
        senses: What the rover perceives.
        ground: Size of the maps.
        goal_radius_m: Distance from the goal that counts as there [m].
        stuck: When a rover that does not move on is stuck.
        make_pilot: Builds a driver.
        collisions: Further ends by name; they come before a roll-over.
    """
    return RobotTask(
        name=name,
        fields=fields,
        make_robots=ground.make_rovers,
        senses=senses,
        rules={
            "success": GoalReached(goal_radius_m),
            **(collisions or {}),
            "rolled_over": RolledOver(least_cosine=0.3),
            "out_of_bounds": OutOfBounds(margin_m=0.6),
            "stuck": stuck,
        },
        reward_terms=towards_the_goal(),
        make_pilot=make_pilot,
        make_map=partial(map_of, goal_radius_m=goal_radius_m, robot="rover"),
        action_names=("speed", "yaw rate"),
        goal_radius_m=goal_radius_m,
        features=ground.features,
    )
