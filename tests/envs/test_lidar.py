"""The lidar's ranges against geometry worked out in other ways."""

import numpy as np
import pytest
from lidar_scenes import flat_map, ground_of, random_forest, stacked

from iml_robot_envs.lidar import Lidar, blurred

LEVEL = Lidar([0.0])
LAYERS = Lidar([-0.3, 0.0, 0.2])


def measure(lidar, terrain, *, x=0.0, y=0.0, z=2.0, heading=0.0):
    """Return the ranges of one robot, shape (layers, 36)."""
    grounds = stacked(terrain)
    return lidar.measure(grounds, np.array([[x, y, z]]), np.array([heading]))[0]


def test_the_ray_ahead_reads_the_way_to_the_near_side_of_a_post():
    ranges = measure(LEVEL, flat_map(posts=[[6, 0, 0.4, 9]]))
    assert ranges[0, 0] == pytest.approx(5.6, abs=1e-5)
    # At 6 m the post is 7.6 degrees wide, less than its sector.
    np.testing.assert_array_equal(ranges[0, 1:], 10)


def test_rays_count_to_the_left_from_ahead():
    for ray in range(36):
        bearing = 0.7 + np.radians(10 * ray)
        post = [5 * np.cos(bearing), 5 * np.sin(bearing), 0.3, 9]
        ranges = measure(LEVEL, flat_map(posts=[post]), heading=0.7)
        assert np.argmin(ranges[0]) == ray
        assert ranges[0, ray] == pytest.approx(4.7, abs=1e-5)


def test_a_thin_post_between_two_rays_is_seen():
    bearing = np.radians(14.0)
    post = [8 * np.cos(bearing), 8 * np.sin(bearing), 0.05, 9]
    ranges = measure(LEVEL, flat_map(posts=[post]))
    assert ranges[0, 1] == pytest.approx(7.95, abs=1e-5)
    np.testing.assert_array_equal(np.delete(ranges[0], 1), 10)


def nearest_in_sector(terrain, place, azimuth, slope):
    """Return what 2,001 single rays of a sector read at best, by circles and lines."""
    azimuths = azimuth + np.radians(np.linspace(-5, 5, 2001))
    direction = np.stack([np.cos(azimuths), np.sin(azimuths)])
    x, y, radius, top = terrain.posts.T[:, :, None]
    x, y = x - place[0], y - place[1]
    along = x * direction[0] + y * direction[1]
    miss = x * direction[1] - y * direction[0]
    root = radius**2 - miss**2
    distance = along - np.sqrt(np.maximum(root, 0))
    nearest = np.where((root > 0) & (along > 0), distance, 10.0).min(axis=1)
    passed = place[2] + nearest * slope > top[:, 0]
    return np.where(passed, 10.0, nearest).min(initial=10.0)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_posts_of_any_height_are_read_as_by_a_fan_of_single_rays(layer):
    rng = np.random.default_rng(layer)
    terrain = random_forest(rng, 60)
    clear = np.hypot(*terrain.posts[:, :2].T) > terrain.posts[:, 2] + 0.05
    terrain = flat_map(posts=terrain.posts[clear])
    # High above the ground, so that it is not read.
    place = np.array([0.0, 0.0, 4.0])
    slope = np.tan(LAYERS.elevations_rad[layer])
    ranges = measure(LAYERS, terrain, z=place[2], heading=0.4)[layer]
    expected = [
        nearest_in_sector(terrain, place, 0.4 + np.radians(10 * ray), slope)
        for ray in range(36)
    ]
    expected = np.minimum(np.array(expected) * np.hypot(1, slope), 10)
    # The fan misses posts that the sector only grazes, and is late at their edges.
    assert np.quantile(np.abs(ranges - expected), 0.9) < 0.005
    assert (ranges <= expected + 1e-3).all()


def test_level_ground_is_read_by_rays_that_look_down():
    ranges = measure(LAYERS, flat_map(), z=2.0)
    np.testing.assert_allclose(ranges[0], 2.0 / np.sin(0.3), rtol=1e-5)
    np.testing.assert_array_equal(ranges[1:], 10)


def test_the_edge_of_a_map_is_a_wall():
    ranges = measure(LEVEL, flat_map(side_m=60), x=24.0, y=-27.0)
    assert ranges[0, 0] == pytest.approx(6.0, abs=1e-4)
    assert ranges[0, 27] == pytest.approx(3.0, abs=1e-4)
    assert ranges[0, 30] == pytest.approx(3.0 / np.cos(np.radians(30)), abs=1e-4)
    assert ranges[0, 18] == 10


def test_a_slope_is_met_where_the_ray_enters_it():
    slope = np.tan(np.radians(40.0))
    ramp = ground_of(lambda x, y: np.maximum(slope * (x - 3), 0))
    ranges = measure(LAYERS, ramp, z=2.0)
    for layer, elevation in enumerate(LAYERS.elevations_rad):
        # z + s tan(e) = slope (s - 3), or the level ground before it.
        ramp_m = (2.0 + 3 * slope) / (slope - np.tan(elevation))
        floor_m = 2.0 / -np.tan(elevation) if elevation < 0 else np.inf
        expected = min(ramp_m, floor_m) / np.cos(elevation)
        # The nearest sample is 0.125 m off at most, along the ray.
        assert ranges[layer, 0] == pytest.approx(expected, abs=0.16)
        # To the side nothing rises.
        sideways = min(floor_m / np.cos(elevation), 10.0)
        assert ranges[layer, 9] == pytest.approx(sideways, abs=0.16)


def test_a_wall_of_ground_at_the_edge_is_seen_on_uneven_maps_too():
    uneven = ground_of(lambda x, y: 0.1 * np.sin(x))
    ranges = measure(LEVEL, uneven, x=25.0)
    assert ranges[0, 0] == pytest.approx(5.0, abs=0.4)
    assert ranges[0, 18] == 10


def marched(beams, place, direction):
    """Return the first place on a ray that is in a beam, by steps of 1 mm."""
    ways = np.arange(0.001, 10, 0.001)
    points = place + ways[:, None] * direction
    inside = np.zeros(len(ways), bool)
    for beam in beams:
        axis = beam[3:6] - beam[:3]
        share = (points - beam[:3]) @ axis / (axis @ axis)
        off = points - beam[:3] - share[:, None] * axis
        inside |= (np.linalg.norm(off, axis=1) < beam[6]) & (share >= 0) & (share <= 1)
    return ways[np.argmax(inside)] if inside.any() else 10.0


def test_beams_are_met_where_a_march_meets_them():
    rng = np.random.default_rng(5)
    lidar = Lidar([0.1, 0.4])
    beams = random_forest(rng, 0, beams=30).beams
    ranges = measure(lidar, flat_map(beams=beams), z=1.5, heading=0.3)
    worst = []
    for layer, elevation in enumerate(lidar.elevations_rad):
        for ray in range(36):
            azimuth = 0.3 + np.radians(10 * ray)
            level = np.cos(elevation)
            direction = level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)
            expected = marched(beams, np.array([0, 0, 1.5]), np.array(direction))
            worst.append(abs(ranges[layer, ray] - expected))
    # Beams are open tubes: a ray that goes in through an end is read late.
    assert np.quantile(worst, 0.95) < 0.003
    assert (ranges < 10).sum() > 10


def test_many_robots_read_what_each_reads_alone_bit_for_bit():
    rng = np.random.default_rng(8)
    forests = [random_forest(rng, n, beams=b) for n, b in ((40, 3), (0, 0), (70, 9))]
    hills = [ground_of(lambda x, y, k=k: 3 * np.sin(x / k) ** 2) for k in (2.0, 3.0)]
    for terrains in (forests, hills):
        count = len(terrains)
        position = np.column_stack([rng.uniform(-6, 6, (count, 2)), np.full(count, 2.0)])
        heading = rng.uniform(-3, 3, count)
        together = LAYERS.measure(stacked(*terrains), position, heading)
        for robot, terrain in enumerate(terrains):
            where = slice(robot, robot + 1)
            alone = LAYERS.measure(stacked(terrain), position[where], heading[where])
            assert alone.tobytes() == together[where].tobytes()


def test_noise_has_the_stated_deviation_and_dropout():
    normal = np.random.default_rng(0).standard_normal(200_000)
    ranges = np.array([blurred(5.0, number, 10.0) for number in normal])
    lost = ranges == 10
    assert lost.mean() == pytest.approx(0.01, abs=0.001)
    # Of a normal distribution without its outer hundredth: sd 0.959.
    assert ranges[~lost].std() == pytest.approx(0.02 * 0.959, rel=0.02)
    assert ranges[~lost].mean() == pytest.approx(5.0, abs=0.001)


@pytest.mark.parametrize("way", [0.0, 10.0])
def test_noise_never_leaves_the_range(way):
    normal = np.random.default_rng(1).standard_normal(50_000)
    ranges = [blurred(way, number, 10.0) for number in normal]
    assert min(ranges) >= 0
    assert max(ranges) <= 10
