"""Pictures of robots on their maps, drawn when somebody looks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from iml_robot_envs.simulation import Simulation
from iml_robot_envs.terrain import Terrain
from iml_robot_envs.views import FromAbove, Pose, View, view_from_robot


class Pictures:
    """Draws the robots of a simulation; a map is prepared once and then kept.

    Args:
        simulation: Where the robots are.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._views: dict[tuple[int, str], tuple[Terrain, View]] = {}
        self._last: dict[int, View] = {}

    def draw(self, robot: int, name: str, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
        """Return the picture of a robot, shape (height, width, 3).

        Args:
            robot: Its number.
            name: One of `VIEWS`.
            size: Width and height [pixels].

        Raises:
            ValueError: If its episode was not started.
        """
        simulation = self._simulation
        terrain = simulation.grounds.terrains[robot]
        if terrain is None:
            raise ValueError("render before reset: call env.reset() first")
        drawn, view = self._views.get((robot, name), (None, None))
        if view is None or drawn is not terrain:
            view = self._make_view(name, terrain)
            self._views[robot, name] = terrain, view
        self._last[robot] = view
        motion = simulation.robots.motion
        angles = (part.item(robot) for part in (motion.heading, motion.pitch, motion.roll))
        width, height = size
        return view.draw(
            Pose(*motion.position[robot].tolist(), *angles),
            simulation.trails.points(robot),
            size=(int(width), int(height)),
            outcome=simulation.outcomes[robot],
        )

    def last_view(self, robot: int) -> View | None:
        """Return what drew the last picture of a robot; None if nothing was drawn."""
        return self._last.get(robot)

    def _make_view(self, name: str, terrain: Terrain) -> View:
        task = self._simulation.task
        if name == "map":
            return FromAbove(task.make_map(terrain))
        return view_from_robot(
            name,
            terrain,
            goal_radius_m=task.goal_radius_m,
            camera_height_m=task.camera_height_m,
        )
