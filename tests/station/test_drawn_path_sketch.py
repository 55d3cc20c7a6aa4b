"""The mouse draws on the ground that the map shows."""

import gymnasium as gym
import numpy as np
import pygame
import pytest
from input_rig import InputRig

from iml_robot.core.types import Mode
from iml_robot.operators.drawing.path import DrawnPath
from iml_robot.robots.environment import extra, make_env
from iml_robot.station.paths.ground import Ground
from iml_robot.station.paths.overlay import LABEL, SketchOverlay
from iml_robot.station.paths.sketch import (
    CROSSED,
    CROSSES,
    NO_MAP,
    STOPPED,
    WORDS_S,
    Sketch,
)
from iml_robot.station.text import Scribe


class Plain(gym.Env):
    """An environment of somebody else, without a map."""


class Robot(Plain):
    """A map with its origin at pixel (200, 200) and 50 pixels to the metre."""

    def project(self, points):
        return np.array([200, 200]) + np.asarray(points) * (50, -50)


AREA = pygame.Rect(100, 50, 400, 300)


def turned(points):
    """A map that is turned by 30 degrees, 40 pixels to the metre."""
    cosine, sine = np.cos(np.pi / 6), np.sin(np.pi / 6)
    return 40 * np.asarray(points) @ [[cosine, sine], [sine, -cosine]] + [250, 180]


@pytest.mark.parametrize("name", ["RoverRocks", "DroneForest"])
def test_the_ground_under_a_pixel_is_the_point_that_is_shown_there(name):
    env = make_env(f"iml_robot_envs:iml/{name}-v0", render_mode="rgb_array")
    env.reset(seed=0, options={"level": 0, "split": "train", "index": 2})
    height, width = env.render().shape[:2]
    project = extra(env, "project")
    ground = Ground.seen(project, pygame.Rect(0, 0, width, height))
    pixels = np.random.default_rng(0).uniform(0, (width, height), (50, 2))
    np.testing.assert_allclose(project(ground.at(pixels)), pixels, atol=0.01)
    np.testing.assert_allclose(ground.shown(ground.at(pixels)), pixels, atol=1e-6)
    env.close()


def test_what_a_camera_sees_is_no_map():
    env = make_env("iml_robot_envs:iml/RoverRocks-v0", render_mode="rgb_array")
    env.reset(seed=0, options={"level": 0, "split": "train", "index": 2})
    env.unwrapped.view = "first_person"
    height, width = env.render().shape[:2]
    assert Ground.seen(extra(env, "project"), pygame.Rect(0, 0, width, height)) is None
    env.close()


@pytest.mark.parametrize(
    "to_screen",
    [
        lambda points: np.zeros((len(points), 2)),
        lambda points: np.full((len(points), 2), np.nan),
        lambda points: 50 * points / (1 + 0.2 * points[:, :1] ** 2),
    ],
)
def test_a_projection_that_cannot_be_turned_back_is_no_map(to_screen):
    assert Ground.seen(to_screen, AREA) is None


class Desk:
    """A mouse over a sketch, with a window that shows the turned map."""

    def __init__(self, rig, mode=Mode.AUTO, ground=True):
        self.rig, self.sketch = rig, Sketch(rig.pump)
        self.ground = Ground.seen(turned, AREA) if ground else None
        self.sketch.look(self.ground, AREA, mode)

    def mouse(self, kind, *place, button=1):
        which = {"buttons": (1, 0, 0)} if kind == pygame.MOUSEMOTION else {"button": button}
        pygame.event.post(pygame.event.Event(kind, pos=place, **which))

    def drag(self, *places, button=1):
        self.mouse(pygame.MOUSEBUTTONDOWN, *places[0], button=button)
        for place in places[1:]:
            self.mouse(pygame.MOUSEMOTION, *place)
        self.rig.step()

    def let_go(self, *place):
        self.mouse(pygame.MOUSEBUTTONUP, *place)
        self.rig.step()
        return self.sketch.take()


@pytest.fixture
def rig():
    with InputRig() as rig:
        yield rig


def test_a_drag_becomes_a_line_on_the_ground_when_the_button_is_let_go(rig):
    desk = Desk(rig)
    desk.drag((250, 180), (270, 180), (300, 200))
    assert desk.sketch.take() is None
    assert len(desk.sketch.line) == 3
    stroke = desk.let_go(300, 220)
    np.testing.assert_allclose(
        turned(stroke.points), [(250, 180), (270, 180), (300, 200), (300, 220)]
    )
    assert not stroke.paused
    assert (desk.sketch.take(), desk.sketch.line) == (None, [])


def test_a_map_that_moves_under_the_mouse_leaves_the_line_on_the_ground(rig):
    desk = Desk(rig)
    desk.drag((250, 180), (270, 180))
    moved = Ground.seen(lambda points: turned(points) + np.array([30, 0]), AREA)
    desk.sketch.look(moved, AREA, Mode.AUTO)
    stroke = desk.let_go(310, 180)
    np.testing.assert_allclose(turned(stroke.points), [(250, 180), (270, 180), (280, 180)])


def test_a_line_drawn_in_a_pause_says_so(rig):
    desk = Desk(rig, Mode.PAUSED)
    desk.drag((250, 180), (290, 180))
    assert desk.let_go(330, 180).paused


def test_only_the_left_button_draws_and_only_on_the_map(rig):
    desk = Desk(rig)
    desk.drag((250, 180), (290, 180), button=3)
    assert desk.let_go(330, 180) is None
    desk.drag((20, 20), (290, 180))
    assert desk.let_go(330, 180) is None
    desk.drag((250, 180), (900, 180), (290, 180))
    assert len(desk.let_go(290, 180).points) == 2


@pytest.mark.parametrize("end", ["escape", "focus"])
def test_escape_and_a_lost_focus_drop_the_line(rig, end):
    desk = Desk(rig)
    desk.drag((250, 180), (290, 180))
    if end == "escape":
        rig.tap("ESCAPE")
    else:
        rig.focus(gained=False)
    rig.step()
    assert desk.let_go(330, 180) is None


@pytest.mark.parametrize(
    ("shown", "words"), [({"ground": False}, NO_MAP), ({"mode": Mode.ESTOP}, STOPPED)]
)
def test_without_a_map_and_in_an_emergency_stop_it_is_said_why_nothing_is_drawn(
    rig, shown, words
):
    desk = Desk(rig, **shown)
    desk.drag((250, 180), (290, 180))
    assert desk.sketch.words == words
    assert desk.let_go(330, 180) is None
    rig.step(10.0)
    assert desk.sketch.words == ""


def test_on_another_screen_the_mouse_draws_nothing(rig):
    desk = Desk(rig)
    rig.step(1.0)
    desk.drag((250, 180), (290, 180))
    assert desk.let_go(330, 180) is None
    desk.sketch.look(desk.ground, AREA, Mode.AUTO)
    desk.drag((250, 180), (290, 180))
    assert desk.let_go(330, 180) is not None


class Screen:
    """A surface with the overlay of an environment on it."""

    def __init__(self, rig, env, size=(1280, 720), unit=1.0):
        self.surface = pygame.Surface(size)
        self.surface.fill((128, 128, 128))
        self.area = pygame.Rect(20, 90, size[0] - 400, size[1] - 160)
        self.sketch = Sketch(rig.pump)
        self.overlay = SketchOverlay(env, self.sketch)
        self.scribe = Scribe(self.surface, unit)

    def draw(self):
        corner = np.array(self.area.topleft)
        self.overlay.measure(self.area, lambda pixels: pixels + corner)
        self.overlay.draw(self.scribe, self.area, mode=Mode.AUTO)

    def ink(self):
        colour = np.array(self.scribe.theme.operator)
        return int((pygame.surfarray.array3d(self.surface) == colour).all(axis=2).sum())


def test_the_way_is_drawn_where_it_lies_and_loses_what_was_driven(rig):
    screen = Screen(rig, Robot())
    screen.draw()
    assert screen.ink() == 0
    path = DrawnPath.of([[0, 0], [0, 3]])
    screen.sketch.follow(path, 0.0, "")
    screen.draw()
    colour, start, end = tuple(screen.scribe.theme.operator), (220, 290), (220, 140)
    assert screen.surface.get_at(start)[:3] == colour
    assert screen.surface.get_at(end)[:3] == colour
    driven = Screen(rig, Robot())
    driven.sketch.follow(path, 2.0, "")
    driven.draw()
    assert driven.surface.get_at(start)[:3] != colour
    assert driven.surface.get_at(end)[:3] == colour


@pytest.mark.parametrize("end", [(0, 3), (60, 60), (-60, -60), (60, -60)])
@pytest.mark.parametrize(("size", "unit"), [((1280, 720), 1.0), ((1920, 1080), 2.25)])
def test_the_name_of_the_way_stays_whole_and_on_the_map(rig, size, unit, end):
    screen = Screen(rig, Robot(), size, unit)
    screen.sketch.follow(DrawnPath.of([(0, 0), end]), 0.0, "")
    screen.draw()
    (placed,) = [text for text in screen.scribe.placed if text.wanted == LABEL]
    assert placed.text == LABEL
    assert screen.area.contains(placed.rect)


def test_a_path_that_leads_off_the_map_is_not_drawn_over_what_is_beside_it(rig):
    screen = Screen(rig, Robot())
    screen.sketch.follow(DrawnPath.of([(0, 0), (90, 10)]), 0.0, "")
    screen.draw()
    beside = screen.surface.subsurface((screen.area.right, 0, 300, 720))
    assert (pygame.surfarray.array3d(beside) == 128).all()


def test_an_environment_without_a_map_shows_no_way_and_takes_no_line(rig):
    screen = Screen(rig, Plain())
    screen.sketch.follow(DrawnPath.of([[0, 0], [0, 3]]), 0.0, "")
    screen.draw()
    assert screen.ink() == 0


class Walled(Robot):
    """A wall from 1 to 2 m north of the origin."""

    asked = 0

    def in_the_way(self, points):
        self.asked += len(points)
        return ["a wall" if 1 < y < 2 else "" for _, y in points]


def test_a_path_through_what_is_in_the_way_has_crosses_there_and_is_said_once(rig):
    env = Walled()
    screen, free = Screen(rig, env), Screen(rig, Robot())
    path = DrawnPath.of([[0, 0], [0, 3]])
    for one in (screen, free):
        one.sketch.follow(path, 0.0, "The robot drives along your path.")
        one.draw()
    assert screen.sketch.words == CROSSED.format("a wall")
    assert free.sketch.words == "The robot drives along your path."
    with_wall, without = (pygame.surfarray.array3d(s.surface) for s in (screen, free))
    changed = np.argwhere((with_wall != without).any(axis=2))
    # The map shows y = 0 at row 290, 50 pixels to the metre; a cross reaches some further.
    assert len(changed) > 100
    rows = 290 - 2 * 50, 290 - 1 * 50
    assert rows[0] - 14 < changed[:, 1].min() < changed[:, 1].max() < rows[1] + 14
    rig.step(dt_s=WORDS_S)
    screen.draw()
    assert screen.sketch.words == ""
    assert env.asked == len(path.points)


def test_a_line_that_meets_something_says_so_while_it_is_drawn(rig):
    screen = Screen(rig, Walled())
    screen.sketch.line = [np.array([0.0, y]) for y in (0.0, 1.5)]
    screen.draw()
    assert screen.sketch.words == CROSSES.format("a wall")
