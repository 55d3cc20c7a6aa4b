"""The view from the robot: a pinhole's formulas say where things must be seen."""

import subprocess
import sys
import time

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from iml_robot_envs.first_person import FirstPersonView

pytestmark = pytest.mark.slow

SIZE = (640, 360)
FOCAL = 320.0  # 90 degrees across 640 pixels
FAR_GOAL = {"goal": (-500.0, 0.0), "goal_radius_m": 1.0}
POSES = [
    (0.0, 0.0, 1.5, 0.0, 0.0, 0.0),
    (-3.0, 2.0, 2.0, 0.7, 0.2, 0.0),
    (1.0, -4.0, 1.0, -2.4, 0.1, 0.3),
    (2.0, 3.0, 3.0, 1.9, 0.35, -0.5),
    (0.5, 0.5, 4.0, 3.1, -0.2, 0.9),
]


def rotation(heading, pitch, roll):
    """Body axes (ahead, left, up) in the world: yaw, nose down, right side down."""

    def turn(axis, angle):
        c, s = np.cos(angle), np.sin(angle)
        j, k = [(1, 2), (2, 0), (0, 1)][axis]
        matrix = np.eye(3)
        matrix[j, j], matrix[j, k], matrix[k, j], matrix[k, k] = c, -s, s, c
        return matrix

    return turn(2, heading) @ turn(1, pitch) @ turn(0, roll)


def pinhole(pose, points, size=SIZE, focal=FOCAL):
    ahead, left, up = rotation(*pose[3:]).T @ (np.asarray(points) - pose[:3]).T
    return np.stack(
        [size[0] / 2 - focal * left / ahead, size[1] / 2 - focal * up / ahead], axis=-1
    )


def ray(pose, pixel, size=SIZE, focal=FOCAL):
    """The world's direction that is seen in the middle of a pixel."""
    across, down = (
        (pixel[0] + 0.5 - size[0] / 2) / focal,
        (pixel[1] + 0.5 - size[1] / 2) / focal,
    )
    return rotation(*pose[3:]) @ (1.0, -across, -down)


def flat(cells=200, cell_m=0.2, **more):
    """Level ground at 0, 40 x 40 m around the origin."""
    start = -(cells - 1) * cell_m / 2
    heights = more.pop("heights", np.zeros((cells, cells)))
    return FirstPersonView(heights, cell_m, (start, start), **{**FAR_GOAL, **more})


def grid(cells=200, cell_m=0.2):
    axis = (np.arange(cells) - (cells - 1) / 2) * cell_m
    return np.meshgrid(axis, axis)


def wall_of_colour(rows, colour):
    soil = np.full((200, 200, 3), (150, 140, 120), dtype=np.uint8)
    soil[rows] = colour
    return soil


def is_red(picture):
    red, green, blue = np.moveaxis(picture.astype(int), -1, 0)
    return (red > 1.6 * green) & (red > 1.6 * blue)


def brown(picture):
    """The posts' and the beams' colours; ground without soil and sky are much greyer."""
    red, green, blue = np.moveaxis(picture.astype(float), -1, 0)
    return red > 1.22 * (green + blue) / 2 + 4


@pytest.mark.parametrize("pose", POSES)
def test_points_are_projected_as_by_a_pinhole(pose):
    view = flat()
    view.draw(pose)
    to_world = rotation(*pose[3:])
    points = pose[:3] + np.array([(5, 1, 1), (8, -3, -1), (2, 0.3, 0.2)]) @ to_world.T
    np.testing.assert_allclose(view.project(points), pinhole(pose, points), atol=1e-6)
    assert np.isnan(view.project(pose[:3] - 2 * to_world[:, :1].T)).all()


@pytest.mark.parametrize("pose", POSES)
def test_a_post_is_seen_where_a_pinhole_sees_it(pose):
    ahead = rotation(*pose[3:])[:, 0]
    x, y = pose[:2] + 6 * ahead[:2] / np.hypot(*ahead[:2])
    picture = flat(posts=[(x, y, 0.25, 3.0)]).draw(pose)
    seen = brown(picture)
    v, u = np.nonzero(seen)
    expected = pinhole(pose, [(x, y, 0.0), (x, y, 3.0)])
    axis = expected[1] - expected[0]
    inside = (expected >= 0).all() and (expected < SIZE).all()
    # Distance of brown pixels from the line between foot and top, and along it.
    offset = np.stack([u, v], axis=1) + 0.5 - expected[0]
    across = (offset[:, 0] * axis[1] - offset[:, 1] * axis[0]) / np.hypot(*axis)
    along = offset @ axis / (axis @ axis)
    assert len(v) > 500
    assert np.abs(across.mean()) < 2
    # A cylinder of radius r at distance d is asin(r / d) wide to each side.
    if pose[4] == pose[5] == 0:
        width = 2 * FOCAL * np.tan(np.arcsin(0.25 / 6))
        rows = seen[:, :].sum(axis=1)
        assert abs(np.median(rows[rows > 0]) - width) <= 1
    if inside:
        assert along.min() == pytest.approx(0, abs=0.03)
        assert along.max() == pytest.approx(1, abs=0.03)


def test_a_beam_overhead_is_seen_at_its_height():
    pose = (0.0, 0.0, 1.5, 0.0, 0.0, 0.0)
    picture = flat(beams=[(8, -6, 4, 8, 6, 4, 0.3)]).draw(pose)
    changed = (picture != flat().draw(pose)).any(axis=2)[:170, 320]
    rows = np.nonzero(changed)[0]
    # Its axis lies 2.5 m up and 8 m ahead; lines of sight touch it above and below.
    middle, half = np.arctan2(2.5, 8), np.arcsin(0.3 / np.hypot(2.5, 8))
    assert rows.min() == pytest.approx(180 - FOCAL * np.tan(middle + half), abs=1)
    assert rows.max() + 1 == pytest.approx(180 - FOCAL * np.tan(middle - half), abs=1)


def test_soil_is_seen_where_rays_meet_the_level_ground():
    x, y = grid()
    red = (np.abs(x - 6) < 1.0) & (np.abs(y) < 1.5)
    view = flat(soil_colours=wall_of_colour(red, (200, 20, 20)))
    for pose in [
        (0, 0, 1.5, 0, 0.2, 0),
        (2, -3, 2.0, 0.9, 0.3, 0.25),
        (9, 3, 2, -2.4, 0.2, -0.4),
    ]:
        seen = is_red(view.draw(pose))
        v, u = np.nonzero(np.ones_like(seen))
        ways = np.stack([ray(pose, p) for p in zip(u[::97], v[::97], strict=True)])
        seen = seen.ravel()[::97]
        down = ways[:, 2] < -0.05
        meets = np.array(pose[:2]) + ways[:, :2] * (pose[2] / -ways[:, 2:])
        # The border of a patch lies between cells: leave out what is close to it.
        far_in = down & (np.abs(meets[:, 0] - 6) < 0.7) & (np.abs(meets[:, 1]) < 1.2)
        far_out = ~down | (np.abs(meets[:, 0] - 6) > 1.4) | (np.abs(meets[:, 1]) > 1.9)
        assert far_in.sum() > 20
        assert seen[far_in].all()
        assert not seen[far_out].any()


@pytest.mark.parametrize("pitch", [-0.2, 0.0, 0.15, 0.4])
def test_the_horizon_lies_at_the_row_of_the_pitch(pitch):
    picture = flat().draw((0, 0, 1.0, 0.3, pitch, 0.0)).astype(float)
    column = picture[:, 100].mean(axis=1)
    jump = np.argmax(np.abs(np.diff(column))) + 1
    # Nose down moves the horizon up.
    assert jump == pytest.approx(180 - FOCAL * np.tan(pitch), abs=1.5)


def test_the_horizon_tilts_against_the_roll():
    roll = 0.3
    picture = flat().draw((0, 0, 1.0, 0.3, 0.0, roll)).astype(float).mean(axis=2)
    rows = [np.argmax(np.abs(np.diff(picture[:, u]))) + 1 for u in (120, 520)]
    # Right side down: to the right the horizon rises in the picture.
    assert (rows[0] - rows[1]) / 400 == pytest.approx(np.tan(roll), abs=0.01)


def test_a_nearer_hill_hides_a_farther_one():
    x, _ = grid()
    near = 1.5 * np.exp(-((x - 5) ** 2) / 2)
    far = 2.0 * np.exp(-((x - 12) ** 2) / 2)
    soil = wall_of_colour(x > 9, (200, 20, 20))
    pose = (-2.0, 0, 0.5, 0, 0, 0)
    alone = is_red(flat(heights=far, soil_colours=soil).draw(pose))
    behind = is_red(flat(heights=near + far, soil_colours=soil).draw(pose))
    # The line of sight over the nearer crest passes the farther one 2 m up at 14 m.
    assert alone[:, 320].sum() > 20
    assert (2.0 - 0.5) / 14 < (1.5 - 0.5) / 7
    assert behind.sum() == 0


def test_a_higher_farther_hill_is_seen_above_a_nearer_one():
    x, _ = grid()
    near = 0.8 * np.exp(-((x - 5) ** 2) / 2)
    far = 4.0 * np.exp(-((x - 12) ** 2) / 2)
    soil = wall_of_colour(x > 9, (200, 20, 20))
    picture = flat(heights=near + far, soil_colours=soil).draw((-2.0, 0, 0.5, 0, 0, 0))
    rows = np.nonzero(is_red(picture)[:, 320])[0]
    # Crests: 3.5 m up at 14 m, and 0.3 m up at 7 m (a little less before its top).
    assert rows.min() == pytest.approx(180 - FOCAL * 3.5 / 14, abs=3)
    assert rows.max() == pytest.approx(180 - FOCAL * 0.3 / 7, abs=4)


def test_a_wall_fills_the_middle():
    x, _ = grid()
    wall = np.where(np.abs(x - 4) < 1, 6.0, 0.0)
    soil = wall_of_colour(np.abs(x - 4) < 1.4, (200, 20, 20))
    picture = flat(heights=wall, soil_colours=soil).draw((0, 0, 1.0, 0, 0, 0))
    assert is_red(picture)[60:240, 110:].all()


def test_a_post_behind_a_hill_is_seen_from_its_crest_up():
    x, _ = grid()
    hill = 1.5 * np.exp(-((x - 4) ** 2) / 0.5)
    picture = flat(heights=hill, posts=[(10, 0, 0.3, 4.0)]).draw((0, 0, 0.5, 0, 0, 0))
    rows = np.nonzero(brown(picture)[:, 320])[0]
    assert rows.min() + 0.5 == pytest.approx(180 - FOCAL * 3.5 / 10, abs=1.5)
    assert rows.max() + 0.5 == pytest.approx(180 - FOCAL * 1.0 / 4, abs=3)


def test_of_two_posts_in_line_the_nearer_one_is_seen():
    near, far = (5, 0, 0.2, 1.5), (9, 0, 0.2, 8.0)
    pose = (0, 0, 1.0, 0, 0, 0)
    both = flat(posts=[near, far]).draw(pose)
    only = flat(posts=[near]).draw(pose)
    swapped = flat(posts=[far, near]).draw(pose)
    middle = (slice(185, 235), slice(312, 328))
    np.testing.assert_array_equal(brown(both)[middle], brown(only)[middle])
    above = brown(swapped)[: 180 - int(FOCAL * 0.5 / 5), 320]
    assert above.sum() > 100


def test_stones_are_lighter_and_holes_darker_than_the_ground():
    x, y = grid()
    heights = 0.4 * np.clip((0.7 - np.hypot(x - 4, y - 1.5)) / 0.3, 0, 1)
    heights -= 0.5 * np.clip((0.7 - np.hypot(x - 4, y + 1.5)) / 0.3, 0, 1)
    view = flat(heights=heights)
    picture = view.draw((0, 0, 5.0, 0, 0.8, 0)).astype(float).mean(axis=2)
    points = np.array([(4, 1.5, 0.4), (4, -1.5, -0.5), (4, 0, 0)])
    stone, hole, ground = (
        picture[v - 3 : v + 4, u - 3 : u + 4].mean()
        for u, v in view.project(points).round().astype(int)
    )
    assert stone > ground + 20
    assert hole < 0.6 * ground


def test_far_ground_is_paler_than_near_ground():
    dark = np.full((200, 200, 3), (60, 40, 20), dtype=np.uint8)
    picture = flat(soil_colours=dark).draw((-15, 0, 1.0, 0, 0, 0)).astype(float)
    spread = np.ptp(picture[[200, 340]].mean(axis=1), axis=1)
    assert spread[0] < spread[1]
    assert picture[186].mean() > picture[340].mean() + 25


def test_a_goal_in_sight_shows_a_flag_and_one_out_of_sight_a_pointer():
    green = (0, 158, 115)
    sides = []
    for goal in ((0.0, 12.0), (0.0, -12.0)):
        view = FirstPersonView(
            np.zeros((200, 200)), 0.2, (-20, -20), goal=goal, goal_radius_m=1
        )
        picture = view.draw((0, 0, 1, 0, 0, 0))
        sides.append(np.argwhere((picture == green).all(axis=2))[:, 1].mean())
        ahead = view.draw((0, 0, 1, np.arctan2(goal[1], goal[0]), 0, 0)).astype(int)
        around = ahead[100:180, 310:380]
        greenish = (around[..., 1] > around[..., 0] + 40) & (
            around[..., 1] > around[..., 2]
        )
        assert greenish.sum() > 50
    assert sides[0] < 60
    assert sides[1] > 580


@pytest.mark.parametrize("size", [(640, 360), (97, 41), (3, 5), (1, 1), (320, 480)])
def test_any_size_is_drawn(size):
    view = flat(posts=[(5, 0, 0.3, 3)])
    picture = view.draw((0, 0, 1, 0.1, 0.2, 0.3), size=size, outcome="success")
    assert picture.shape == (size[1], size[0], 3)
    assert picture.dtype == np.uint8
    assert picture.flags["C_CONTIGUOUS"]
    pixel = view.project(np.array([(5.0, 0.0, 1.0)]))
    focal = size[0] / 2
    expected = pinhole((0, 0, 1, 0.1, 0.2, 0.3), [(5.0, 0.0, 1.0)], size, focal)
    np.testing.assert_allclose(pixel, expected)


def test_the_same_pose_gives_the_same_picture_whatever_was_drawn_before():
    rng = np.random.default_rng(0)
    heights = gaussian_filter(rng.standard_normal((200, 200)), 6) * 8
    posts = np.column_stack(
        [rng.uniform(-15, 15, (30, 2)), np.full(30, 0.3), np.full(30, 5)]
    )
    first, second = (flat(heights=heights, posts=posts) for _ in range(2))
    pose = (1, 2, 2.5, 0.4, 0.1, 0.1)
    expected = first.draw(pose)
    second.draw((5, 5, 3, 2, 0, 0), size=(97, 41), outcome="stuck")
    np.testing.assert_array_equal(second.draw(pose), expected)
    np.testing.assert_array_equal(first.draw(pose), expected)


def test_a_picture_is_not_changed_by_the_next_one():
    view = flat()
    first = view.draw((0, 0, 1, 0, 0, 0))
    copy = first.copy()
    view.draw((0, 0, 1, 0, 0.4, 0.4))
    np.testing.assert_array_equal(first, copy)


@pytest.mark.parametrize(
    "pose",
    [
        (1e6, -1e6, 5, 0.3, 0, 0),
        (30, 0, 1, np.pi, 0, 0),
        (0, 0, -3, 0, 0, 0),
        (0, 0, 0, 0, 0, 0),
        (5, 0, 1, 0, 0, 0),
        (0, 0, 1, 0, np.pi / 2, 0),
        (0, 0, 1, 0, -np.pi / 2, 0),
        (0, 0, 1, 0, 0.2, np.pi / 2),
        (0, 0, 1, 0, 0, np.pi),
        (0, 0, 1, 0, 3.0, 2.0),
        (4.69, 0, 1, 0, 0, 0),
        (0, 0, 500, 0, 0.5, 0),
    ],
)
def test_odd_places_and_tilts_are_drawn(pose):
    view = flat(
        posts=[(5, 0, 0.3, 3)], beams=[(5, 0, 1, 6, 0, 1, 0.1), (0, 0, 2, 0, 0, 2, 0.1)]
    )
    picture = view.draw(pose, size=(160, 120))
    assert picture.shape == (120, 160, 3)


def test_the_smallest_map_is_drawn():
    view = FirstPersonView(np.zeros((2, 2)), 0.5, (0, 0), goal=(9, 0), goal_radius_m=1)
    assert view.draw((0, 0, 1, 0, 0, 0)).shape == (360, 640, 3)


@pytest.mark.parametrize("outcome", ["success", "rolled_over"])
def test_the_outcome_is_written_across_the_picture(outcome):
    view = flat()
    plain = view.draw((0, 0, 1, 0, 0, 0))
    ended = view.draw((0, 0, 1, 0, 0, 0), outcome=outcome)
    changed = (plain != ended).any(axis=2)
    assert changed[52:92, 250:390].mean() > 0.9
    assert not changed[120:].any()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"posts": [(1, 2, 3)]}, "posts"),
        ({"beams": [(1, 2, 3, np.nan, 5, 6, 7)]}, "beams"),
        ({"soil_colours": np.zeros((3, 3, 3), np.uint8)}, "soil_colours"),
        ({"heights": np.zeros((1, 5))}, "heights"),
        ({"heights": np.full((200, 200), np.nan)}, "heights"),
        ({"field_of_view_deg": 180}, "field_of_view_deg"),
        ({"range_m": np.inf}, "range_m"),
    ],
)
def test_wrong_input_is_named(change, words):
    with pytest.raises(ValueError, match=words):
        flat(**change)


@pytest.mark.parametrize("pose", [(0, 0, 1), (0, 0, np.nan, 0, 0, 0)])
def test_a_pose_that_is_none_is_refused(pose):
    with pytest.raises(ValueError, match="six finite numbers"):
        flat().draw(pose)


def test_a_frame_takes_less_than_12_ms():
    rng = np.random.default_rng(2)
    heights = gaussian_filter(rng.standard_normal((200, 200)), 14)
    heights *= 0.25 / heights.std()
    posts = np.column_stack(
        [rng.uniform(-20, 20, (80, 2)), rng.uniform(0.15, 0.4, 80), rng.uniform(5, 9, 80)]
    )
    view = flat(heights=heights, posts=posts)
    view.draw((-18, 0, 2, 0.1, 0.1, 0))
    medians = []
    # Processor time of the fastest chunk: other programs only ever make it slower.
    for chunk in range(12):
        spent = []
        for k in range(9):
            start = time.process_time()
            view.draw((-18 + 0.2 * chunk + 0.02 * k, 0, 2, 0.1, 0.1, 0.05))
            spent.append(time.process_time() - start)
        medians.append(np.median(spent))
        if medians[-1] < 0.012:
            break
    assert min(medians) < 0.012


def test_importing_the_view_loads_neither_pygame_nor_mujoco_nor_the_learning_side():
    code = (
        "import sys; import iml_robot_envs.first_person; "
        "names = ('pygame', 'mujoco', 'torch', 'iml_robot'); "
        "assert not [n for n in names if n in sys.modules]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
