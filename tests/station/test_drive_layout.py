"""Nothing overlaps and nothing is cut, whatever the size of the window."""

import itertools

import pytest

from iml_robot.core.types import Link, Mode
from iml_robot.station.layout import Layout

SIZES = [(960, 600), (1280, 720), (1366, 768), (1024, 768), (1920, 1080), (2560, 1080)]


@pytest.fixture
def full_window(open_window, robot, bindings, full_status):
    return open_window(robot, bindings=bindings, status=full_status)


def disjoint(rects):
    return [
        (a, b) for a, b in itertools.combinations(rects, 2) if a.rect.colliderect(b.rect)
    ]


def resized(window, size):
    import pygame

    pygame.display.set_mode(size, pygame.RESIZABLE)
    return window


@pytest.mark.parametrize("size", [*SIZES, (640, 400), (320, 240)])
def test_the_boxes_of_the_layout_lie_in_the_window_and_apart(size):
    layout = Layout.of(size)
    boxes = [layout.banner, layout.view, layout.panel, layout.keys]
    for box in boxes:
        assert 0 <= box.left < box.right <= size[0]
        assert 0 <= box.top < box.bottom <= size[1]
    for a, b in itertools.combinations(boxes, 2):
        assert not a.colliderect(b)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", list(Mode))
def test_no_text_is_cut_or_overlaps_in_any_mode(
    full_window, make_step, full_info, size, mode
):
    window = resized(full_window, size)
    step = make_step(mode, executed=(0.5, -0.7), operator=(0.5, -0.7), countdown_s=1.4)
    window.show(step, full_info)
    assert [p.wanted for p in window.texts if p.text != p.wanted] == []
    assert disjoint(window.texts) == []
    layout = Layout.of(size)
    areas = [layout.banner, layout.view, layout.panel, layout.keys]
    for placed in window.texts:
        assert any(area.contains(placed.rect) for area in areas), placed


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("link", list(Link))
def test_the_worst_link_lines_fit(full_window, make_step, full_info, size, link):
    full_window.status.loop_rate_hz = 11.4
    window = resized(full_window, size)
    window.show(make_step(Mode.HOLD, link=link, age_s=9.999), full_info)
    assert [p.wanted for p in window.texts if p.text != p.wanted] == []
    assert disjoint(window.texts) == []


@pytest.mark.parametrize("size", SIZES)
def test_the_help_page_shows_every_key_in_full(
    full_window, bindings, make_step, full_info, size
):
    window = resized(full_window, size)
    window.help_shown = True
    window.show(make_step(), full_info)
    shown = [p.text for p in window.texts]
    for label, meaning in bindings:
        assert label in shown
        assert meaning in shown
    assert disjoint(window.texts) == []


@pytest.mark.parametrize("size", SIZES)
def test_the_pages_between_episodes_fit(open_window, robot, size):
    window = resized(open_window(robot), size)
    table = [("", "before", "after"), *[("unfamiliar terrain", "52 %", "81 %")] * 8]
    window.show_message("Session finished", ["A sentence.", *table])
    assert disjoint(window.texts) == []
    assert all(p.text == p.wanted for p in window.texts)
    screen = window.surface.get_rect()
    assert all(screen.contains(p.rect) for p in window.texts)


def test_a_reason_far_too_long_is_shortened_inside_the_banner(
    open_window, robot, make_step, full_info
):
    window = open_window(robot)
    window.show(make_step(Mode.HOLD, reason="because " * 60, countdown_s=2.0), full_info)
    reason = next(p for p in window.texts if p.wanted.startswith("because"))
    assert reason.text.endswith("…")
    assert Layout.of((1280, 720)).banner.contains(reason.rect)
    assert disjoint(window.texts) == []


def test_a_device_with_a_very_long_name_does_not_hide_the_recording(
    full_window, make_step, full_info
):
    full_window.show(make_step(device="Some Very Long Controller Name " * 4), full_info)
    assert "REC" in [p.text for p in full_window.texts]
    assert disjoint(full_window.texts) == []
