"""Robots, posts and beams on the map from above."""

import numpy as np
import pytest

from iml_robot_envs.first_person_scene import BEAM
from iml_robot_envs.rendering import TopDownMap
from iml_robot_envs.rendering_terrain import map_of
from iml_robot_envs.soils import COLOURS, COLOURS_RGB, DIRT, ICE
from iml_robot_envs.terrain import Terrain

NOBODY = np.zeros((0, 2))
CELL_M = 0.2
AXIS = (np.arange(100) - 49.5) * CELL_M
X, Y = np.meshgrid(AXIS, AXIS)
GOAL = np.array([90.0, 0.0])
NORTH = (0.0, -3.0, np.pi / 2)


def terrain(heights=None, **more):
    ground = np.zeros((100, 100)) if heights is None else heights
    return Terrain(ground, CELL_M, np.zeros(3), GOAL, **more)


def drawn(robot="drone", pose=NORTH, **more):
    view = map_of(terrain(**more), goal_radius_m=1.0, robot=robot)
    return view, view.draw(pose, NOBODY, size=(700, 700))


def colour_at(view, picture, point):
    x, y = view.project(np.array([point]))[0].round().astype(int)
    return picture[y - 1 : y + 2, x - 1 : x + 2].reshape(-1, 3).astype(float).mean(axis=0)


def is_wood(colour):
    """Redder than any ground here."""
    return colour[0] > 1.25 * colour[2] and colour[0] > 1.08 * colour[1]


@pytest.mark.parametrize("yaw", np.linspace(-np.pi, np.pi, 9))
def test_a_post_is_a_wooden_disc_of_its_radius_where_project_says(yaw):
    place, radius = np.array([1.5, 0.5]), 0.35
    view, picture = drawn(pose=(0.0, 0.0, yaw), posts=np.array([[*place, radius, 9.0]]))
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    rim = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    for way in rim:
        assert is_wood(colour_at(view, picture, place + 0.5 * radius * way))
        assert not is_wood(colour_at(view, picture, place + (radius + 0.12) * way))


def test_a_post_that_is_a_bump_too_stands_on_the_ground_around_it():
    posts = np.array([[1.5, 0.5, 0.3, 0.8]])
    bump = 0.8 * np.clip((0.3 - np.hypot(X - 1.5, Y - 0.5)) / CELL_M + 0.25, 0, 1)
    _, with_bump = drawn(posts=posts, heights=bump)
    _, without = drawn(posts=posts)
    np.testing.assert_array_equal(with_bump, without)


def shadow_pixels(**more):
    _, plain = drawn()
    _, picture = drawn(**more)
    return (picture.astype(int).sum(axis=2) < 0.75 * plain.astype(int).sum(axis=2)).sum()


def test_a_taller_post_throws_a_longer_shadow():
    low, high = (shadow_pixels(posts=np.array([[1.5, 0.5, 0.3, h]])) for h in (0.3, 1.2))
    assert high > 1.3 * low


def test_a_beam_is_a_brown_bar_between_its_ends_with_the_room_under_it():
    beam = np.array([[-3.0, 1.5, 2.0, 3.0, 1.5, 2.0, 0.4]])
    view, picture = drawn(beams=beam)
    for x in (-2.8, -1.5, 1.5, 2.8):
        colour = colour_at(view, picture, (x, 1.5))
        np.testing.assert_allclose(colour, BEAM, atol=14)
    assert not is_wood(colour_at(view, picture, (3.2, 1.5)))
    assert not is_wood(colour_at(view, picture, (1.5, 2.05)))
    # "1.6 m under" is written across the middle.
    x, y = view.project(np.array([(0.0, 1.5)]))[0].round().astype(int)
    assert (picture[y - 10 : y + 10, x - 40 : x + 40] > 250).all(axis=2).sum() > 100


def test_a_beam_inside_of_a_wall_is_not_seen():
    walls = np.clip((np.abs(X) - 2.5) * 2.0, 0, 4)
    beam = np.array([[-6.0, 1.5, 1.0, 6.0, 1.5, 1.0, 0.4]])
    view, picture = drawn(beams=beam, heights=walls)
    _, bare = drawn(heights=walls)
    # The wall is higher than the beam's axis from 3 m on.
    for x in (-5.5, -4.5, 4.5, 5.5):
        there, wall = (colour_at(view, p, (x, 1.5)) for p in (picture, bare))
        np.testing.assert_allclose(there, wall, atol=12)
    np.testing.assert_allclose(colour_at(view, picture, (1.6, 1.5)), BEAM, atol=14)


def test_a_higher_beam_throws_its_shadow_farther():
    reach = []
    plain_view, plain = drawn()
    for z in (1.0, 3.0):
        _, picture = drawn(beams=np.array([[-3.0, 1.5, z, 3.0, 1.5, z, 0.1]]))
        dark = picture.astype(int).sum(axis=2) < 0.75 * plain.astype(int).sum(axis=2)
        # Light from the upper left: the shadow lies to the lower right.
        axis_row = plain_view.project(np.array([(0.0, 1.5)]))[0, 1]
        reach.append(np.nonzero(dark)[0].max() - axis_row)
    assert reach[1] > reach[0] + 25


def test_every_robot_has_a_marker_of_its_own_with_its_nose_up():
    _, rover = drawn("rover")
    view, drone = drawn("drone")
    changed = np.argwhere((rover != drone).any(axis=2))
    column, row = view.project(np.array([NORTH[:2]]))[0]
    assert len(changed) > 200
    assert np.abs(changed - (row, column)).max() < 0.5 * view.pixels_per_m
    orange = np.argwhere((np.abs(drone.astype(int) - (213, 94, 0)) < 20).all(axis=2))
    assert len(orange) > 40
    assert orange[:, 0].max() < row + 2
    # Four rotors: marks in each quarter about the middle, 0.17 m ahead and aside.
    arm = 0.17 * view.pixels_per_m
    dark = drone.astype(int).sum(axis=2) < 400
    for across in (-arm, arm):
        for down in (-arm, arm):
            x, y = round(column + across), round(row + down)
            assert dark[y - 3 : y + 4, x - 3 : x + 4].mean() > 0.2


def test_an_unknown_robot_is_refused_with_what_is_allowed():
    with pytest.raises(ValueError, match="rover, drone, got 'boat'"):
        map_of(terrain(), goal_radius_m=1.0, robot="boat")


def test_wrong_posts_are_named():
    with pytest.raises(ValueError, match=r"posts must be finite .* \(n, 4\)"):
        TopDownMap(
            np.zeros((9, 9)),
            0.2,
            (0, 0),
            goal=(0, 0),
            goal_radius_m=1,
            posts=np.zeros((2, 3)),
        )


def test_soils_are_seen_in_their_colours_with_the_line_between_them_in_place():
    soils = np.where(X > 1.0, ICE, DIRT).astype(np.uint8)
    view, picture = drawn("rover", soils=soils)
    for x, name in ((0.8, "brown"), (1.25, "white")):
        colour = colour_at(view, picture, (x, 0.5))
        np.testing.assert_allclose(colour, COLOURS_RGB[COLOURS.index(name)], atol=8)
