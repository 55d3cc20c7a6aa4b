"""The map from above: where things are drawn, and that they look like what they are."""

import subprocess
import sys
import time

import numpy as np
import pytest

from iml_robot_envs.rendering import HumanWindow, TopDownMap

CELL_M = 0.05
ROCK = (4.0, 6.0)
PIT = (6.0, 4.0)
HEADINGS = np.linspace(-np.pi, np.pi, 9)


def terrain():
    """A flat 10 x 10 m field with one rock and one pit, their tops and floors flat."""
    y, x = np.mgrid[0:200, 0:200] * CELL_M
    heights = 0.25 * np.clip((0.5 - np.hypot(x - ROCK[0], y - ROCK[1])) / 0.2, 0, 1)
    heights -= 0.25 * np.clip((0.5 - np.hypot(x - PIT[0], y - PIT[1])) / 0.1, 0, 1)
    return heights


@pytest.fixture(scope="module")
def field():
    return TopDownMap(terrain(), CELL_M, (0.0, 0.0), goal=(5.0, 9.0), goal_radius_m=0.5)


def luminance(picture, pixel, reach=2):
    x, y = np.round(pixel).astype(int)
    patch = picture[y - reach : y + reach + 1, x - reach : x + reach + 1].astype(float)
    return (patch @ (0.2126, 0.7152, 0.0722)).mean()


def test_the_picture_has_the_size_asked_for(field):
    picture = field.draw((5.0, 5.0, 0.0), np.zeros((0, 2)), size=(640, 360))
    assert picture.shape == (360, 640, 3)
    assert picture.dtype == np.uint8
    assert picture.flags["C_CONTIGUOUS"]


def test_points_ahead_are_up_and_points_to_the_left_are_left(field):
    field.draw((2.0, 3.0, np.pi / 2), np.zeros((0, 2)), size=(700, 700))
    scale = 700 / 14.0
    rover, ahead, left = field.project(np.array([(2, 3), (2, 4), (1, 3)]))
    np.testing.assert_allclose(rover, (350, 700 * 2 / 3))
    np.testing.assert_allclose(ahead - rover, (0, -scale), atol=1e-9)
    np.testing.assert_allclose(left - rover, (-scale, 0), atol=1e-9)


@pytest.mark.parametrize("yaw", HEADINGS)
def test_the_pit_is_drawn_where_project_says(field, yaw):
    picture = field.draw((5.0, 5.0, yaw), np.zeros((0, 2)), size=(700, 700))
    expected = field.project(np.array([PIT]))[0]
    x, y = np.round(expected).astype(int)
    around = picture[y - 35 : y + 36, x - 35 : x + 36].astype(float).mean(axis=2)
    rows, cols = np.nonzero(around < 60)
    assert abs(rows.mean() - 35) < 3
    assert abs(cols.mean() - 35) < 3


@pytest.mark.parametrize("yaw", HEADINGS)
def test_rocks_are_lighter_and_pits_much_darker_than_the_ground(field, yaw):
    picture = field.draw((5.0, 5.0, yaw), np.zeros((0, 2)))
    rock, pit, ground = (
        luminance(picture, p) for p in field.project(np.array([ROCK, PIT, (3.6, 4.4)]))
    )
    assert rock > ground + 30
    assert pit < ground / 3


@pytest.mark.parametrize("yaw", HEADINGS)
def test_light_comes_from_the_upper_left_whichever_way_the_robot_heads(field, yaw):
    picture = field.draw((5.0, 5.0, yaw), np.zeros((0, 2)), size=(700, 700))
    middle = field.project(np.array([ROCK]))[0]
    flank = 0.4 * 50 * np.array([1, 1]) / np.sqrt(2)
    assert luminance(picture, middle - flank, 1) > 2 * luminance(picture, middle + flank, 1)


def test_dense_rocks_do_not_make_the_ground_between_them_look_dug():
    # A third of the ground under rocks, as dense as unfamiliar terrain gets.
    rocks = np.indices((20, 20)).sum(axis=0) % 3 == 0
    heights = np.kron(rocks, np.ones((10, 10))) * 0.3
    world = TopDownMap(heights, CELL_M, (0, 0), goal=(50, 50), goal_radius_m=1)
    picture = world.draw((2.0, 2.0, np.pi / 2), np.zeros((0, 2)))
    # Squares of 0.5 m; number (9, 8) is low, and so is its neighbour towards the light.
    low = world.project(np.array([(9 * 0.5 + 0.3, 8 * 0.5 + 0.2)]))[0]
    assert luminance(picture, low, 1) > 90


def test_soil_colours_replace_the_tint_by_height():
    soil = np.full((40, 40, 3), (90, 120, 200), dtype=np.uint8)
    world = TopDownMap(
        np.zeros((40, 40)), 0.25, (0, 0), goal=(90, 0), goal_radius_m=1, soil_colours=soil
    )
    picture = world.draw((5.3, 5.4, 0.0), np.zeros((0, 2)))
    x, y = world.project(np.array([(6.5, 6.5)])).round().astype(int)[0]
    np.testing.assert_allclose(picture[y, x], (90, 120, 200), atol=3)


def test_ground_beyond_the_map_is_drawn_as_outside(field):
    picture = field.draw((0.5, 0.5, -np.pi / 2), np.zeros((0, 2)))
    assert (picture[40, 100] == (58, 60, 68)).all()


def test_a_goal_out_of_sight_is_pointed_at_on_the_rim():
    flat = np.zeros((200, 200))
    shown = []
    for goal in ((5.0, 300.0), (5.0, -300.0)):
        world = TopDownMap(flat, CELL_M, (0, 0), goal=goal, goal_radius_m=0.5)
        shown.append(world.draw((5, 5, 0), np.zeros((0, 2)), size=(720, 720)))
    green = [np.argwhere((p == (0, 158, 115)).all(axis=2)).mean(axis=0) for p in shown]
    # Heading east: a goal far to the north is on the left, one to the south on the right.
    assert green[0][1] < 60
    assert green[1][1] > 660


def test_a_goal_in_sight_has_a_flag_and_no_pointer(field):
    picture = field.draw((5, 5, np.pi / 2), np.zeros((0, 2)), size=(700, 700))
    green = np.argwhere((picture == (0, 158, 115)).all(axis=2))
    x, y = field.project(np.array([(5.0, 9.0)]))[0]
    assert len(green) > 50
    assert np.hypot(*(green - (y, x)).T).max() < 45


def test_the_trail_is_drawn_through_the_places_the_robot_has_been(field):
    trail = np.stack([np.linspace(2, 5, 80), np.full(80, 5.0)], axis=1)
    with_trail = field.draw((5, 5, 0.0), trail)
    without = field.draw((5, 5, 0.0), trail[:0])
    places = field.project(trail[8:70]).round().astype(int)
    changed = (with_trail != without).any(axis=2)
    assert changed[places[:, 1], places[:, 0]].all()
    assert changed.mean() < 0.01


@pytest.mark.parametrize("outcome", ["success", "rolled_over"])
def test_the_outcome_is_written_across_the_picture(field, outcome):
    plain = field.draw((5, 5, 0.0), np.zeros((0, 2)))
    ended = field.draw((5, 5, 0.0), np.zeros((0, 2)), outcome=outcome)
    assert (plain != ended).any(axis=2)[100:190, 200:520].mean() > 0.3


def test_a_robot_far_outside_the_map_is_still_drawn(field):
    picture = field.draw((1e6, -1e6, 0.3), np.zeros((0, 2)))
    assert (picture[40, 40] == (58, 60, 68)).all()


def test_a_frame_takes_less_than_8_ms(field):
    trail = np.stack([np.linspace(0, 5, 2000), np.full(2000, 5.0)], axis=1)
    field.draw((5, 5, 0.0), trail)
    spent = []
    for k in range(40):
        start = time.process_time()
        field.draw((5 + 0.01 * k, 5, 0.002 * k), trail)
        spent.append(time.process_time() - start)
    # Processor time of the fastest frames: other programs only ever make it slower.
    assert sorted(spent)[3] < 0.008


def test_the_human_window_shows_the_picture_and_closes_twice(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    import pygame

    picture = np.random.default_rng(0).integers(0, 255, (90, 120, 3), dtype=np.uint8)
    window = HumanWindow()
    window.show(picture)
    shown = pygame.surfarray.array3d(pygame.display.get_surface()).swapaxes(0, 1)
    np.testing.assert_array_equal(shown, picture)
    window.close()
    window.close()
    assert not pygame.display.get_init()


def run_python(code):
    return subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_importing_the_map_loads_neither_pygame_nor_the_learning_side():
    done = run_python(
        "import sys; import iml_robot_envs.rendering; "
        "assert 'pygame' not in sys.modules; assert 'iml_robot' not in sys.modules"
    )
    assert done.returncode == 0, done.stderr


def test_drawing_without_pygame_says_what_to_install():
    done = run_python(
        "import sys; sys.modules['pygame'] = None\n"
        "import numpy as np; from iml_robot_envs.rendering import TopDownMap\n"
        "world = TopDownMap(np.zeros((9, 9)), 0.1, (0, 0), goal=(0, 0), goal_radius_m=1)\n"
        "world.draw((0, 0, 0), np.zeros((0, 2)))"
    )
    assert "DependencyNotInstalled" in done.stderr
    assert "pip install" in done.stderr
