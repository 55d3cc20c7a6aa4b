"""Menus are walked through with keys, a pad and the mouse, and nothing is cut off."""

import itertools

import pygame
import pytest
import screen_rig as rig

from iml_robot.core.station_settings import DisplaySettings, StationSettings
from iml_robot.station.kept_settings import KeptSettings
from iml_robot.station.menus.menu import Item, Menu
from iml_robot.station.menus.screen import Choice, MenuScreen

ITEMS = (
    Item("drive", "Drive", note="Begin with the next episode."),
    Item("size", "Size of letters", "100 %", "Of all screens.", adjustable=True),
    Item("gone", "Policy", refused="There is no policy yet."),
    Item("leave", "Leave"),
)
SIZES = [(1280, 720, 1.0), (1920, 1080, 1.0), (1280, 720, 1.5), (1920, 1080, 1.5)]


@pytest.fixture
def pump(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield rig.ScriptedPump(monkeypatch)
    pygame.display.quit()


def shown(pump, items=ITEMS, **options):
    return MenuScreen(pump.stage(), "Menu", lambda: items, **options)


def test_the_cursor_goes_round_and_stays_on_its_line_when_lines_change():
    menu = Menu(ITEMS, "leave")
    menu.move(1)
    assert menu.current.key == "drive"
    menu.move(-2)
    assert menu.current.key == "gone"
    menu.replace([Item("first", "First"), *ITEMS])
    assert menu.current.key == "gone"
    menu.replace(ITEMS[:2])
    assert menu.current.key == "size"


def test_keys_walk_choose_and_leave(pump):
    screen = shown(pump)
    pump.at(0.2, *rig.tap("DOWN"))
    pump.at(0.4, *rig.tap("RIGHT"))
    assert screen.wait() == Choice("size", "more")
    pump.at(0.2, *rig.tap("UP"))
    pump.at(0.4, *rig.tap("RETURN"))
    assert screen.wait() == Choice("drive", "choose")
    pump.at(0.2, *rig.tap("ESCAPE"))
    assert screen.wait().action == "back"


def test_what_is_refused_says_why_and_is_not_chosen(pump):
    screen = shown(pump, start="gone")
    pump.at(0.2, *rig.tap("RETURN"))
    pump.at(0.6, closing := rig.closing())
    assert screen.wait().action == "closed"
    assert closing.type == pygame.QUIT


def test_lines_that_are_not_adjustable_do_not_react_to_left_and_right(pump):
    screen = shown(pump)
    pump.at(0.2, *rig.tap("LEFT"))
    pump.at(0.4, *rig.tap("RETURN"))
    assert screen.wait() == Choice("drive", "choose")


def test_space_which_stops_the_robot_everywhere_chooses_nothing(pump):
    screen = shown(pump)
    pump.at(0.2, *rig.tap("SPACE"))
    pump.at(0.5, *rig.tap("ESCAPE"))
    assert screen.wait().action == "back"


def test_a_click_chooses_the_line_under_the_mouse(pump):
    screen = shown(pump)
    pump.at(0.1, *rig.tap("DOWN"))
    pump.at(0.2, *rig.tap("RETURN"))
    assert screen.wait().key == "size"
    place = screen._places["leave"].center
    click = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=place, button=1, touch=False)
    pump.at(0.2, click)
    assert screen.wait() == Choice("leave", "choose")


def test_nobody_there_is_told_after_the_time(pump):
    screen = shown(pump)
    pump.at(1.5, *rig.tap("DOWN"))
    begun = pump.now_s
    assert screen.wait(timeout_s=2.0) == Choice("size", "time")
    assert pump.now_s - begun == pytest.approx(3.5, abs=0.2)


def test_a_menu_that_must_be_answered_has_no_way_back(pump):
    screen = shown(pump, back=False)
    pump.at(0.2, *rig.tap("ESCAPE"))
    pump.at(0.5, *rig.tap("RETURN"))
    assert screen.wait() == Choice("drive", "choose")


@pytest.mark.parametrize("size", SIZES)
def test_nothing_overlaps_or_is_cut_off(pump, size):
    width, height, scale = size
    settings = StationSettings(display=DisplaySettings(scale=scale))
    stage = pump.stage(size=(width, height), kept=KeptSettings(settings))

    def beside(scribe, area):
        scribe.write("beside the lines", area, 18)

    many = [*ITEMS, *(Item(f"more {k}", f"Line {k}", "a value") for k in range(20))]
    screen = MenuScreen(stage, "A long list", lambda: many, beside=beside, start="size")
    pump.at(0.3, rig.closing())
    screen.wait()
    window = stage.surface.get_rect()
    assert "beside the lines" in [placed.text for placed in stage.texts]
    for placed in stage.texts:
        assert placed.text == placed.wanted
        assert window.contains(placed.rect)
    for one, other in itertools.combinations(stage.texts, 2):
        assert not one.rect.colliderect(other.rect), (one.text, other.text)


def test_the_mouse_counts_only_once_it_was_moved(pump):
    stage = pump.stage()
    screen = MenuScreen(stage, "Menu", lambda: ITEMS)
    screen.wait(timeout_s=0.1)
    place = next(p.rect for p in stage.texts if p.text == "Size of letters").center

    def motion(x, y):
        return pygame.event.Event(pygame.MOUSEMOTION, pos=(x, y), rel=(x, y), buttons=())

    # A window that opens under the mouse is told of a motion.
    pump.at(0.2, motion(*place), motion(place[0] + 1, place[1]))
    pump.at(0.4, *rig.tap("RETURN"))
    assert screen.wait() == Choice("drive", "choose")
    pump.at(0.2, motion(place[0] + 8, place[1]))
    pump.at(0.4, *rig.tap("RETURN"))
    assert screen.wait() == Choice("size", "choose")
