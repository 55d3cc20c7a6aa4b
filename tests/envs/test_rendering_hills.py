"""The map from above where the ground is hilly: light and lines show it, not colours."""

import numpy as np
import pytest

from iml_robot_envs.rendering import TopDownMap
from iml_robot_envs.rendering_tint import refined

NOBODY = np.zeros((0, 2))
CELL_M = 0.2
AXIS = (np.arange(100) - 49.5) * CELL_M
X, Y = np.meshgrid(AXIS, AXIS)


def world(heights, **more):
    start = float(AXIS[0])
    place = {"goal": (90.0, 0.0), "goal_radius_m": 1.0}
    return TopDownMap(heights, CELL_M, (start, start), **place, **more)


def luminance(picture):
    return picture.astype(float) @ (0.2126, 0.7152, 0.0722)


def along(view, picture, points):
    """The lightness at points of the world, each a mean over 3 x 3 pixels."""
    light = luminance(picture)
    pixels = view.project(points).round().astype(int)
    return np.array([light[y - 1 : y + 2, x - 1 : x + 2].mean() for x, y in pixels])


def test_large_hills_are_neither_white_nor_black():
    # Hills 4 m high, 8 m from top to bottom, as steep as 38 degrees.
    view = world(2 * np.sin(np.pi * X / 8) * np.cos(np.pi * Y / 8))
    picture = view.draw((0.0, -3.0, np.pi / 2), NOBODY)
    seen = luminance(picture)[60:420, 60:600]
    # Stones are as light as 255 there, holes as dark as 15.
    assert np.percentile(seen, 1) > 50
    assert np.percentile(seen, 99) < 220


def test_hills_keep_the_hue_of_their_soil():
    soil = np.full((100, 100, 3), (104, 134, 76), dtype=np.uint8)
    view = world(1.5 * np.sin(np.pi * X / 8) * np.cos(np.pi * Y / 8), soil_colours=soil)
    picture = view.draw((0.0, -3.0, np.pi / 2), NOBODY)
    red, green, blue = picture[60:420, 60:600].astype(float).reshape(-1, 3).T
    green_there = (green > 1.1 * red) & (green > 1.4 * blue)
    assert green_there.mean() > 0.99


def test_a_slope_has_a_line_for_every_half_metre_of_height():
    slope = 0.3
    view = world(slope * X)
    picture = view.draw((0.0, -2.0, np.pi / 2), NOBODY)
    heights = np.arange(-1.25, 1.5, 0.5)
    # Between the lines of the grid, which run through whole metres.
    line, beside = (
        along(view, picture, np.stack([h / slope, np.full(6, -0.5)], axis=1))
        for h in (heights, heights + 0.2)
    )
    assert (line < 0.92 * beside).all()


def test_level_ground_and_stones_have_no_contour_lines():
    flat = world(np.zeros((100, 100))).draw((0.0, 0.0, 0.3), NOBODY)
    stony = world(0.4 * (np.hypot(X - 2, Y - 3) < 0.5)).draw((0.0, 0.0, 0.3), NOBODY)
    # Away from the stone, both pictures are the same.
    changed = (flat != stony).any(axis=2)
    assert 0.001 < changed.mean() < 0.03


def canyon(wall_m=9.0):
    return np.clip((np.abs(X) - 3) * np.tan(np.radians(65)), 0, wall_m)


@pytest.mark.parametrize("yaw", np.linspace(-np.pi, np.pi, 9))
def test_walls_are_rock_and_the_floor_between_them_is_ground(yaw):
    view = world(canyon())
    picture = view.draw((0.0, 0.0, yaw), NOBODY, size=(700, 700))
    # Between lines of the grid and of contours, both sides at half height.
    points = np.array([(0.5, 2.4), (4.15, 0.5), (-4.15, 0.5)])
    floor, east, west = along(view, picture, points)
    assert 90 < floor < 200
    assert min(east, west) > 40
    assert max(east, west) < 200
    pixels = view.project(points).round().astype(int)
    red, green, _ = picture[pixels[:, 1], pixels[:, 0]].astype(float).T
    assert red[0] < 1.05 * green[0]
    assert (red[1:] > 1.08 * green[1:]).all()


@pytest.mark.parametrize("wall_m", [0.0, 9.0])
@pytest.mark.parametrize("rise_m", [-0.2, 0.2])
def test_a_dell_is_no_pit_and_a_knoll_is_no_stone(wall_m, rise_m):
    # 0.2 m over a metre: a rover crosses it without noticing. Walls begin at 3 m.
    bump = rise_m * np.exp(-(((X - 1.4) ** 2 + (Y - 0.5) ** 2) / 2 / 0.6**2))
    view = world(canyon(wall_m) + bump)
    picture = view.draw((0.0, -2.0, np.pi / 2), NOBODY)
    there, ground = along(view, picture, np.array([(1.4, 0.5), (-1.4, -2.6)]))
    assert 0.85 * ground < there < 1.15 * ground


def test_finer_values_lie_on_a_plane_that_the_samples_lie_on():
    rows, columns = np.mgrid[0:8, 0:9]
    fine = refined(2.0 * rows - 3.0 * columns, 4)
    v, u = (np.arange(4 * n) + 0.5 for n in (8, 9))
    expected = 2 * (v[:, None] / 4 - 0.5) - 3 * (u / 4 - 0.5)
    np.testing.assert_allclose(fine[8:-8, 8:-8], expected[8:-8, 8:-8], atol=1e-4)
