"""The pause menu takes part in the control steps and never moves the robot by itself."""

import itertools

import numpy as np
import pygame
import pytest
import screen_rig as rig

from iml_robot.arbitration.takeover import Takeover
from iml_robot.core.types import Mode, OperatorSignal, Request
from iml_robot.station.palette import THEMES
from iml_robot.station.pause.choices import PauseChoice, spoken
from iml_robot.station.pause.facts import PauseFacts, main_page
from iml_robot.station.pause.menu import PauseMenu
from iml_robot.station.text import Scribe

SIZES = [(1280, 720, 1.0), (1920, 1080, 1.0), (1280, 720, 1.5), (1920, 1080, 1.5)]
FULL = PauseFacts(
    reason="the computer stood still for 612 s; somebody must look first",
    episode=118,
    episodes=250,
    rewind_refused="This robot cannot be put back: its simulator keeps no snapshots.",
    version=117,
    taking_back=True,
    recorded_s=59.4,
)
REST = np.zeros(2, np.float32)
AHEAD = np.array([0.5, 0.0], np.float32)


def opened(facts=FULL, **options):
    menu = PauseMenu(**options)
    menu.follow(Mode.PAUSED, facts, 10.0)
    return menu


def press(menu, *names, at_s=11.0, requests=frozenset()):
    """Press keys one after the other; return what was chosen in the end."""
    chosen = None
    for count, name in enumerate(names):
        chosen = menu.feed(rig.tap(name), at_s + 0.05 * count, requests=requests)
    return chosen


def button(name):
    number = ["a", "b", "x", "y", "back", "guide", "start"].index(name)
    values = {"button": number, "instance_id": 3}
    return pygame.event.Event(pygame.CONTROLLERBUTTONDOWN, **values)


def test_every_choice_is_reached_with_the_arrows_and_enter():
    menu = opened(PauseFacts(version=2))
    found = {}
    for page, places in (("", range(7)), ("restart", range(3)), ("leave", range(2))):
        for place in places:
            menu.follow(Mode.AUTO, PauseFacts(version=2), 0.0)
            menu.follow(Mode.PAUSED, PauseFacts(version=2), 0.0)
            if page:
                press(menu, *["DOWN"] * (2 if page == "restart" else 6), "RETURN")
            chosen = press(menu, *["DOWN"] * place, "RETURN", at_s=20.0)
            found[page, place] = chosen
    assert set(found.values()) == {*PauseChoice, None}
    assert found["leave", 0] is None


@pytest.mark.parametrize("name", ["ESCAPE", "BACKSPACE"])
def test_back_goes_on_from_the_first_page_and_back_from_the_others(name):
    menu = opened()
    press(menu, "UP", "RETURN")
    assert press(menu, name) is None
    assert press(menu, name) is PauseChoice.RESUME


def test_the_pause_control_goes_on_wherever_it_is_bound():
    assert press(opened(), "0", requests={Request.PAUSE}) is PauseChoice.RESUME
    # Escape is such a control and a key of the menu: it counts once.
    menu = opened()
    press(menu, "UP", "RETURN")
    assert press(menu, "ESCAPE", requests={Request.PAUSE}) is None


def test_space_chooses_nothing_and_takes_back_what_is_pressed_beside_it():
    menu = opened()
    assert menu.feed([*rig.tap("RETURN"), *rig.tap("SPACE")], 11.0) is None
    assert menu.feed([button("a"), button("back")], 12.0) is None
    assert menu.feed(rig.tap("RETURN"), 13.0, requests={Request.EMERGENCY_STOP}) is None
    assert press(menu, "RETURN", at_s=14.0) is PauseChoice.RESUME


def test_a_key_that_stops_the_robot_by_the_settings_chooses_nothing():
    menu = opened(stops=("RETURN", "a"))
    assert press(menu, "RETURN") is None
    assert menu.feed([button("a")], 12.0) is None
    # Something still chooses, and what the settings say counts in an open menu, too.
    assert press(menu, "e", at_s=13.0) is PauseChoice.RESUME
    menu.stops = ("E",)
    assert press(menu, "e", at_s=14.0) is None
    assert press(menu, "RETURN", at_s=15.0) is PauseChoice.RESUME


def test_the_press_that_began_the_pause_does_not_end_it():
    assert press(opened(), "ESCAPE", at_s=10.05) is None
    assert press(opened(), "ESCAPE", at_s=10.3) is PauseChoice.RESUME


def test_outside_of_a_pause_nothing_is_chosen():
    menu = opened()
    menu.follow(Mode.ESTOP, FULL, 11.0)
    assert not menu.is_open
    assert press(menu, "RETURN", at_s=12.0) is None


def test_what_is_refused_is_not_chosen():
    assert press(opened(), "DOWN", "RETURN") is None


def test_a_pad_walks_and_chooses():
    menu = opened()
    assert menu.feed([button("a")], 11.0) is PauseChoice.RESUME
    assert menu.feed([button("start")], 12.0) is PauseChoice.RESUME


def test_keys_of_the_menu_ask_the_arbiter_for_nothing_else():
    every = OperatorSignal(REST, requests=frozenset(Request))
    passing = {Request.EMERGENCY_STOP, Request.RESET, Request.QUIT}
    assert spoken(every, None).requests == passing
    assert spoken(every, PauseChoice.RESUME).requests == passing
    keys = OperatorSignal(REST, requests=frozenset({Request.GIVE_BACK}))
    assert spoken(keys, PauseChoice.RESUME).requests == {Request.PAUSE}
    assert spoken(keys, PauseChoice.REWIND).requests == {Request.REWIND}
    assert spoken(keys, PauseChoice.SETTINGS).requests == frozenset()


def paused_while_driving(arbiter):
    """An arbiter that was paused while the operator drove."""
    arbiter.decide(REST, OperatorSignal(AHEAD, moving=True), elapsed_s=0.05)
    pause = OperatorSignal(AHEAD, moving=True, requests=frozenset({Request.PAUSE}))
    assert arbiter.decide(REST, pause, elapsed_s=0.05).mode is Mode.PAUSED


@pytest.mark.parametrize(("moving", "mode"), [(False, Mode.HUMAN), (True, Mode.HOLD)])
def test_going_on_needs_the_controls_at_rest(moving, mode):
    arbiter = Takeover(2)
    paused_while_driving(arbiter)
    # Enter, which chooses, also means to give back: that must not come through.
    keys = frozenset({Request.GIVE_BACK})
    hands = OperatorSignal(AHEAD if moving else REST, moving=moving, requests=keys)
    decision = arbiter.decide(REST, spoken(hands, PauseChoice.RESUME), elapsed_s=0.05)
    assert decision.mode is mode


def test_an_emergency_stop_comes_through_at_its_own_step():
    arbiter = Takeover(2)
    paused_while_driving(arbiter)
    stop = OperatorSignal(REST, requests=frozenset({Request.EMERGENCY_STOP}))
    decision = arbiter.decide(REST, spoken(stop, PauseChoice.RESUME), elapsed_s=0.05)
    assert decision.mode is Mode.ESTOP
    assert not decision.executed.any()


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("page", ["", "restart", "leave"])
def test_nothing_overlaps_or_is_cut_off(page, size, theme):
    width, height, scale = size
    surface = pygame.Surface((width, height))
    scribe = Scribe(surface, min(height / 720, width / 1130) * scale, THEMES[theme])
    menu = opened()
    if page:
        press(menu, *["DOWN"] * (2 if page == "restart" else 6), "RETURN")
    area = pygame.Rect(scribe.px(18), scribe.px(84), width - scribe.px(36), 0)
    area.height = height - area.top - scribe.px(18)
    scribe.write("covered", area.move(200, 200), 20)
    menu.draw(scribe, area)
    assert "covered" not in [placed.text for placed in scribe.placed]
    for placed in scribe.placed:
        assert placed.text == placed.wanted
        assert area.contains(placed.rect)
    for one, other in itertools.combinations(scribe.placed, 2):
        assert not one.rect.colliderect(other.rect), (one.text, other.text)


def test_a_click_chooses_the_line_under_the_mouse():
    menu = opened()
    surface = pygame.Surface((1280, 720))
    scribe = Scribe(surface, 1.0)
    menu.draw(scribe, pygame.Rect(18, 84, 900, 600))
    spot = next(p.rect.center for p in scribe.placed if p.text == "End the episode")
    click = pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=spot, button=1, touch=False)
    assert menu.feed([click], 11.0) is PauseChoice.END_EPISODE


@pytest.mark.parametrize("size", SIZES)
def test_every_line_of_the_first_page_is_seen_at_once(size):
    width, height, scale = size
    scribe = Scribe(
        pygame.Surface((width, height)), min(height / 720, width / 1130) * scale
    )
    area = pygame.Rect(scribe.px(18), scribe.px(84), width - scribe.px(36), 0)
    area.height = height - area.top - scribe.px(18)
    opened().draw(scribe, area)
    seen = {placed.text for placed in scribe.placed}
    assert {item.label for item in main_page(FULL)} <= seen
