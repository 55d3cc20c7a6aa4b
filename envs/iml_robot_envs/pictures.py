"""Pictures of robots on their maps, drawn when somebody looks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from iml_robot_envs.robot_task import View
from iml_robot_envs.simulation import Simulation
from iml_robot_envs.terrain import Terrain


class Pictures:
    """Draws the robots of a simulation; a map is prepared once and then kept.

    Args:
        simulation: Where the robots are.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation
        self._views: dict[int, tuple[Terrain, View]] = {}

    def draw(self, robot: int, size: tuple[int, int]) -> npt.NDArray[np.uint8]:
        """Return the picture of a robot, shape (height, width, 3).

        Args:
            robot: Its number.
            size: Width and height [pixels].

        Raises:
            ValueError: If its episode was not started.
        """
        simulation = self._simulation
        terrain = simulation.grounds.terrains[robot]
        if terrain is None:
            raise ValueError("render before reset: call env.reset() first")
        drawn, view = self._views.get(robot, (None, None))
        if view is None or drawn is not terrain:
            view = simulation.task.make_view(terrain)
            self._views[robot] = terrain, view
        motion = simulation.robots.motion
        x, y, _ = motion.position[robot].tolist()
        width, height = size
        return view.draw(
            (x, y, float(motion.heading[robot])),
            simulation.trails.points(robot),
            size=(int(width), int(height)),
            outcome=simulation.outcomes[robot],
        )

    def last_view(self, robot: int) -> View | None:
        """Return what drew the last picture of a robot; None if nothing was drawn."""
        return self._views.get(robot, (None, None))[1]
