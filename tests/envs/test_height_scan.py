"""Heights look-up and scan against SciPy's interpolation and plain geometry."""

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from iml_robot_envs.sensing import HeightScan
from iml_robot_envs.terrain import OUTSIDE_HEIGHT_M, Terrain

CELL_M = 0.25


def terrain(shape=(41, 61)):
    heights = np.random.default_rng(3).normal(0, 0.3, shape)
    return Terrain(heights, CELL_M, np.zeros(3), np.zeros(2))


def by_scipy(ground, x, y):
    half_x, half_y = ground.half_extent_m
    rows, columns = ground.heights.shape
    axes = np.linspace(-half_y, half_y, rows), np.linspace(-half_x, half_x, columns)
    look = RegularGridInterpolator(axes, ground.heights, bounds_error=False, fill_value=1.0)
    return look(np.stack([y, x], axis=-1))


def test_heights_are_bilinear_inside_and_a_wall_outside():
    ground = terrain()
    x, y = np.random.default_rng(0).uniform(-9, 9, (2, 5000))
    inside = (np.abs(x) <= 7.5) & (np.abs(y) <= 5.0)
    assert 0.3 < inside.mean() < 0.7
    np.testing.assert_allclose(ground.height_at(x, y), by_scipy(ground, x, y), atol=1e-12)
    assert (ground.height_at(x, y)[~inside] == OUTSIDE_HEIGHT_M).all()


def test_at_the_samples_heights_are_the_samples():
    ground = terrain()
    half_x, half_y = ground.half_extent_m
    x, y = np.meshgrid(np.linspace(-half_x, half_x, 61), np.linspace(-half_y, half_y, 41))
    np.testing.assert_allclose(ground.height_at(x, y), ground.heights, atol=1e-12)


def test_the_points_asked_for_are_left_alone_and_single_points_work():
    ground = terrain()
    x = np.array([0.1, 20.0])
    ground.height_at(x, x)
    np.testing.assert_array_equal(x, [0.1, 20.0])
    assert ground.height_at(np.array(0.1), np.array(0.1)).shape == ()
    assert float(ground.height_at(np.array(99.0), np.array(0.0))) == OUTSIDE_HEIGHT_M


@pytest.mark.parametrize("place", [(0, 0), (6.5, 0), (-3, -4.5), (40, 0)])
@pytest.mark.parametrize("heading", [0.0, 0.7, 2.5, -1.6])
def test_a_scan_is_the_heights_of_a_grid_turned_with_the_robot(place, heading):
    ground = terrain()
    scan = HeightScan(x_m=np.linspace(-0.5, 2.5, 7), y_m=np.linspace(-1, 1, 5), limit_m=9.0)
    measured = scan.measure(ground, (*place, heading), 0.3)
    assert measured.shape == scan.shape == (7, 5)
    for i, forward in enumerate(scan.x_m):
        for j, left in enumerate(scan.y_m):
            point = (forward + 1j * left) * np.exp(1j * heading) + complex(*place)
            expected = by_scipy(ground, np.array(point.real), np.array(point.imag))
            assert measured[i, j] == pytest.approx(float(expected[0]) - 0.3, abs=1e-9)


def test_promising_that_all_points_are_inside_changes_no_bit():
    ground = terrain()
    points = np.random.default_rng(1).uniform(-4.9, 4.9, (2, 20, 30))
    slow = ground.interpolate(points.copy())
    np.testing.assert_array_equal(ground.interpolate(points.copy(), inside=True), slow)


def test_heights_are_clipped_to_the_limit():
    scan = HeightScan(x_m=np.array([0.0, 0.5]), y_m=np.array([-0.5, 0.5]), limit_m=0.2)
    measured = scan.measure(terrain(), (0.0, 0.0, 0.0), 0.0)
    assert np.abs(measured).max() == 0.2
    assert (scan.measure(terrain(), (0.0, 0.0, 0.0), 99.0) == -0.2).all()


def test_a_scan_of_a_single_point_is_possible():
    scan = HeightScan(x_m=np.array([1.0]), y_m=np.array([0.0]))
    assert scan.measure(terrain(), (0.0, 0.0, 0.0), 0.0).shape == (1, 1)
