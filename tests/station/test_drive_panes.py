"""Which view of the world is where, and what happens where pictures take long."""

import numpy as np
import pygame
import pytest
import screen_rig as rig

from iml_robot.core.station_settings import (
    ControlSettings,
    DisplaySettings,
    StationSettings,
)
from iml_robot.core.types import Mode
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.layout import Layout
from iml_robot.station.panes import MOST_S, Panes, arranged
from iml_robot.station.picture import WorldPicture
from iml_robot.station.text import Scribe
from iml_robot.station.window_controls import WindowControls

PAD = {"button": pygame.CONTROLLER_BUTTON_RIGHTSTICK, "instance_id": 0}
CLICK = tuple(
    pygame.event.Event(kind, PAD)
    for kind in (pygame.CONTROLLERBUTTONDOWN, pygame.CONTROLLERBUTTONUP)
)
AREA = pygame.Rect(19, 85, 896, 456)
MAP, FIRST_PERSON = 120, 60
"""Shades of the two views of the drone of these tests."""


def shades(window):
    """How much of the picture is of which shade: (map, first person)."""
    view = Layout.of((1280, 720)).view
    image = pygame.surfarray.array3d(window.surface).astype(int)
    part = image[view.left : view.right, view.top : view.bottom]
    return [(abs(part - shade) < 3).all(axis=2).mean() for shade in (MAP, FIRST_PERSON)]


def opened(open_window, drone, view="both"):
    kept = KeptSettings(StationSettings(display=DisplaySettings(view=view)))
    return open_window(drone, kept=kept, first_run=False)


def step_of(make_step, **changes):
    return make_step(policy=[0.0] * 4, executed=[0.0] * 4, **changes)


def test_side_by_side_both_are_as_wide_and_do_not_touch():
    left, right = arranged(AREA, "both", 6)
    assert (left.view, right.view) == ("first_person", "map")
    assert left.area.width == right.area.width == (896 - 6) // 2
    assert right.area.left - left.area.right == 6
    assert AREA.contains(left.area)
    assert AREA.contains(right.area)


@pytest.mark.parametrize("large", ["map", "first_person"])
def test_one_large_view_has_the_other_in_its_corner(large):
    first, second = arranged(AREA, large, 6)
    assert first.view == large
    assert first.area == AREA
    assert second.small
    assert second.view != large
    assert first.area.contains(second.area)
    assert second.area.width * second.area.height < 0.2 * AREA.width * AREA.height


@pytest.mark.parametrize("view", ["both", "map", "first_person"])
def test_the_window_begins_with_the_arrangement_that_the_person_likes(
    open_window, drone, make_step, view
):
    window = opened(open_window, drone, view)
    window.show(step_of(make_step), {})
    of_map, of_robot = shades(window)
    if view == "both":
        assert of_map == pytest.approx(of_robot, rel=0.1)
    else:
        assert bool(of_map > 3 * of_robot) is (view == "map")
        assert min(of_map, of_robot) > 0.02


@pytest.mark.parametrize(
    "pressed",
    [
        (rig.tap("c"), {}),
        (CLICK, {}),
        (rig.tap("v"), {"keys": {"drone": {"view": ["V"]}}}),
        (CLICK, {"buttons": {"view": ["rightstick"], "help": ["y"]}}),
    ],
    ids=["C", "right stick", "own key", "own button"],
)
def test_a_key_or_a_button_goes_round_the_arrangements(
    open_window, drone, make_step, pump, pressed
):
    window, (events, own) = opened(open_window, drone), pressed
    window.controls = WindowControls("drone", ControlSettings.model_validate(own))
    seen = []
    pump.events = events
    for _ in range(3):
        window.show(step_of(make_step), {})
        seen.append(window.arrangement)
    assert seen == ["map", "first_person", "both"]


def test_a_key_that_steers_does_not_switch_views_as_well(
    open_window, drone, make_step, pump
):
    window = opened(open_window, drone)
    window.controls = WindowControls("drone", taken={"C", "V"})
    pump.events = rig.tap("c")
    window.show(step_of(make_step), {})
    assert window.arrangement == "both"
    assert window.controls.label("view") == "right stick click"


def test_the_environment_keeps_the_view_that_it_had(open_window, drone, make_step):
    window = opened(open_window, drone)
    window.prepare()
    window.show(step_of(make_step), {})
    assert drone.view == "map"


def test_an_environment_with_one_view_has_one_picture_and_no_key_for_more(
    open_window, robot, make_step, pump
):
    window = open_window(robot, first_run=False)
    pump.events = rig.tap("c")
    window.help_shown = True
    window.show(make_step(), {})
    assert "C" not in [p.text for p in window.texts]
    assert window.arrangement == "both"
    robot.view = "somebody else's word"
    assert not Panes(robot).several


def test_pictures_that_take_long_take_turns(drone, make_step):
    clock, rendered = [0.0], []

    def slow():
        clock[0] += 0.8 * MOST_S
        rendered.append(drone.view)
        return np.full((300, 400, 3), 90, np.uint8)

    drone.render = slow
    panes = Panes(drone, clock=lambda: clock[0])
    scribe = Scribe(pygame.Surface((1280, 720)), 1.0)
    for _ in range(5):
        panes.draw(scribe, AREA, step_of(make_step), arrangement="both", confidence=None)
    # Both at the first step, which shows that they take too long, then one a step.
    assert len(rendered) == 2 + 4
    assert rendered[2:] in (
        ["map", "first_person"] * 2,
        ["first_person", "map"] * 2,
    )


def test_what_the_robot_sees_costs_no_more_in_a_large_window(drone):
    sizes = []
    drone.render_size = (1, 1)

    def sized():
        width, height = drone.render_size
        sizes.append((width, height))
        return np.zeros((height, width, 3), np.uint8)

    drone.render = sized
    for view in ("first_person", "map"):
        picture = WorldPicture(drone, view)
        picture.render(pygame.Rect(0, 0, 1600, 900))
        # Wherever it was drawn smaller, its corner is the corner of the box.
        corner = picture.to_screen(np.array([sizes[-1]], dtype=float))
        np.testing.assert_allclose(corner, [[1600, 900]], atol=2)
    assert sizes[0][0] * sizes[0][1] <= 361_000
    assert sizes[0][0] / sizes[0][1] == pytest.approx(16 / 9, rel=0.01)
    assert sizes[1] == (1600, 900)


def test_a_path_that_goes_behind_the_lens_is_drawn_as_far_as_it_is_seen(
    open_window, drone, make_step
):
    drone.project = lambda points: np.vstack(
        [[[200.0, 250.0], [200.0, 220.0], [200.0, 150.0]], np.full((2, 2), np.nan)]
    )
    window = opened(open_window, drone)
    window.show(step_of(make_step, mode=Mode.HUMAN), {})
    assert "policy = applied" in [p.text for p in window.texts]
