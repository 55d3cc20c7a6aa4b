"""The common time of two films."""

import pygame
import pytest
from screen_rig import pictures

from iml_robot.station.player import REST_S, Player, Screening
from iml_robot.station.text import Scribe

PERIOD_S = 0.1


def played(player, seconds, *, step_s=0.025, begin_s=0.0):
    """Let a player run; return when it ended."""
    now_s = begin_s
    for k in range(round(seconds / step_s) + 1):
        now_s = begin_s + k * step_s
        player.advance(now_s)
    return now_s


def test_every_picture_is_shown_in_order_and_both_films_in_step():
    player, seen = Player([20, 20], PERIOD_S), []
    for k in range(80):
        player.advance(k * 0.025)
        seen.append(tuple(player.places()))
    assert [a for a, _ in seen] == [b for _, b in seen]
    assert sorted(set(seen)) == [(k, k) for k in range(20)]
    assert seen == sorted(seen)


def test_both_were_shown_when_the_longer_one_ended():
    player = Player([10, 20], PERIOD_S)
    played(player, 1.95)
    assert not player.shown
    assert player.places() == [9, 19]
    played(player, 0.1, begin_s=1.95)
    assert player.shown


def test_a_window_that_hangs_does_not_skip_pictures():
    player = Player([20, 20], PERIOD_S)
    player.advance(0.0)
    player.advance(30.0)
    assert player.places() == [1, 1]
    assert not player.shown


def test_films_begin_again_after_a_rest():
    player = Player([20, 20], PERIOD_S)
    played(player, 2.0 + REST_S - 0.05)
    assert player.places() == [19, 19]
    assert player.share == 1.0
    played(player, 0.2, begin_s=2.0 + REST_S - 0.05)
    assert player.places()[0] < 3


def test_time_counts_from_the_end_of_the_first_showing():
    player = Player([20, 20], PERIOD_S)
    played(player, 5.0)
    assert player.waited_s == pytest.approx(3.0, abs=0.05)


def test_a_pause_counts_for_nothing():
    player = Player([20, 20], PERIOD_S)
    end_s = played(player, 3.0)
    before = player.waited_s, player.places()
    player.pause()
    player.advance(end_s + 100.0)
    assert (player.waited_s, player.places()) == before


@pytest.mark.parametrize(("at_s", "replays"), [(1.0, 0), (2.2, 1), (3.5, 1)])
def test_a_replay_is_counted_once_and_only_after_the_first_showing(at_s, replays):
    player = Player([20, 20], PERIOD_S)
    now_s = played(player, at_s)
    player.replay()
    assert player.places() == [0, 0]
    assert player.replays == replays
    # Its own end does not count it a second time.
    played(player, 2.1, begin_s=now_s)
    assert player.replays == replays


def test_showings_again_are_counted_at_their_end():
    player = Player([20, 20], PERIOD_S)
    # Each takes 2 s and a rest of 0.6 s.
    played(player, 2 * 2.6 + 2.1)
    assert (player.showings, player.replays) == (3, 2)


def test_a_picture_is_fitted_whole_and_undistorted():
    scribe = Scribe(pygame.Surface((400, 300)), 1.0)
    pygame.display.init()
    pygame.display.set_mode((64, 64))
    area = pygame.Rect(10, 20, 224, 300)
    where = Screening(pictures(3, size=(56, 38))).draw(scribe, area, 1)
    pygame.display.quit()
    assert where.size == (224, 152)
    assert where.center == area.center
    assert scribe.surface.get_at(where.center)[:3] == (91, 91, 91)
