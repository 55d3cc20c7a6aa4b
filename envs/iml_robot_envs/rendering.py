"""The map from above, heading up: terrain, trail, goal and robot as one picture.

The ground is coloured once a map (and lit again when the robot has turned far); a frame
is then a rotated look-up in that picture with the marks drawn on top.
"""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from iml_robot_envs.first_person_scene import Scene, SceneContents
from iml_robot_envs.rendering_backend import load_pygame
from iml_robot_envs.rendering_ground import PaintedGround, Texels
from iml_robot_envs.rendering_marks import (
    draw_compass,
    draw_goal,
    draw_goal_pointer,
    draw_outcome,
    draw_scale_bar,
    draw_trail,
    write,
)
from iml_robot_envs.rendering_robots import checked_robot, robot_picture
from iml_robot_envs.rendering_window import HumanWindow

__all__ = ["HumanWindow", "TopDownMap"]

Picture = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]

_ROBOT_FROM_TOP = 2 / 3


class TopDownMap:
    """Draws one map around the robot; make a new one for each map.

    Light comes from the upper left of the picture whichever way the robot heads: seen
    under light from below, rocks and holes trade places to the eye.

    Args:
        heights: Ground height [m], shape (rows, cols), rows along y, columns along x, at
            least 2 x 2.
        cell_m: Side of a cell [m].
        origin: Position (x, y) [m] of `heights[0, 0]`.
        view_m: Ground across a square picture [m]; any other shape shows as much area.
        robot: What is drawn in the middle, "rover" or "drone".
        **contents: `goal` and `goal_radius_m`; also `soil_colours`, `posts` and `beams`;
            see `SceneContents`.

    Raises:
        ValueError: If an array has another shape or there is no such robot.
    """

    def __init__(
        self,
        heights: npt.NDArray[np.floating],
        cell_m: float,
        origin: tuple[float, float],
        *,
        view_m: float = 14.0,
        robot: str = "rover",
        **contents: Unpack[SceneContents],
    ) -> None:
        scene = Scene.checked(heights, cell_m, origin, **contents)
        self._painted = PaintedGround(scene)
        self._goal = np.asarray(scene.goal)
        self._goal_radius_m = scene.goal_radius_m
        self._view_m = view_m
        self._robot = checked_robot(robot)
        self._pose = (*scene.goal, 0.0)
        self._size = (720, 720)
        self._scratch = _scratch((1, 1))

    @property
    def pixels_per_m(self) -> float:
        """Scale of the last picture [pixels/m]."""
        return float(np.sqrt(self._size[0] * self._size[1])) / self._view_m

    def draw(
        self,
        pose: tuple[float, float, float],
        trail: npt.NDArray[np.floating],
        *,
        size: tuple[int, int] = (720, 720),
        outcome: str = "",
    ) -> Picture:
        """Return the picture around the robot, shape (height, width, 3), uint8.

        Args:
            pose: Position x, y [m] and heading [rad], counter-clockwise from +x.
            trail: Positions so far, shape (n, 2) [m], the newest last; n may be 0.
            size: Width and height of the picture [pixels].
            outcome: How the episode ended, for example "rolled_over"; "" while it runs.

        Raises:
            DependencyNotInstalled: If pygame is not installed.
        """
        pygame = load_pygame()
        self._pose, self._size = pose, size
        frame = self._ground()
        surface = pygame.image.frombuffer(frame, size, "RGBX")
        self._draw_goal_area(surface)
        self._draw_heights(surface)
        draw_trail(surface, self.project(np.reshape(trail, (-1, 2))))
        robot = robot_picture(self._robot, self.pixels_per_m)
        place = self.project(np.array([pose[:2]]))[0]
        surface.blit(robot, robot.get_rect(center=place.round().astype(int).tolist()))
        self._draw_goal_pointer(surface)
        draw_scale_bar(surface, self.pixels_per_m)
        draw_compass(surface, pose[2])
        if outcome:
            draw_outcome(surface, outcome)
        picture = np.empty((size[1], size[0], 3), dtype=np.uint8)
        pygame.image.frombuffer(picture, size, "RGB").blit(surface, (0, 0))
        return picture

    def project(self, points_world: npt.NDArray[np.floating]) -> Points:
        """Return where points of the world lie in the last picture.

        Args:
            points_world: Positions (x, y) [m], shape (n, 2).

        Returns:
            Columns and rows [pixels], shape (n, 2), from the upper left corner; points
            out of sight lie outside of the picture.
        """
        x, y, yaw = self._pose
        offset = np.asarray(points_world, dtype=float) - (x, y)
        right = offset @ (np.sin(yaw), -np.cos(yaw))
        ahead = offset @ (np.cos(yaw), np.sin(yaw))
        centre = (self._size[0] / 2, self._size[1] * _ROBOT_FROM_TOP)
        scale = self.pixels_per_m
        return np.stack([centre[0] + right * scale, centre[1] - ahead * scale], axis=-1)

    def _ground(self) -> Picture:
        """Return the rotated ground, shape (height, width, 4)."""
        width, height = self._size
        x, y, yaw = self._pose
        texture = self._painted.facing(yaw)
        rows, cols = texture.shape
        scale = self._painted.texels_per_m
        zoom = scale / self.pixels_per_m
        right = (np.arange(width) + 0.5 - width / 2) * zoom
        back = (np.arange(height) + 0.5 - height * _ROBOT_FROM_TOP) * zoom
        # Column 0 and row 0 of the texture are a border that stands for "outside".
        start = (np.array([x, y]) - self._painted.corner) * scale + 1
        if self._scratch[0].shape != (height, width):
            self._scratch = _scratch(self._size)
        col, row, ground = self._scratch
        _rising(start[0] + right * np.sin(yaw), -back * np.cos(yaw), cols, out=col)
        _rising(start[1] - right * np.cos(yaw), -back * np.sin(yaw), rows, out=row)
        row *= cols
        row += col
        texture.ravel().take(row, mode="clip", out=ground)
        return ground.view(np.uint8).reshape(height, width, 4)

    def _draw_heights(self, surface: Any) -> None:
        """Write the room under beams, from which follows whether to go over or under."""
        for points, room_m in self._painted.solids.thick_beams():
            pixels = self.project(points)
            seen = ((pixels > 0) & (pixels < self._size)).all(axis=1)
            if seen.any():
                x, y = pixels[seen].mean(axis=0).tolist()
                write(surface, f"{room_m:.1f} m under", (x, y), 22)

    def _draw_goal_area(self, surface: Any) -> None:
        draw_goal(
            surface, self.project(self._goal), self._goal_radius_m * self.pixels_per_m
        )

    def _draw_goal_pointer(self, surface: Any) -> None:
        pixel = self.project(self._goal)
        reach = 2 * self._goal_radius_m * self.pixels_per_m
        if surface.get_rect().inflate(reach, reach).collidepoint(pixel.tolist()):
            return
        distance_m = float(np.hypot(*(self._goal - self._pose[:2])))
        draw_goal_pointer(surface, pixel, distance_m)


def _scratch(size: tuple[int, int]) -> tuple[Indices, Indices, Texels]:
    """Return arrays for a picture under way: kept, as fresh memory takes longer to get."""
    shape = size[1], size[0]
    return np.empty(shape, np.int32), np.empty(shape, np.int32), np.empty(shape, np.uint32)


def _rising(
    along: npt.NDArray[np.floating],
    down: npt.NDArray[np.floating],
    count: int,
    *,
    out: Indices,
) -> None:
    """Write floor(along[u] + down[v]) kept in [0, count) to `out`, shape (v, u).

    Fixed point with 16 bits of fraction: two integer additions a pixel instead of
    floating-point products keep a frame within its few milliseconds.
    """
    one = 1 << 16
    far = (1 << 29) / one
    down_fixed = (np.clip(down, -far, far) * one).astype(np.int32)
    along_fixed = (np.clip(along, -far, far) * one).astype(np.int32)
    np.add(down_fixed[:, None], along_fixed, out=out)
    out >>= 16
    np.maximum(out, 0, out=out)
    np.minimum(out, count - 1, out=out)
