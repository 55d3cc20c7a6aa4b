"""The ground of a map with all that stands on it, painted once for each side of light."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from iml_robot_envs.first_person_scene import Scene
from iml_robot_envs.rendering_backend import load_pygame
from iml_robot_envs.rendering_relief import Relief
from iml_robot_envs.rendering_solids import Solids

Texels = npt.NDArray[np.uint32]

OUTSIDE = (58, 60, 68)
_MAX_TEXELS = 4_000_000
_TEXELS_PER_M = 48.0
_LIGHT_SIDES = 8
# Pictures of the ground that are kept: 16 MB each, and a robot swings between few.
_KEPT = 4
# Bumps under posts reach this share of a cell beyond them; what is around them, and how
# far away, stands for the ground below.
_SKIRT, _AROUND_M = 0.5, 0.5
_RGBX = (0x0000FF, 0x00FF00, 0xFF0000, 0)


class PaintedGround:
    """Pictures of one map, light coming from the upper left whichever way is up.

    Args:
        scene: The map.

    Attributes:
        corner: Position (x, y) [m] of the corner of the map.
        texels_per_m: Scale of the pictures.
        solids: What stands on the ground and hangs over it.
    """

    def __init__(self, scene: Scene) -> None:
        rows, cols = scene.heights.shape
        # heights[0, 0] is the middle of its cell, so the ground begins half a cell before.
        self.corner = np.asarray(scene.origin) - scene.cell_m / 2
        self._extent_m = (cols * scene.cell_m, rows * scene.cell_m)
        area = self._extent_m[0] * self._extent_m[1]
        self.texels_per_m = min(_TEXELS_PER_M, float(np.sqrt(_MAX_TEXELS / area)))
        self._scene = replace(scene, heights=_bare(scene))
        self._relief: Relief | None = None
        self.solids = Solids(self._scene)
        self._kept: dict[int, Texels] = {}
        self._light_side = 0

    def facing(self, yaw: float) -> Texels:
        """Return the picture for a heading [rad] that is up, shape (rows, columns).

        RGBX texels, least y in row 1 and least x in column 1; around them lies a border
        of one texel that stands for what is outside.
        """
        turn = 2 * np.pi / _LIGHT_SIDES
        exact = (yaw + np.pi / 4) / turn
        half = _LIGHT_SIDES / 2
        off = (exact - self._light_side + half) % _LIGHT_SIDES - half
        # The light stays until the heading is clearly nearer to another side, so that it
        # does not flicker while the robot swings about the boundary between two.
        if abs(off) > 0.65 or not self._kept:
            self._light_side = round(exact) % _LIGHT_SIDES
        texels = self._kept.pop(self._light_side, None)
        if texels is None:
            texels = self._paint(self._light_side * turn)
        self._kept[self._light_side] = texels
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return texels

    def _paint(self, azimuth: float) -> Texels:
        pygame = load_pygame()
        if self._relief is None:
            scene = self._scene
            self._relief = Relief(
                scene.heights, scene.cell_m, soil_colours=scene.soil_colours
            )
        relief = self._relief
        shadows = self.solids.shadows(relief.shape, relief.cell_m, azimuth)
        colours = relief.lit(azimuth, shadows)
        small = pygame.image.frombuffer(colours, colours.shape[1::-1], "RGB")
        wide = pygame.Surface(small.get_size(), 0, 32, _RGBX)
        wide.blit(small, (0, 0))
        size = [max(1, round(side * self.texels_per_m)) for side in self._extent_m]
        full = pygame.Surface([side + 2 for side in size], 0, 32, _RGBX)
        full.fill(OUTSIDE)
        inner = full.subsurface([1, 1, *size])
        pygame.transform.smoothscale(wide, size, inner)
        self._paint_grid(inner)
        self.solids.paint(inner, self.texels_per_m, azimuth)
        texels = np.frombuffer(full.get_buffer().raw, dtype=np.uint32)
        return texels.reshape(full.get_size()[::-1])

    def _paint_grid(self, surface: Any) -> None:
        """Draw a line every metre and a stronger one every five."""
        pygame = load_pygame()
        for axis in (0, 1):
            size = list(surface.get_size())
            size[axis] = 2
            line = pygame.Surface(size, pygame.SRCALPHA)
            first = int(np.ceil(self.corner[axis]))
            last = int(np.floor(self.corner[axis] + self._extent_m[axis]))
            for metre in range(first, last + 1):
                at = round((metre - self.corner[axis]) * self.texels_per_m)
                line.fill((0, 0, 0, 64 if metre % 5 == 0 else 26))
                place = [0, 0]
                place[axis] = at - 1
                surface.blit(line, place)


def _bare(scene: Scene) -> npt.NDArray[np.float64]:
    """Return the ground without the bumps by which posts are felt and scanned.

    They are drawn as posts; their heaps of ground would look like rocks around them.
    """
    heights = scene.heights
    if not len(scene.posts) or not np.ptp(heights):
        return heights
    rows, cols = heights.shape
    clear = np.ones((rows, cols))
    axes = [
        scene.origin[k] + np.arange(n) * scene.cell_m for k, n in ((0, cols), (1, rows))
    ]
    for x, y, radius, _ in scene.posts.tolist():
        reach = radius + _SKIRT * scene.cell_m
        col, row = (
            slice(*np.searchsorted(axis, (at - reach, at + reach)).tolist())
            for axis, at in zip(axes, (x, y), strict=True)
        )
        away = np.hypot(axes[0][col] - x, axes[1][row, None] - y)
        clear[row, col] *= away > reach
    # The mean of what is around, where something is: a row of posts is not wide.
    sigma = _AROUND_M / scene.cell_m
    around = gaussian_filter(heights * clear, sigma, mode="nearest")
    around /= gaussian_filter(clear, sigma, mode="nearest") + 1e-9
    return np.where(clear > 0, heights, around)
