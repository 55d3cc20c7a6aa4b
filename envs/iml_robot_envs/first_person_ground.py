"""The ground's colours as a texture: lit relief, grain, goal and cast shadows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from iml_robot_envs.first_person_relief import (
    SUN_AZIMUTH_RAD,
    SUN_ELEVATION_RAD,
    lit_ground,
)
from iml_robot_envs.first_person_scene import Scene
from iml_robot_envs.rendering_backend import load_pygame
from iml_robot_envs.rendering_marks import GOAL, PAPER

Packed = npt.NDArray[np.uint32]

_OUTSIDE = (112, 116, 112)
_TEXELS_PER_M = 64.0
_MAX_TEXELS = 2_500_000
_LEVELS = 5
# Two texels of the coarsest level: one to show and its neighbour to mix with.
_BORDER = 2 << (_LEVELS - 1)
_GRAIN = 0.11
_LONGEST_SHADOW_M = 4.0


@dataclass(frozen=True)
class GroundTexture:
    """The ground's colours, at full detail and four times halved.

    All levels stand one below the other in one array. Around the map lies a border in
    the colour of what is outside.

    Attributes:
        pixels: RGBX pixels, shape (rows * columns,).
        columns: Width of the array.
        first_rows: Row at which each level begins, shape (levels,).
        corner: Position x, y [m] of texel (0, 0) of level 0.
        texels_per_m: Scale of level 0 along x and y.
        size: Columns and rows of level 0.
    """

    pixels: Packed
    columns: int
    first_rows: npt.NDArray[np.int64]
    corner: tuple[float, float]
    texels_per_m: tuple[float, float]
    size: tuple[int, int]


def cast_shadows(
    axes: npt.NDArray[np.float64],
    radii: npt.NDArray[np.float64],
    ground: npt.NDArray[np.floating],
) -> npt.NDArray[np.float64]:
    """Return shadows of cylinders on level ground: x0, y0, x1, y1, width [m], (n, 5).

    Args:
        axes: Ends of the axes, shape (n, 2, 3) [m].
        radii: Radii [m], shape (n,).
        ground: Height of the ground under the ends [m], shape (n, 2).
    """
    above = np.clip(axes[:, :, 2] - ground, 0, None)
    reach = np.minimum(above / np.tan(SUN_ELEVATION_RAD), _LONGEST_SHADOW_M)
    away = -np.array([np.cos(SUN_AZIMUTH_RAD), np.sin(SUN_AZIMUTH_RAD)])
    ends = axes[:, :, :2] + reach[:, :, None] * away
    return np.concatenate([ends.reshape(-1, 4), 2 * radii[:, None]], axis=1)


def paint_ground(scene: Scene, shadows: npt.NDArray[np.float64]) -> GroundTexture:
    """Return the texture of a map with shadows as `cast_shadows` returns them."""
    pygame = load_pygame()
    rows, cols = scene.heights.shape
    extent = np.array([cols, rows]) * scene.cell_m
    scale = min(_TEXELS_PER_M, float(np.sqrt(_MAX_TEXELS / extent.prod())))
    # A multiple of the border keeps it out of the map's texels on every level.
    size = [max(1, round(m * scale / _BORDER)) * _BORDER for m in extent.tolist()]
    colours = lit_ground(scene.heights, scene.cell_m, scene.soil_colours)
    small = pygame.image.frombuffer(
        np.ascontiguousarray(colours), (colours.shape[1], colours.shape[0]), "RGB"
    )
    wide = pygame.Surface(small.get_size(), depth=32)
    wide.blit(small, (0, 0))
    full = pygame.Surface([side + 2 * _BORDER for side in size], depth=32)
    inner = full.subsurface([_BORDER, _BORDER, *size])
    pygame.transform.smoothscale(wide, inner.get_size(), inner)
    # heights[0, 0] is the middle of its cell, so the ground begins half a cell before.
    corner = np.asarray(scene.origin) - scene.cell_m / 2
    scale_xy = np.array(size) / extent
    _paint_shadows(inner, shadows, corner, scale_xy)
    _paint_goal(inner, scene, corner, scale_xy)
    _add_grain(inner)
    for wide, high in ((full.get_width(), _BORDER), (_BORDER, full.get_height())):
        box = pygame.Rect(0, 0, wide, high)
        full.fill(_OUTSIDE, box)
        box.bottomright = full.get_size()
        full.fill(_OUTSIDE, box)
    return _stacked(full, corner, extent)


def _paint_shadows(
    surface: Any,
    shadows: npt.NDArray[np.float64],
    corner: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
) -> None:
    pygame = load_pygame()
    shade = pygame.Surface(surface.get_size(), pygame.SRCALPHA)
    for line in shadows:
        start, end = ((line[k : k + 2] - corner) * scale for k in (0, 2))
        wide = float(line[4] * scale[0])
        along = end - start
        side = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6)
        side *= wide / 2
        corners = [start + side, end + side, end - side, start - side]
        pygame.draw.polygon(shade, (10, 10, 26, 96), [c.tolist() for c in corners])
        for place in (start, end):
            pygame.draw.circle(shade, (10, 10, 26, 96), place.tolist(), wide / 2)
    surface.blit(shade, (0, 0))


def _paint_goal(
    surface: Any,
    scene: Scene,
    corner: npt.NDArray[np.float64],
    scale: npt.NDArray[np.float64],
) -> None:
    pygame = load_pygame()
    centre = (np.asarray(scene.goal) - corner) * scale
    radius = scene.goal_radius_m * float(scale[0])
    box = pygame.Rect(0, 0, 2 * radius + 9, 2 * radius + 9)
    disc = pygame.Surface(box.size, pygame.SRCALPHA)
    middle = (box.width / 2, box.height / 2)
    line = max(3, round(0.08 * float(scale[0])))
    pygame.draw.circle(disc, (*GOAL, 80), middle, radius)
    pygame.draw.circle(disc, (*PAPER, 220), middle, radius, line)
    pygame.draw.circle(disc, (*GOAL, 255), middle, radius - line, line)
    box.center = (round(float(centre[0])), round(float(centre[1])))
    surface.blit(disc, box)


def _add_grain(surface: Any) -> None:
    """Give the ground a texture: moving over bare colour, one sees no speed."""
    pygame = load_pygame()
    rng = np.random.default_rng(1)
    side = 512
    grain = np.zeros((side, side))
    for sigma, weight in ((0.8, 1.0), (3.0, 1.0), (12.0, 0.9)):
        noise = gaussian_filter(rng.standard_normal((side, side)), sigma, mode="wrap")
        grain += weight * noise / noise.std()
    grain *= _GRAIN / grain.std()
    gain = np.clip(128 * (1 + grain), 64, 190).astype(np.uint8)
    tile = pygame.image.frombuffer(gain.repeat(3).tobytes(), (side, side), "RGB")
    for x in range(0, surface.get_width(), side):
        for y in range(0, surface.get_height(), side):
            surface.blit(tile, (x, y), special_flags=pygame.BLEND_RGB_MULT)
    # The gain is 128 for unchanged, so the product is half as bright as it should be.
    surface.blit(surface.copy(), (0, 0), special_flags=pygame.BLEND_RGB_ADD)


def _stacked(
    full: Any, corner: npt.NDArray[np.float64], extent: npt.NDArray[np.float64]
) -> GroundTexture:
    pygame = load_pygame()
    columns, height = full.get_size()
    sheet = pygame.Surface((columns, 2 * height), depth=32)
    level, row, first_rows = full, 0, []
    for _ in range(_LEVELS):
        sheet.blit(level, (0, row))
        first_rows.append(row)
        row += level.get_height()
        half = (level.get_width() // 2, level.get_height() // 2)
        level = pygame.transform.smoothscale(level, half)
    pixels = np.frombuffer(pygame.image.tobytes(sheet, "RGBX"), dtype=np.uint32)
    # The two differ by up to a per cent, as sides are rounded to the border.
    scale = (np.array([columns, height]) - 2 * _BORDER) / extent
    begin = corner - _BORDER / scale
    return GroundTexture(
        pixels[: row * columns],
        columns,
        np.array(first_rows),
        (float(begin[0]), float(begin[1])),
        (float(scale[0]), float(scale[1])),
        (columns, height),
    )
