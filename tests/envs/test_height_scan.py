"""Heights look-up and scan against SciPy's interpolation and plain geometry."""

import numpy as np
import pytest
from scipy.interpolate import RegularGridInterpolator

from iml_robot_envs.grid_lookup import bilinear, nearest_sample, place_of, pose
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.height_scan import HeightScan
from iml_robot_envs.robot import Motion
from iml_robot_envs.terrain import OUTSIDE_HEIGHT_M, Terrain
from iml_robot_envs.weather import still_air

CELL_M = 0.25


SCAN = HeightScan(x_m=np.linspace(-0.5, 2.5, 7), y_m=np.linspace(-1, 1, 5), limit_m=9.0)


def terrain(shape=(41, 61), seed=3):
    heights = np.random.default_rng(seed).normal(0, 0.3, shape)
    return Terrain(heights, CELL_M, np.zeros(3), np.zeros(2))


def stacked(*terrains):
    grounds = Grounds(len(terrains), margin_m=3.0)
    for robot, ground in enumerate(terrains):
        grounds.put(robot, ground, still_air())
    return grounds


def measure(scan, ground, poses, base_m):
    """Return the scans of robots at (x, y, heading), shape (N, nx, ny)."""
    grounds = ground if isinstance(ground, Grounds) else stacked(*[ground] * len(poses))
    x, y, heading = np.array(poses, float).T
    still = np.zeros(len(poses))
    motion = Motion(
        position=np.column_stack([x, y, np.full(len(poses), base_m)]),
        roll=still,
        pitch=still,
        heading=heading.copy(),
        speed=still,
        velocity=np.zeros((len(poses), 3)),
        yaw_rate=still,
        wheel_speeds=np.zeros((len(poses), 0)),
        upright=still + 1.0,
    )
    heights = np.empty((len(poses), scan.shape[0] * scan.shape[1]), np.float32)
    scan.measure(grounds, motion, origin_m=0.0, out=heights)
    return heights.reshape(len(poses), *scan.shape)


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


@pytest.mark.parametrize("place", [(0, 0), (6.5, 0), (-3, -4.5), (7.5, -5)])
@pytest.mark.parametrize("heading", [0.0, 0.7, 2.5, -1.6])
def test_a_scan_is_the_heights_of_a_grid_turned_with_the_robot(place, heading):
    ground = terrain()
    measured = measure(SCAN, ground, [(*place, heading)], 0.3)[0]
    assert measured.shape == SCAN.shape == (7, 5)
    for i, forward in enumerate(SCAN.x_m):
        for j, left in enumerate(SCAN.y_m):
            point = (forward + 1j * left) * np.exp(1j * heading) + complex(*place)
            x, y = point.real, point.imag
            beyond = max(abs(x) - 7.5, abs(y) - 5.0)
            if beyond <= 0:
                # Single precision: 2e-5 cells at the edge of the map.
                height = float(by_scipy(ground, np.array(x), np.array(y))[0])
                assert measured[i, j] == pytest.approx(height - 0.3, abs=5e-5)
            elif beyond > 0.03:
                # A wall of 100 m stands a cell beyond the last samples.
                assert measured[i, j] == SCAN.limit_m


def test_the_reach_of_a_scan_is_the_way_to_its_farthest_corner():
    assert SCAN.reach_m == pytest.approx(np.hypot(2.5, 1.0))


def test_each_robot_of_a_batch_scans_its_own_map_bit_for_bit():
    grounds = [terrain(seed=seed) for seed in range(5)]
    rng = np.random.default_rng(1)
    poses = np.column_stack([rng.uniform(-4, 4, (5, 2)), rng.uniform(-3, 3, 5)])
    together = measure(SCAN, stacked(*grounds), poses, 0.1)
    for k, ground in enumerate(grounds):
        np.testing.assert_array_equal(
            together[k], measure(SCAN, ground, poses[k : k + 1], 0.1)[0]
        )


def test_a_neighbour_beyond_the_edge_changes_no_bit_of_another_robots_scan():
    inside, outside = (1.2, -0.4, 0.7), (7.2, 1.0, 0.3)
    alone = measure(SCAN, terrain(), [inside], 0.0)[0]
    np.testing.assert_array_equal(
        measure(SCAN, terrain(), [outside, inside], 0.0)[1], alone
    )


def places(ground, x, y):
    """Return points of the world as columns and rows of a map's samples."""
    return np.column_stack([x, y]) / CELL_M + (np.array(ground.heights.shape[::-1]) - 1) / 2


def test_between_samples_heights_are_bilinear_and_beyond_the_rim_those_of_the_rim():
    ground = terrain()
    x, y = np.random.default_rng(0).uniform((-9, -6), (9, 6), (2000, 2)).T
    inside = (np.abs(x) <= 7.5) & (np.abs(y) <= 5.0)
    assert 0.5 < inside.mean() < 0.9
    found = [bilinear(ground.heights, *place) for place in places(ground, x, y)]
    expected = by_scipy(ground, np.clip(x, -7.5, 7.5), np.clip(y, -5, 5))
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_nearest_sample_is_that_of_rounded_coordinates_on_the_map():
    ground = terrain()
    x, y = np.random.default_rng(0).uniform((-9, -6), (9, 6), (2000, 2)).T
    found = [nearest_sample((41, 61), *place) for place in places(ground, x, y)]
    rows = np.rint((np.clip(y, -5, 5) + 5) / CELL_M)
    columns = np.rint((np.clip(x, -7.5, 7.5) + 7.5) / CELL_M)
    np.testing.assert_array_equal(found, np.column_stack([rows, columns]))


@pytest.mark.parametrize("heading", [0.0, 0.7, -2.5])
def test_a_point_ahead_and_left_of_a_robot_is_where_complex_numbers_put_it(heading):
    place = place_of((4.0, 30.0, 20.0), pose(1.5, -2.0, heading), 0.6, -0.2)
    point = complex(1.5, -2.0) + complex(0.6, -0.2) * np.exp(1j * heading)
    assert place == pytest.approx((30 + 4 * point.real, 20 + 4 * point.imag))


def test_heights_are_clipped_to_the_limit():
    scan = HeightScan(x_m=np.array([0.0, 0.5]), y_m=np.array([-0.5, 0.5]), limit_m=0.2)
    measured = measure(scan, terrain(), [(0.0, 0.0, 0.0)], 0.0)
    assert np.abs(measured).max() == np.float32(0.2)
    below = measure(scan, terrain(), [(0.0, 0.0, 0.0)], 99.0)
    assert (below == np.float32(-0.2)).all()


def test_a_scan_of_a_single_point_is_possible():
    scan = HeightScan(x_m=np.array([1.0]), y_m=np.array([0.0]))
    assert measure(scan, terrain(), [(0.0, 0.0, 0.0)], 0.0).shape == (1, 1, 1)


def test_all_maps_of_a_batch_have_one_size():
    grounds = stacked(terrain(), terrain())
    with pytest.raises(ValueError, match=r"maps of a task have \(41, 61\) samples.*21, 61"):
        grounds.put(1, terrain((21, 61)), still_air())
