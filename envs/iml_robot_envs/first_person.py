"""What a camera on the robot sees, drawn with NumPy alone: no GPU, no display."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import numpy.typing as npt

from iml_robot_envs.first_person_ground import cast_shadows, paint_ground
from iml_robot_envs.first_person_lens import Lens, Points, checked_view_angle
from iml_robot_envs.first_person_march import GroundMarch
from iml_robot_envs.first_person_paint import Canvas, GroundPainter
from iml_robot_envs.first_person_scene import BEAM, POST, Scene, SceneContents
from iml_robot_envs.first_person_solids import Cylinders, draw_cylinders
from iml_robot_envs.rendering_backend import load_pygame
from iml_robot_envs.rendering_marks import (
    GOAL,
    PAPER,
    draw_compass,
    draw_goal_pointer,
    draw_outcome,
    write,
)

__all__ = ["BEAM", "POST", "FirstPersonView"]

Picture = npt.NDArray[np.uint8]

_GLOW = (120, 255, 200)
_FLAG_M = 2.4
# Flag and pole keep this share of their distance as size, to be seen across the map.
_FLAG_PER_M = 0.07
_GLOW_M = 40.0
# Share of a beam's radius by which it is drawn longer at each end.
_JOINT = 0.25
_SMALLEST_WITH_MARKS = 120


class FirstPersonView:
    """Draws one map from a camera's pose; make a new one for each map.

    The ground is coloured at the first picture, which takes some tenths of a second.
    The camera is a pinhole. Tilts at which a ray would come closer than 12 degrees to the
    vertical are drawn with less pitch. Outside the map its rim goes on, in grey.

    Args:
        heights: Ground height [m], shape (rows, cols), rows along y, columns along x, at
            least 2 x 2.
        cell_m: Side of a cell [m].
        origin: Position (x, y) [m] of `heights[0, 0]`.
        field_of_view_deg: Angle across the width of the picture, 10 to 120.
        range_m: Distance ahead to which ground is drawn [m].
        **contents: `goal` and `goal_radius_m`; also `soil_colours`, `posts` and `beams`;
            see `SceneContents`.

    Raises:
        ValueError: If an array has another shape or an angle or distance is out of range.
    """

    def __init__(
        self,
        heights: npt.NDArray[np.floating],
        cell_m: float,
        origin: tuple[float, float],
        *,
        field_of_view_deg: float = 90.0,
        range_m: float = 40.0,
        **contents: Unpack[SceneContents],
    ) -> None:
        self._field_of_view_rad = checked_view_angle(field_of_view_deg, range_m)
        scene = self._scene = Scene.checked(heights, cell_m, origin, **contents)
        self._range_m = range_m
        self._march = GroundMarch(scene.heights, scene.cell_m, scene.origin, range_m)
        self._solids = self._make_solids()
        height = float(self._march.height_at(np.array([scene.goal]))[0])
        self._goal_ground = np.array([*scene.goal, height])
        self._painter: GroundPainter | None = None
        self._canvas = Canvas.blank((1, 1))
        self._lens = self._lens_at((0, 0, 0, 0, 0, 0), (640, 360))

    def draw(
        self,
        pose6: npt.ArrayLike,
        *,
        size: tuple[int, int] = (640, 360),
        outcome: str = "",
    ) -> Picture:
        """Return what the camera sees, shape (height, width, 3), uint8.

        Args:
            pose6: Position of the camera x, y, z [m], heading [rad] counter-clockwise
                from +x, pitch [rad] nose down positive, roll [rad] right side down
                positive.
            size: Width and height of the picture [pixels].
            outcome: How the episode ended, for example "rolled_over"; "" while it runs.
                Pictures with a side of less than 120 pixels carry no marks and words.

        Raises:
            DependencyNotInstalled: If pygame is not installed.
            ValueError: If the pose is not six finite numbers, or a side of the picture
                is less than a pixel.
        """
        pygame = load_pygame()
        lens = self._lens = self._lens_at(pose6, size)
        if self._canvas.pixels.shape != (size[1], size[0]):
            self._canvas = Canvas.blank(size)
        self._ground_painter().paint(self._canvas, lens, self._march.slices(lens))
        solids = self._solids.joined(self._beacon(lens))
        draw_cylinders(self._canvas, lens, solids, self._range_m)
        surface = pygame.image.frombuffer(self._canvas.pixels, size, "RGBX")
        if min(size) >= _SMALLEST_WITH_MARKS:
            self._draw_marks(surface, lens)
            if outcome:
                draw_outcome(surface, outcome)
        picture = np.empty((size[1], size[0], 3), dtype=np.uint8)
        pygame.image.frombuffer(picture, size, "RGB").blit(surface, (0, 0))
        return picture

    def project(self, points: npt.NDArray[np.floating]) -> Points:
        """Return where points of the world lie in the last picture.

        Args:
            points: Positions x, y, z [m], shape (n, 3).

        Returns:
            Columns and rows [pixels], shape (n, 2), from the upper left corner; nan for
            points that are not ahead of the camera.
        """
        return self._lens.project(points)

    def _lens_at(self, pose6: npt.ArrayLike, size: tuple[int, int]) -> Lens:
        return Lens.at(pose6, size, self._field_of_view_rad)

    def _make_solids(self) -> Cylinders:
        posts, beams = self._scene.posts, self._scene.beams
        ground = self._march.height_at(posts[:, :2])
        # A little into the ground, whose samples do not hit the post's foot exactly.
        feet = np.column_stack([posts[:, :2], ground - 0.3])
        ends = beams[:, :6].reshape(-1, 2, 3)
        way = ends[:, 1] - ends[:, 0]
        way /= np.maximum(np.linalg.norm(way, axis=1), 1e-9)[:, None]
        # Chains of beams (an arch) gape at their joints without a little overlap.
        over = _JOINT * beams[:, 6:] * way
        ends = np.stack([ends[:, 0] - over, ends[:, 1] + over], axis=1)
        colours = np.repeat([POST, BEAM], [len(posts), len(beams)], axis=0)
        # Neighbours of one colour would melt into one another.
        vary = 1 + 0.12 * np.sin(2.4 * np.arange(len(colours)))
        plain = np.zeros(len(colours), dtype=bool)
        return Cylinders(
            np.concatenate([np.stack([feet, posts[:, [0, 1, 3]]], axis=1), ends]),
            np.concatenate([posts[:, 2], beams[:, 6]]),
            colours * vary[:, None],
            flat=plain,
            light=plain,
        )

    def _ground_painter(self) -> GroundPainter:
        if self._painter is None:
            axes = self._solids.axes
            ground = self._march.height_at(axes[:, :, :2].reshape(-1, 2)).reshape(-1, 2)
            shadows = cast_shadows(axes, self._solids.radii, ground)
            texture = paint_ground(self._scene, shadows)
            self._painter = GroundPainter(texture, self._march.distances, self._range_m)
        return self._painter

    def _beacon(self, lens: Lens) -> Cylinders:
        """Return pole, flag and the column of light over the goal."""
        base = self._goal_ground
        away = base[:2] - lens.place[:2]
        tall = max(_FLAG_M, _FLAG_PER_M * float(np.hypot(*away)))
        up = np.array([0, 0, 1.0])
        right = np.array([np.sin(lens.heading), -np.cos(lens.heading), 0])
        top = base + up * tall
        flag = top - up * 0.19 * tall
        axes = [
            (base - 0.3 * up, top),
            (flag, flag + right * 0.42 * tall),
            (top, top + up * _GLOW_M),
        ]
        return Cylinders(
            np.array(axes),
            np.array([0.018, 0.17, 0.12]) * tall,
            np.array([PAPER, GOAL, _GLOW], dtype=float),
            flat=np.array([True, True, True]),
            light=np.array([False, False, True]),
        )

    def _draw_marks(self, surface: Any, lens: Lens) -> None:
        draw_compass(surface, lens.heading)
        distance_m = float(np.hypot(*(self._goal_ground[:2] - lens.place[:2])))
        top = self._beacon(lens).axes[0, 1]
        pixel = lens.project(top[None])[0]
        width, height = lens.size
        if 0 <= pixel[0] < width and -height < pixel[1] < 2 * height:
            above = (float(pixel[0]), float(np.clip(pixel[1] - 14, 14, height - 14)))
            write(surface, f"{distance_m:.0f} m", above, 26)
            return
        # Left or right by the shorter turn, on the level of the middle.
        side = float(lens.levelled(top[None])[0, 1])
        edge = width * (2.0 if side > 0 else -1.0)
        draw_goal_pointer(surface, np.array([edge, height / 2]), distance_m)
