"""The map from above, heading up: terrain, trail, goal and rover as one picture.

The ground is coloured once a map (and lit again when the robot has turned far); a frame
is then a rotated look-up in that picture with the marks drawn on top.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot_envs.rendering_backend import load_pygame
from iml_robot_envs.rendering_marks import (
    draw_compass,
    draw_goal,
    draw_goal_pointer,
    draw_outcome,
    draw_scale_bar,
    draw_trail,
    rover_picture,
)
from iml_robot_envs.rendering_relief import Relief
from iml_robot_envs.rendering_window import HumanWindow

__all__ = ["HumanWindow", "TopDownMap"]

Picture = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]

_OUTSIDE = (58, 60, 68)
_MAX_TEXELS = 6_000_000
_TEXELS_PER_M = 48.0
_LIGHT_SIDES = 8
_ROVER_FROM_TOP = 2 / 3


class TopDownMap:
    """Draws one map around the robot; make a new one for each map.

    Light comes from the upper left of the picture whichever way the robot heads: seen
    under light from below, rocks and holes trade places to the eye.

    Args:
        heights: Ground height [m], shape (rows, cols), rows along y, columns along x.
        cell_m: Side of a cell [m].
        origin: Position (x, y) [m] of `heights[0, 0]`.
        goal: Position (x, y) [m] to reach.
        goal_radius_m: Distance from `goal` that counts as there [m].
        soil_colours: Colour of the bare ground, shape (rows, cols, 3), uint8; None for
            a tint by height.
        view_m: Ground across a square picture [m]; any other shape shows as much area.
    """

    def __init__(
        self,
        heights: npt.NDArray[np.floating],
        cell_m: float,
        origin: tuple[float, float],
        *,
        goal: tuple[float, float],
        goal_radius_m: float,
        soil_colours: Picture | None = None,
        view_m: float = 14.0,
    ) -> None:
        self._relief = Relief(heights, cell_m, soil_colours=soil_colours)
        rows, cols = np.shape(heights)
        # heights[0, 0] is the middle of its cell, so the ground begins half a cell before.
        self._corner = np.asarray(origin, dtype=float) - cell_m / 2
        self._extent_m = (cols * cell_m, rows * cell_m)
        area = self._extent_m[0] * self._extent_m[1]
        self._texels_per_m = min(_TEXELS_PER_M, float(np.sqrt(_MAX_TEXELS / area)))
        self._goal = np.asarray(goal, dtype=float)
        self._goal_radius_m = goal_radius_m
        self._view_m = view_m
        self._textures: dict[int, npt.NDArray[np.uint32]] = {}
        self._light_side = 0
        self._pose = (float(self._goal[0]), float(self._goal[1]), 0.0)
        self._size = (720, 720)

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
        draw_trail(surface, self.project(np.reshape(trail, (-1, 2))))
        rover = rover_picture(self.pixels_per_m)
        place = self.project(np.array([pose[:2]]))[0]
        surface.blit(rover, rover.get_rect(center=place.round().astype(int).tolist()))
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
        centre = (self._size[0] / 2, self._size[1] * _ROVER_FROM_TOP)
        scale = self.pixels_per_m
        return np.stack([centre[0] + right * scale, centre[1] - ahead * scale], axis=-1)

    def _ground(self) -> Picture:
        """Return the rotated ground, shape (height, width, 4)."""
        width, height = self._size
        x, y, yaw = self._pose
        texture = self._texture(yaw)
        rows, cols = texture.shape
        zoom = self._texels_per_m / self.pixels_per_m
        right = (np.arange(width) + 0.5 - width / 2) * zoom
        back = (np.arange(height) + 0.5 - height * _ROVER_FROM_TOP) * zoom
        # Column 0 and row 0 of the texture are a border that stands for "outside".
        start = (np.array([x, y]) - self._corner) * self._texels_per_m + 1
        col = _rising(start[0] + right * np.sin(yaw), -back * np.cos(yaw), cols)
        row = _rising(start[1] - right * np.cos(yaw), -back * np.sin(yaw), rows)
        row *= cols
        row += col
        ground = texture.ravel().take(row, mode="clip")
        return ground.view(np.uint8).reshape(height, width, 4)

    def _texture(self, yaw: float) -> npt.NDArray[np.uint32]:
        """Return the ground lit from the upper left of a picture with this heading up."""
        turn = 2 * np.pi / _LIGHT_SIDES
        exact = (yaw + np.pi / 4) / turn
        off = (
            exact - self._light_side + _LIGHT_SIDES / 2
        ) % _LIGHT_SIDES - _LIGHT_SIDES / 2
        # The light stays until the heading is clearly nearer to another side, so that it
        # does not flicker while the robot swings about the boundary between two.
        if abs(off) > 0.65 or not self._textures:
            self._light_side = round(exact) % _LIGHT_SIDES
        if self._light_side not in self._textures:
            self._textures[self._light_side] = self._paint(self._light_side * turn)
        return self._textures[self._light_side]

    def _paint(self, azimuth: float) -> npt.NDArray[np.uint32]:
        """Return the ground under one light with its grid, a border of 1 around it."""
        pygame = load_pygame()
        colours = self._relief.lit(azimuth)
        rows, cols = colours.shape[:2]
        small = pygame.image.frombuffer(np.ascontiguousarray(colours), (cols, rows), "RGB")
        full = pygame.Surface(
            [max(1, round(m * self._texels_per_m)) for m in self._extent_m], depth=32
        )
        wide = pygame.Surface(small.get_size(), depth=32)
        wide.blit(small, (0, 0))
        pygame.transform.smoothscale(wide, full.get_size(), full)
        self._paint_grid(full)
        texels = np.frombuffer(pygame.image.tobytes(full, "RGBX"), dtype=np.uint32)
        outside = np.frombuffer(bytes((*_OUTSIDE, 255)), dtype=np.uint32)[0]
        grid = texels.reshape(full.get_height(), full.get_width())
        return np.pad(grid, 1, constant_values=outside)

    def _paint_grid(self, surface: Any) -> None:
        pygame = load_pygame()
        shade = pygame.Surface(surface.get_size(), pygame.SRCALPHA)
        for axis in (0, 1):
            first = int(np.ceil(self._corner[axis]))
            last = int(np.floor(self._corner[axis] + self._extent_m[axis]))
            for metre in range(first, last + 1):
                at = round((metre - self._corner[axis]) * self._texels_per_m)
                strength = 64 if metre % 5 == 0 else 26
                box = [0, 0, *surface.get_size()]
                box[axis], box[2 + axis] = at - 1, 2
                pygame.draw.rect(shade, (0, 0, 0, strength), box)
        surface.blit(shade, (0, 0))

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


def _rising(
    along: npt.NDArray[np.floating], down: npt.NDArray[np.floating], count: int
) -> npt.NDArray[np.int32]:
    """Return floor(along[u] + down[v]) kept in [0, count), shape (v, u).

    Fixed point with 16 bits of fraction: two integer additions a pixel instead of
    floating-point products keep a frame within its few milliseconds.
    """
    one = 1 << 16
    far = (1 << 29) / one
    down_fixed = (np.clip(down, -far, far) * one).astype(np.int32)
    along_fixed = (np.clip(along, -far, far) * one).astype(np.int32)
    index: npt.NDArray[np.int32] = down_fixed[:, None] + along_fixed
    index >>= 16
    np.maximum(index, 0, out=index)
    np.minimum(index, count - 1, out=index)
    return index
