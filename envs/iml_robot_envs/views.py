"""The ways to look at a robot and its map; all draw from the same pose."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from iml_robot_envs.soils import COLOUR_OF_SOIL, COLOURS_RGB
from iml_robot_envs.terrain import Array, Terrain

Picture = npt.NDArray[np.uint8]

VIEWS = ("map", "first_person", "camera")
"""From above with the heading up; what a camera on the robot sees, drawn without a GPU;
the same by MuJoCo's renderer, which needs OpenGL."""


def checked_view(name: str) -> str:
    """Return the name of a view.

    Raises:
        ValueError: If there is no such view.
    """
    if name not in VIEWS:
        raise ValueError(f"view must be one of {', '.join(VIEWS)}, got {name!r}")
    return name


_BELOW_M = 0.6
"""Points around what flies are shown so far below it [m]: on its own level all of them
would lie on the horizon. No wheel is as high above the ground."""


class Pose(NamedTuple):
    """Where a robot is: world position [m]; heading, pitch and roll [rad]."""

    x: float
    y: float
    z: float
    heading: float
    pitch: float
    roll: float


class View(Protocol):
    """Draws a map as it looks from, or around, a robot."""

    def draw(
        self, pose: Pose, trail: Array, *, size: tuple[int, int], outcome: str
    ) -> Picture:
        """Return the picture, shape (height, width, 3).

        Args:
            pose: Where the robot is.
            trail: Positions so far, shape (n, 2) [m].
            size: Width and height [pixels].
            outcome: How the episode ended; "" while it runs.
        """

    def project(self, points_world: Array) -> Array:
        """Return pixels of the last picture for world points, (n, 2) -> (n, 2)."""


class FromAbove:
    """A map that turns with the robot.

    Args:
        picture: What draws it, given x, y and heading.
    """

    def __init__(self, picture: Any) -> None:
        self._picture = picture

    def draw(
        self, pose: Pose, trail: Array, *, size: tuple[int, int], outcome: str
    ) -> Picture:
        """Return the picture; see `View`."""
        place = (pose.x, pose.y, pose.heading)
        drawn: Picture = self._picture.draw(place, trail, size=size, outcome=outcome)
        return drawn

    def project(self, points_world: Array) -> Array:
        """Return pixels for world points; see `View`."""
        return np.asarray(self._picture.project(points_world))


class FromTheRobot:
    """What a camera on the robot sees.

    Args:
        terrain: The map.
        renderer: What draws it, given the camera's pose.
        camera_height_m: How high above the robot's origin the camera sits [m].
        outcomes: Whether the renderer writes how an episode ended.
    """

    def __init__(
        self, terrain: Terrain, renderer: Any, *, camera_height_m: float, outcomes: bool
    ) -> None:
        self._terrain, self._renderer = terrain, renderer
        self._camera_height_m = camera_height_m
        self._outcomes = outcomes
        self._level_m: float | None = None

    def draw(
        self, pose: Pose, trail: Array, *, size: tuple[int, int], outcome: str
    ) -> Picture:
        """Return the picture; see `View`."""
        del trail
        self._level_m = self._flight_level(pose)
        camera = pose._replace(z=pose.z + self._camera_height_m)
        words = {"outcome": outcome} if self._outcomes else {}
        drawn: Picture = self._renderer.draw(camera, size=size, **words)
        return drawn

    def project(self, points_world: Array) -> Array:
        """Return pixels for points on the ground; nan behind the camera.

        What flies does not follow the ground: its points are on a level below itself.
        """
        x, y = np.asarray(points_world, float).T
        ground = self._terrain.height_at(x, y)
        if self._level_m is not None:
            ground = np.full_like(x, self._level_m)
        return np.asarray(self._renderer.project(np.column_stack([x, y, ground])))

    def _flight_level(self, pose: Pose) -> float | None:
        """Return the height of points around a robot that flies [m]; None: it does not."""
        under = float(self._terrain.height_at(np.array(pose.x), np.array(pose.y)))
        return pose.z - _BELOW_M if pose.z - under > _BELOW_M else None


def soil_colours(terrain: Terrain) -> Picture | None:
    """Return the colour of each sample, shape (rows, columns, 3); None without soils."""
    if terrain.soils is None:
        return None
    palette = np.array(COLOURS_RGB, np.uint8)[np.array(COLOUR_OF_SOIL)]
    return np.asarray(palette[terrain.soils])


def view_from_robot(
    name: str, terrain: Terrain, *, goal_radius_m: float, camera_height_m: float
) -> FromTheRobot:
    """Return the view of a camera on the robot.

    Args:
        name: "first_person" or "camera".
        terrain: The map.
        goal_radius_m: Radius of the goal [m].
        camera_height_m: How high above the robot's origin the camera sits [m].

    Raises:
        DependencyNotInstalled: If OpenGL is needed and missing.
    """
    west, south = (-terrain.half_extent_m).tolist()
    goal_x, goal_y = terrain.goal.tolist()
    contents: dict[str, Any] = {
        "goal": (goal_x, goal_y),
        "goal_radius_m": goal_radius_m,
        "soil_colours": soil_colours(terrain),
        "posts": terrain.posts,
        "beams": terrain.beams,
    }
    place = (terrain.heights, terrain.cell_m, (west, south))
    renderer: Any
    if name == "camera":
        from iml_robot_envs.camera_view import CameraView

        renderer = CameraView(*place, **contents)
    else:
        from iml_robot_envs.first_person import FirstPersonView

        renderer = FirstPersonView(*place, **contents)
    return FromTheRobot(
        terrain,
        renderer,
        camera_height_m=camera_height_m,
        outcomes=name == "first_person",
    )
