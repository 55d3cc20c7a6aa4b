"""Dials show what the robot tells, mark what needs a look, and lean the right way."""

import math

import numpy as np
import pygame
import pytest

from iml_robot.core.types import Ask
from iml_robot.station.instruments.confidence import Level, colour_of, confidence_of
from iml_robot.station.instruments.gauges import gauges_of, most_important
from iml_robot.station.instruments.horizon import ground_outline
from iml_robot.station.overlay import draw_dotted
from iml_robot.station.status import SessionStatus
from iml_robot.station.text import Scribe

ALL = {
    "roll": 0.1,
    "pitch": 0.0,
    "speed": 0.5,
    "wheel_speed": 0.55,
    "heading": 0.0,
    "distance_to_goal": 12.0,
    "goal_bearing": 0.3,
    "edge_distance": 9.0,
    "stopping_distance": 1.0,
    "height": 1.8,
    "ceiling": 4.5,
    "wind": (0.0, 3.0, 0.0),
}


def gauges(status=None, **told):
    return {g.kind: g for g in gauges_of({**ALL, **told}, status or SessionStatus())}


def test_what_nobody_tells_has_no_dial():
    assert gauges_of({"speed": None, "roll": math.nan, "wind": 3}, SessionStatus()) == []
    kinds = set(gauges())
    assert kinds == {"attitude", "speed", "slip", "height", "wind", "goal", "fence"}
    assert "steps" in gauges(SessionStatus(step_limit=100))


@pytest.mark.parametrize(
    ("kind", "fine", "wrong"),
    [
        ("attitude", {"roll": 0.3}, {"roll": 0.3, "pitch": 0.3}),
        ("slip", {"wheel_speed": 0.75}, {"wheel_speed": 0.85}),
        ("fence", {"edge_distance": 1.6}, {"edge_distance": 1.4}),
        ("height", {"height": 0.7}, {"height": 0.5}),
        ("height", {"height": 3.8}, {"height": 4.0}),
    ],
)
def test_what_needs_a_look_says_so_in_words(kind, fine, wrong):
    assert not gauges(**fine)[kind].marked
    assert gauges(**wrong)[kind].caption.startswith("! ")


def test_the_steps_left_are_told_as_time():
    status = SessionStatus(step=1100, step_limit=1200, control_dt_s=0.05)
    battery = gauges(status)["steps"]
    assert battery.value == "5 s"
    assert battery.figures == (pytest.approx(1 / 12),)
    assert battery.marked


def test_wind_is_shown_as_the_robot_feels_it():
    # Heading north-west, a wind to the north goes to the right by 45 degrees.
    towards, strength = gauges(heading=math.radians(135))["wind"].figures
    assert math.degrees(towards) == pytest.approx(-45)
    assert strength == pytest.approx(3.0)


def test_where_room_is_short_a_dial_that_needs_a_look_stays():
    told = gauges_of({**ALL, "edge_distance": 0.2}, SessionStatus())
    kept = [g.kind for g in most_important(told, 3)]
    assert "fence" in kept
    assert len(kept) == 3
    assert kept == [g.kind for g in told if g.kind in kept]


def heights(**angles):
    """Heights of both ends of the horizon over the middle: (left, right)."""
    outline = ground_outline((0, 0), 10.0, **angles)
    ends = sorted([outline[0], outline[-1]])
    return -ends[0][1], -ends[1][1]


def test_the_horizon_is_level_when_the_robot_is():
    assert heights(roll=0.0, pitch=0.0) == pytest.approx((0, 0), abs=1e-9)


def test_the_horizon_rises_when_the_nose_goes_down():
    left, right = heights(roll=0.0, pitch=math.radians(22.5))
    assert (left, right) == pytest.approx((5.0, 5.0))


def test_the_horizon_is_higher_at_the_right_when_the_right_side_is_down():
    left, right = heights(roll=math.radians(30), pitch=0.0)
    assert (left, right) == pytest.approx((-5.0, 5.0))


@pytest.mark.parametrize("pitch", [-3.0, 3.0])
def test_a_robot_on_its_nose_still_sees_sky_and_ground(pitch):
    outline = np.array(ground_outline((0, 0), 10.0, roll=0.0, pitch=pitch))
    x, y = outline.T
    area = 0.5 * abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))
    assert 0.005 < area / (math.pi * 100) < 0.995


@pytest.mark.parametrize(
    ("p_help", "level"),
    [(0.0, Level.SURE), (0.09, Level.SURE), (0.11, Level.UNSURE), (0.21, Level.LOST)],
)
def test_confidence_is_judged_by_where_the_robot_asks(p_help, level):
    sure = confidence_of(Ask(p_help=p_help), SessionStatus(ask_threshold=0.2))
    assert sure.level is level
    assert sure.share == pytest.approx(1 - p_help)
    assert sure.limit == pytest.approx(0.8)


def test_without_a_probability_the_disagreement_counts_and_else_nothing_is_said():
    assert confidence_of(Ask(), SessionStatus()) is None
    agreed = confidence_of(Ask(), SessionStatus(doubt=0.06))
    assert agreed.level is Level.SURE
    assert not agreed.probable
    torn = confidence_of(Ask(), SessionStatus(doubt=0.5))
    assert torn.level is Level.LOST
    assert torn.share < agreed.share


def test_who_asks_for_help_is_not_sure_whatever_the_figure():
    assert confidence_of(Ask(asking=True, p_help=0.01), SessionStatus()).level is Level.LOST


def test_the_less_sure_the_policy_is_the_fewer_dots_its_path_has_and_open_ones():
    dots = {}
    for level in (None, *Level):
        surface = pygame.Surface((300, 40))
        surface.fill((120, 120, 120))
        scribe = Scribe(surface, 1.0)
        colour = colour_of(level, scribe.theme)
        draw_dotted(scribe, np.array([[20.0, 20.0], [280.0, 20.0]]), colour, level)
        line = pygame.surfarray.array3d(surface)[:, 20].astype(int)
        inked = np.abs(line - colour).max(axis=1) < 30
        runs = int(np.count_nonzero(np.diff(inked.astype(int)) == 1))
        # A line through an open dot crosses its ring twice.
        is_open = not inked[20]
        assert is_open is (level in (Level.UNSURE, Level.LOST))
        dots[level] = runs / (2 if is_open else 1)
    # 260 pixels hold so many gaps, and a dot at the begin.
    assert dots == {None: 21, Level.SURE: 21, Level.UNSURE: 14, Level.LOST: 10}


def test_the_policy_card_names_the_file_and_says_where_it_would_ask(
    open_window, robot, make_step
):
    window = open_window(robot)
    status = window.status
    status.policy_name, status.policy_version = "slopes", 4
    status.policy_hash, status.ask_threshold = "a41fc09b77d2", 0.25
    window.show(make_step(p_help=0.3), {})
    shown = [p.text for p in window.texts]
    for text in ("slopes v4", "a41fc09b", "! 70% sure", "asks below 75%"):
        assert text in shown


def test_learning_is_a_bar_and_then_a_verdict_with_the_way_back(
    open_window, robot, make_step
):
    window = open_window(robot)
    window.status.learning = 0.43
    window.show(make_step(), {})
    assert "learning 43%" in [p.text for p in window.texts]
    window.status.learning = None
    for verdict, way_back in (("accepted", True), ("refused", False)):
        window.status.verdict = f"policy 3 {verdict}: copes with 41 of 44 moments"
        window.show(make_step(), {})
        shown = [p.text for p in window.texts]
        assert f"policy 3 {verdict}" in shown
        assert "copes with 41 of 44 moments" in shown
        assert ("F8 takes it back" in shown) is way_back


@pytest.mark.parametrize(
    ("age_s", "text"),
    [(0.02, "input 20 ms"), (0.12, "! input 120 ms"), (0.2, "!! input 200 ms")],
)
def test_old_input_is_marked_twice_before_it_is_lost(
    open_window, robot, make_step, age_s, text
):
    window = open_window(robot)
    window.show(make_step(age_s=age_s), {})
    assert text in [p.text for p in window.texts]


@pytest.mark.parametrize(
    ("free", "text"),
    [(41.4e9, "41 GB left"), (3.21e12, "3.2 TB left"), (812e6, "! 812 MB left")],
)
def test_a_disk_that_fills_up_is_marked(open_window, robot, make_step, free, text):
    window = open_window(robot)
    window.status.disk_free_bytes = free
    window.show(make_step(), {})
    assert text in [p.text for p in window.texts]
