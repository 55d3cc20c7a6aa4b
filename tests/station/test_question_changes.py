"""What came of the answers is shown until somebody goes on."""

import pygame
import pytest
from screen_rig import change, closing, key

from iml_robot.station.changes import Change, ChangeScreen


@pytest.fixture
def pump(scripted_pump):
    return scripted_pump


@pytest.mark.parametrize(
    "event",
    [
        key("SPACE"),
        key("z"),
        pygame.event.Event(pygame.MOUSEBUTTONDOWN, button=1, pos=(5, 5)),
        pygame.event.Event(pygame.CONTROLLERBUTTONDOWN, button=0, instance_id=0),
    ],
)
def test_any_press_goes_on(stage, pump, event):
    pump.at(1.0, event)
    assert ChangeScreen(stage).show(change())
    assert pump.now_s == pytest.approx(1.0, abs=0.1)


def test_a_press_that_was_meant_for_the_screen_before_does_not_go_on(stage, pump):
    pump.at(0.2, key("LEFT"))
    pump.at(2.0, key("LEFT"))
    assert ChangeScreen(stage).show(change())
    assert pump.now_s == pytest.approx(2.0, abs=0.1)


def test_a_closed_window_ends_it(stage, pump):
    pump.at(1.0, closing())
    assert not ChangeScreen(stage).show(change())
    assert stage.closed


def test_it_ends_after_a_time_if_one_is_given(stage, pump):
    assert not ChangeScreen(stage).show(change(), timeout_s=1.5)
    assert pump.now_s == pytest.approx(1.5, abs=0.1)


def test_weights_lines_and_both_films_are_shown(stage, pump):
    pump.at(1.0, key("SPACE"))
    ChangeScreen(stage).show(change())
    shown = {p.text for p in stage.texts}
    # Progress went from 1.0 to 0.9, clearance from -1.0 to -0.7.
    assert {"progress", "-0.10", "+0.30", "before", "now"} <= shown
    assert "2 answers surprised and will be asked again." in shown


@pytest.mark.parametrize("missing", [("film_before",), ("film_before", "film_now")])
def test_a_film_that_is_missing_is_said_to_be_missing(stage, pump, missing):
    pump.at(1.0, key("SPACE"))
    ChangeScreen(stage).show(change(**dict.fromkeys(missing)))
    assert [p.text for p in stage.texts].count("no film") == len(missing)


def test_nothing_learned_yet_can_be_shown(stage, pump):
    pump.at(1.0, key("SPACE"))
    assert ChangeScreen(stage).show(Change((), (), ()))


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="for each of 2 features"):
        Change(("a", "b"), [(0.0, 1.0)], [(0.0, 1.0)])
