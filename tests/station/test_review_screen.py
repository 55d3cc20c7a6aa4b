"""A review takes seconds, may be skipped, and says what the environment said by default."""

import pygame
import pytest
import screen_rig as rig
import session_scenes as scenes

from iml_robot.core.types import Episode, EpisodeInfo, Source
from iml_robot.data.judgements import Review
from iml_robot.station.review.replay import Mark, first_shown, replay_of
from iml_robot.station.review.screen import PATIENCE_S, ReviewScreen
from iml_robot.station.review.scrubber import Scrubber

np = scenes.np


@pytest.fixture
def pump(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield rig.ScriptedPump(monkeypatch)
    pygame.display.quit()


def ask(pump, *presses, frames=None, **changes):
    """Press keys 0.2 s apart from 0.6 s on; return the review."""
    for count, name in enumerate(presses):
        pump.at(0.6 + 0.2 * count, *rig.tap(name, typed=name if len(name) == 1 else ""))
    return ReviewScreen(pump.stage()).ask(scenes.replay(frames, **changes))


@pytest.mark.parametrize("success", [True, False])
def test_who_says_nothing_for_10_s_says_what_the_environment_said(pump, success):
    review = ask(pump, success=success)
    assert review.success is success
    assert not review.changed
    assert not review.discard
    assert review.tags == ()
    assert review.rewind_to_step is None
    assert review.seconds_spent == pytest.approx(PATIENCE_S, abs=0.1) == 10.0


@pytest.mark.parametrize(
    ("key", "success"), [("y", True), ("n", False), ("u", None), ("z", False)]
)
def test_a_key_says_what_it_was(pump, key, success):
    review = ask(pump, key, "RETURN")
    assert review.success is success
    assert review.changed is (success is not False)
    assert review.seconds_spent < 2.0


def test_reasons_are_marked_and_unmarked(pump):
    review = ask(pump, "1", "3", "4", "3", "d", "RETURN")
    assert review.tags == ("stuck", "unsafe")
    assert review.discard


def test_lines_are_reached_with_the_arrows_alone(pump):
    # From "go on" three lines up lies "do not learn from it", five above it the reasons.
    review = ask(pump, *["UP"] * 2, "RETURN", "UP", "RETURN", *["DOWN"] * 3, "RETURN")
    assert review.discard
    assert review.tags == ("other",)


def test_escape_takes_nothing_but_what_the_environment_said(pump):
    review = ask(pump, "y", "1", "d", "ESCAPE")
    assert review == Review(False, seconds_spent=review.seconds_spent)


def test_a_closed_window_takes_nothing_either(pump):
    pump.at(2.0, rig.closing())
    review = ask(pump, "y", "1")
    assert review == Review(False, seconds_spent=review.seconds_spent)


def test_space_chooses_nothing(pump):
    pump.at(0.9, rig.closing())
    assert not ask(pump, "SPACE").changed


def test_presses_meant_for_the_robot_count_for_nothing(pump):
    pump.at(0.1, *rig.tap("RETURN"))
    assert ask(pump).seconds_spent == pytest.approx(10.0, abs=0.1)


def test_a_press_gives_10_more_seconds(pump):
    assert ask(pump, *["RIGHT"] * 20).seconds_spent == pytest.approx(14.4, abs=0.2)


def test_one_drives_on_from_the_step_that_is_shown(pump):
    # Without a film it stands at the beginning; the arrow goes a picture on.
    review = ask(pump, *["RIGHT"] * 3, "z", earliest_rewind=400)
    assert review.rewind_to_step == 406


def test_any_step_is_reached_with_keys_alone(pump):
    # Three jumps back from 10 s before the end, one on, and two pictures back.
    keys = [*"jjjl", "LEFT", "LEFT", "z"]
    review = ask(pump, *keys, first=0, opens=400, earliest_rewind=0)
    assert review.rewind_to_step == 400 - 3 * 100 + 100 - 2 * 2


def test_a_state_that_cannot_be_restored_says_why_and_another_one_can_be_chosen(pump):
    stage, asked, seen = pump.stage(), [], set()
    shown = stage.show
    stage.show = lambda: (seen.update(p.text for p in stage.texts), shown())[1]

    def take_up(step):
        asked.append(step)
        return scenes.ASTRAY if len(asked) == 1 else ""

    for count, name in enumerate(["z", "RIGHT", "z"]):
        pump.at(0.6 + count, *rig.tap(name, typed=name if len(name) == 1 else ""))
    review = ReviewScreen(stage).ask(scenes.replay(earliest_rewind=0), take_up)
    assert asked == [400, 402]
    assert review.rewind_to_step == 402
    assert "One cannot drive on from here." in seen
    assert any("goes another way" in text for text in seen)


@pytest.mark.parametrize("earliest", [None, 407])
def test_where_one_cannot_go_back_to_the_review_goes_on(pump, earliest):
    pump.at(3.0, rig.closing())
    review = ask(pump, *["RIGHT"] * 3, "z", earliest_rewind=earliest)
    assert review.rewind_to_step is None
    assert review.seconds_spent == pytest.approx(3.0, abs=0.1)


def test_the_mouse_marks_lines_and_draws_the_timeline(pump):
    stage = pump.stage()
    screen = ReviewScreen(stage)
    shown = []

    def spots():
        found = {placed.text: placed.rect for placed in stage.texts}
        if not shown and pump.now_s > 0.6:
            shown.append(found)
            mouse(pump, 0.1, found["unsafe"].center)
            # The bar lies between its signs and the line with the times below it.
            times = found["-10 s"]
            y = times.top - stage._scribe.px(20)
            width = found["end"].right - times.left
            mouse(pump, 0.4, (times.left + width * 3 // 4, y))
            mouse(pump, 0.8, found["rewind to here and drive"].center)
        return 40.0

    stage.show = spots
    review = screen.ask(scenes.replay(rig.pictures(101, shade=60), earliest_rewind=400))
    assert review.tags == ("unsafe",)
    assert review.rewind_to_step == pytest.approx(550, abs=2)


def mouse(pump, at_s, spot):
    """A click [s from now]."""
    for later, kind in ((0.0, pygame.MOUSEBUTTONDOWN), (0.1, pygame.MOUSEBUTTONUP)):
        pump.at(at_s + later, pygame.event.Event(kind, pos=spot, button=1, touch=False))


def test_the_film_runs_as_fast_as_the_robot_did_and_stops_at_the_end():
    scrubber = Scrubber(scenes.replay(rig.pictures(101, shade=60)))
    for k in range(101):
        scrubber.advance(0.1 * k)
    assert scrubber.step == 600
    assert not scrubber.playing
    scrubber.toggle()
    assert scrubber.step == 400
    # What a window that hangs misses is not caught up with.
    scrubber.advance(10.1)
    scrubber.advance(60.0)
    assert scrubber.step <= 406


@pytest.mark.parametrize(("step", "place"), [(400, 0), (401, 0), (450, 25), (600, 100)])
def test_each_step_has_its_picture(step, place):
    assert scenes.replay(rig.pictures(101, shade=60)).place(step) == place


def test_what_happened_is_taken_from_the_record():
    steps, nothing = 300, np.zeros(300, np.float32)
    asked = np.zeros(steps, np.bool_)
    asked[[150, 151, 152, 250]] = True
    said = np.full(steps, np.nan, np.float32)
    said[[10, 200]] = 1.0, -1.0
    sources = np.full(steps, int(Source.POLICY))
    sources[160:180] = int(Source.OPERATOR)
    actions = np.zeros((steps, 2), np.float32)
    episode = Episode(
        EpisodeInfo(7, "practice", "any", 0, outcome="stuck"),
        np.zeros((steps + 1, 3), np.float32),
        *(actions, actions, actions, sources, nothing, nothing, said),
        asked=asked,
    )
    replay = replay_of(episode, 0.05, title="episode 7")
    assert first_shown(episode, 0.05) == replay.begins == 100
    assert replay.first == 0
    assert (replay.outcome, replay.success) == ("stuck", False)
    assert replay.takeovers == ((160, 180),)
    kinds = [Mark("good", 10), Mark("ask", 150), Mark("bad", 200), Mark("ask", 250)]
    assert list(replay.marks) == kinds


def pad_button(name):
    """A press and a release of a button of a pad."""
    number = scenes.BUTTONS.index(name)
    kinds = (pygame.CONTROLLERBUTTONDOWN, pygame.CONTROLLERBUTTONUP)
    return [pygame.event.Event(kind, button=number, instance_id=0) for kind in kinds]


def pressed(pump, show, *names):
    """Press buttons 0.2 s apart from 0.7 s on and return what the screen says."""
    for count, name in enumerate(names):
        pump.at(0.7 + 0.2 * count, *pad_button(name))
    return show(pump.stage())


def test_a_pad_alone_reviews(pump):
    names = ["y", "dpup", "dpup", "a", "back", "leftstick", "dpright", "start"]
    shown = scenes.replay(first=0, opens=400, earliest_rewind=0)
    review = pressed(pump, lambda stage: scenes.ReviewScreen(stage).ask(shown), *names)
    assert (review.success, review.discard, review.rewind_to_step) == (True, True, 302)


def test_a_pad_alone_answers_the_questions_about_the_work(pump):
    names = ["dpright", "dpdown", "dpleft", "dpleft", "back", "b"]
    answers = pressed(pump, lambda stage: scenes.LoadScreen(stage).ask(), *names)
    assert answers.values == {"mental": 55, "physical": 40}


def test_a_pad_alone_ends_a_summary(pump):
    shown = scenes.session()
    names = ["rightshoulder", "dpup", "back", "a"]
    assert pressed(pump, lambda stage: scenes.SummaryScreen(stage).show(shown), *names)


@pytest.mark.parametrize("size", [(320, 200), (200, 900), (1, 1)])
@pytest.mark.parametrize("name", ["pause", "review", "load", "summary", "learning"])
def test_a_window_resized_to_nothing_breaks_no_screen(monkeypatch, name, size):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    frames = rig.pictures(101, shade=60)
    stage = scenes.stage_of(name, monkeypatch, (*size, 2.0), frames=frames)
    assert stage.surface.get_size() == size
    stage.close()
    pygame.display.quit()
