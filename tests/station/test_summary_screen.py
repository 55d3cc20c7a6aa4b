"""A summary tells what a session came to, in figures that can be checked by hand."""

import pygame
import pytest
import screen_rig as rig
import session_scenes as scenes

from iml_robot.station.summary.charts import Chart, binned
from iml_robot.station.summary.figures import (
    EpisodeFigures,
    SessionFigures,
    SuccessFigures,
    lines_of,
    size_words,
)
from iml_robot.station.summary.screen import SummaryScreen


@pytest.fixture
def pump(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield rig.ScriptedPump(monkeypatch)
    pygame.display.quit()


def pairs(figures):
    return {line.text: line.value for line in lines_of(figures) if line.kind == "pair"}


def test_figures_add_up_over_the_episodes():
    episodes = (
        EpisodeFigures("success", True, 2, 5.0, 30.0),
        EpisodeFigures("rolled_over", False, 3, 20.0, 50.0),
        EpisodeFigures("stuck", None, 0, 0.0, 20.0, discarded=True),
    )
    told = pairs(SessionFigures("any", episodes, to_asks_s=(1.0, 3.0, 1.5), unanswered=2))
    assert told["episodes"] == "3"
    assert told["successes"] == "1 of 3"
    assert told["takeovers"] == "5"
    assert told["you drove"] == "25 s of 100 s"
    assert told["discarded"] == "1"
    assert told["after the robot asked"] == "1.5 s, longest 3.0 s"
    assert told["asked in vain"] == "2"


def test_what_was_demonstrated_is_told_with_the_persons_own_success():
    episodes = (
        EpisodeFigures("success", True, 1, 19.0, 20.0),
        EpisodeFigures("success", True, 1, 30.0, 30.0),
        EpisodeFigures("rolled_over", False, 1, 10.0, 11.0),
        # The policy drove most of this, and nothing is learned from that.
        EpisodeFigures("success", True, 1, 2.0, 30.0),
        EpisodeFigures("success", True, 1, 9.0, 9.0, discarded=True),
    )
    told = pairs(SessionFigures("any", episodes, demonstrated=True))
    assert told["episodes driven by you"] == "3"
    assert told["your own successes"] == "2 of 3 (67%)"
    assert told["demonstrated"] == "59 s"
    assert told["a success took you (median)"] == "25 s"
    assert "demonstrated" not in pairs(SessionFigures("any", episodes))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ((20, 40), (38, 40), "50% → 95% of 40 maps"),
        ((20, 40), (19, 20), "50% of 40 → 95% of 20"),
        (None, (19, 20), "not measured → 95% of 20"),
        ((20, 40), None, "50% of 40 → not measured"),
        (None, None, "not measured → not measured"),
    ],
)
def test_success_is_told_with_the_number_of_maps(before, after, words):
    figures = SessionFigures("any", evaluations=(SuccessFigures("maps", before, after),))
    assert pairs(figures)["maps"] == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (18.4e6, "18.4 MB"), (2e9, "2.0 GB")],
)
def test_sizes_are_told_in_units_people_know(count, words):
    assert size_words(count) == words


@pytest.mark.parametrize(
    ("values", "most", "means", "size"),
    [
        ([1, 2, 3], 3, [1, 2, 3], 1),
        ([1, 2, 3, 4, 9], 3, [1.5, 3.5, 9], 2),
        ([], 5, [], 1),
        ([4, 6], 0, [5], 2),
    ],
)
def test_more_bars_than_fit_become_means_of_neighbours(values, most, means, size):
    assert binned(values, most) == (means, size)


@pytest.mark.parametrize(
    ("highest", "top"),
    [(0, 1), (1, 1), (1.2, 2), (7, 10), (10, 10), (101, 200), (450, 500)],
)
def test_charts_reach_up_to_a_round_number(highest, top):
    assert Chart("any", [0, highest]).top == top
    assert Chart("any", [0.2], percent=True).top == 1.0


def seen(pump, *presses, figures=None, size=(1280, 720)):
    """Press keys, then close the window; return the texts of the last picture."""
    stage = pump.stage(size=size)
    for count, name in enumerate(presses):
        pump.at(0.7 + 0.1 * count, *rig.tap(name))
    pump.at(2.0, rig.closing())
    SummaryScreen(stage).show(figures or scenes.session())
    return [placed.text for placed in stage.texts]


def test_a_long_summary_is_scrolled_to_its_end_and_no_further(pump):
    top, note = "episodes", "Two rows were lost when the disk was full for some seconds."
    first = seen(pump)
    assert top in first
    assert note not in first
    last = seen(pump, *["RIGHT"] * 5)
    assert top not in last
    assert note in last
    assert seen(pump, *["RIGHT"] * 5, *["LEFT"] * 5) == first


def test_a_path_is_told_whole(pump):
    texts = seen(pump, *["RIGHT"] * 5)
    assert "".join(text for text in texts if text.startswith("/")) == str(
        scenes.session().folder
    )


def test_enter_ends_it_and_early_presses_do_not(pump):
    pump.at(0.2, *rig.tap("RETURN"))
    pump.at(1.0, *rig.tap("RETURN"))
    assert SummaryScreen(pump.stage()).show(scenes.session())
    assert pump.now_s == pytest.approx(1.0, abs=0.1)


def test_nobody_there_ends_it_after_the_time(pump):
    assert not SummaryScreen(pump.stage()).show(scenes.session(), timeout_s=5.0)
    assert pump.now_s == pytest.approx(5.0, abs=0.1)


def test_space_does_not_end_it(pump):
    pump.at(1.0, *rig.tap("SPACE"))
    pump.at(2.0, rig.closing())
    assert not SummaryScreen(pump.stage()).show(scenes.session())
