"""The map from above of any terrain."""

from __future__ import annotations

from iml_robot_envs.rendering import TopDownMap
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.views import soil_colours


def map_of(terrain: Terrain, *, goal_radius_m: float, robot: str) -> TopDownMap:
    """Return what draws a terrain from above.

    Args:
        terrain: The map.
        goal_radius_m: Radius of the goal [m].
        robot: What drives there, "rover" or "drone".

    Raises:
        ValueError: If there is no such robot.
    """
    west, south = (-terrain.half_extent_m).tolist()
    goal_x, goal_y = terrain.goal.tolist()
    return TopDownMap(
        terrain.heights,
        terrain.cell_m,
        (west, south),
        robot=robot,
        goal=(goal_x, goal_y),
        goal_radius_m=goal_radius_m,
        soil_colours=soil_colours(terrain),
        posts=terrain.posts,
        beams=terrain.beams,
    )
