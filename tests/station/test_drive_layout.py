"""Nothing overlaps and nothing is cut, whatever the size of the window and its letters."""

import itertools

import pygame
import pytest
import screen_rig as rig

from iml_robot.core.station_settings import DisplaySettings, StationSettings
from iml_robot.core.types import Link, Mode
from iml_robot.devices.input.pump import EventPump
from iml_robot.devices.keyboard import Keyboard
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.layout import Layout
from iml_robot.station.legend import WAYS_OUT
from iml_robot.station.panel import panel_pages
from iml_robot.station.text import Scribe

SIZES = [(960, 600), (1280, 720), (1366, 768), (1024, 768), (1920, 1080), (2560, 1080)]
USUAL, LARGE = ((1280, 720), 1.0), ((1280, 720), 1.5)
SCALED = [*((size, 1.0) for size in SIZES), LARGE, ((1920, 1080), 1.5)]
"""Sizes of the window [pixels] and of the letters."""
CARDS = ["COMMAND", "POLICY", "LEARNING", "SESSION", "LINK"]


@pytest.fixture
def shown(open_window, bindings, full_status):
    """Opens a window with everything that can be in it, in some size."""

    def make(env, at, **display):
        size, scale = at
        liked = DisplaySettings(scale=scale, **display)
        kept = KeptSettings(StationSettings(display=liked))
        window = open_window(env, bindings=bindings, status=full_status, kept=kept)
        pygame.display.set_mode(size, pygame.RESIZABLE)
        return window

    return make


@pytest.fixture
def worst(make_step, full_info):
    """Makes a step with the longest texts of an environment, and its info."""
    return lambda *args, **changes: (make_step(*args, **changes), full_info)


def disjoint(rects):
    return [
        (a, b) for a, b in itertools.combinations(rects, 2) if a.rect.colliderect(b.rect)
    ]


def cut(window):
    return [p.wanted for p in window.texts if p.text != p.wanted]


def assert_tidy(window, at):
    """Every text is whole, meets no other, and lies in one box of the layout."""
    assert cut(window) == []
    assert disjoint(window.texts) == []
    layout = Layout.of(*at)
    areas = [layout.banner, layout.view, layout.dials, layout.panel, layout.keys]
    for placed in window.texts:
        assert any(area.contains(placed.rect) for area in areas), placed


@pytest.mark.parametrize("size", [*SIZES, (640, 400), (320, 240)])
@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("dials", [True, False])
def test_the_boxes_of_the_layout_lie_in_the_window_and_apart(size, scale, dials):
    layout = Layout.of(size, scale, dials=dials)
    boxes = [layout.banner, layout.view, layout.panel, layout.keys]
    boxes += [layout.dials] if dials else []
    for box in boxes:
        assert 0 <= box.left < box.right <= size[0]
        assert 0 <= box.top < box.bottom <= size[1]
    for a, b in itertools.combinations(boxes, 2):
        assert not a.colliderect(b)


@pytest.mark.parametrize("at", SCALED)
@pytest.mark.parametrize("mode", list(Mode))
def test_no_text_is_cut_or_overlaps_in_any_mode(shown, robot, worst, at, mode):
    window = shown(robot, at)
    command = (0.5, -0.7)
    window.show(*worst(mode, executed=command, operator=command, countdown_s=1.4))
    assert_tidy(window, at)


@pytest.mark.parametrize("at", SCALED)
@pytest.mark.parametrize("view", ["both", "map", "first_person"])
def test_no_text_is_cut_with_every_dial_and_any_arrangement(shown, drone, worst, at, view):
    window = shown(drone, at, view=view)
    window.sounds.play("hold")
    window.status.notice = "Learning stopped and was started again."
    actions = {"policy": (0.9, 0.2, 0.1, 0.5), "executed": (0.5, -0.7, 0.0, 0.1)}
    window.show(*worst(Mode.ASKING, **actions, countdown_s=2.8, p_help=0.34, asking=True))
    assert_tidy(window, at)


@pytest.mark.parametrize("theme", ["light", "contrast"])
def test_letters_take_the_same_room_in_every_theme(shown, drone, worst, theme):
    window = shown(drone, USUAL, theme=theme)
    window.show(*worst(policy=[0.5] * 4, executed=[0.5] * 4, p_help=0.1))
    assert_tidy(window, USUAL)


@pytest.mark.parametrize("at", [*SCALED, ((1280, 720), 2.0)])
def test_every_card_is_on_one_page_of_the_panel(shown, robot, at):
    window = shown(robot, at)
    layout = Layout.of(*at)
    pages = panel_pages(Scribe(window.surface, layout.unit), layout.panel)
    assert sorted(itertools.chain(*pages)) == sorted(CARDS)
    # What is wrong with the link or the policy is never on a later page.
    assert {"LINK", "POLICY"} <= set(pages[0])
    assert (len(pages) == 1) is (at[1] == 1.0)


def test_tab_turns_the_pages_where_letters_are_large(shown, robot, worst, pump):
    window = shown(robot, LARGE)
    seen = []
    for _ in range(3):
        window.show(*worst())
        assert_tidy(window, LARGE)
        seen.append({p.text for p in window.texts} & set(CARDS))
        pump.events = rig.tap("TAB")
    assert seen[0] | seen[1] == set(CARDS)
    assert not seen[0] & seen[1]
    assert seen[2] == seen[0]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("link", list(Link))
def test_the_worst_link_lines_fit(shown, robot, worst, size, link):
    window = shown(robot, (size, 1.0))
    window.status.loop_rate_hz = 11.4
    window.show(*worst(Mode.HOLD, link=link, age_s=9.999))
    assert cut(window) == []
    assert disjoint(window.texts) == []


@pytest.mark.parametrize("at", SCALED)
@pytest.mark.parametrize("doubled", [False, True])
def test_the_help_page_shows_every_key_in_full(shown, drone, worst, at, doubled):
    window = shown(drone, at)
    if doubled:
        pad = [(label, f"{meaning}!") for label, meaning in window.bindings]
        window.bindings = (*window.bindings, *pad)
    window.help_shown = True
    window.show(*worst(policy=[0.5] * 4, executed=[0.5] * 4))
    shown_texts = [p.text for p in window.texts]
    for label, meaning in window.bindings:
        assert label in shown_texts
        assert meaning in shown_texts
    assert "C" in shown_texts
    assert cut(window) == []
    assert disjoint(window.texts) == []
    screen = window.surface.get_rect()
    assert all(screen.contains(p.rect) for p in window.texts)


@pytest.mark.parametrize("scale", [1.0, 1.5])
@pytest.mark.parametrize("mode", list(Mode))
def test_the_emergency_stop_is_among_the_keys_in_every_state(
    shown, robot, worst, mode, scale
):
    window = shown(robot, ((1280, 720), scale))
    window.show(*worst(mode))
    keys = Layout.of((1280, 720), scale).keys
    assert "Space" in [p.text for p in window.texts if keys.contains(p.rect)]


@pytest.mark.parametrize("mode", [Mode.HUMAN, Mode.ASKING, Mode.ESTOP, Mode.PAUSED])
def test_the_way_out_of_a_state_is_shown_in_large_letters_too(shown, robot, worst, mode):
    window = shown(robot, LARGE)
    window.bindings = Keyboard(EventPump()).bindings()
    window.show(*worst(mode))
    keys = Layout.of(*LARGE).keys
    strip = [p.text for p in window.texts if keys.contains(p.rect)]
    assert any(WAYS_OUT[mode] in text for text in strip), strip
    assert_tidy(window, LARGE)


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_between_episodes_fit(shown, robot, size):
    window = shown(robot, (size, 1.0))
    table = [("", "before", "after"), *[("unfamiliar terrain", "52 %", "81 %")] * 8]
    window.show_message("Session finished", ["A sentence.", *table])
    assert disjoint(window.texts) == []
    assert cut(window) == []
    screen = window.surface.get_rect()
    assert all(screen.contains(p.rect) for p in window.texts)


def test_a_reason_far_too_long_is_shortened_inside_the_banner(
    open_window, robot, make_step, full_info
):
    window = open_window(robot)
    window.show(make_step(Mode.HOLD, reason="because " * 60, countdown_s=2.0), full_info)
    lines = [p for p in window.texts if p.wanted.startswith("because")]
    assert [line.text.endswith("…") for line in lines] == [False, True]
    banner = Layout.of((1280, 720)).banner
    assert all(banner.contains(line.rect) for line in lines)
    assert disjoint(window.texts) == []


def test_a_device_with_a_very_long_name_does_not_hide_the_recording(shown, robot, worst):
    window = shown(robot, USUAL)
    window.show(*worst(device="Some Very Long Controller Name " * 4))
    assert "REC 1187" in [p.text for p in window.texts]
    assert disjoint(window.texts) == []
