"""A person answers questions: each key, and everything that must not count."""

import time
from dataclasses import replace

import numpy as np
import pygame
import pytest
from screen_rig import (
    FEATURES,
    closing,
    films,
    key,
    pictures,
    question,
    segment,
    tap,
)

from iml_robot.core.feedback import Answer, Question, Reply, Wish
from iml_robot.station.questions.annotator import UNSHOWN_S, WindowAnnotator
from iml_robot.station.questions.answering import AT_ONCE, CHANGED, TAKEN_BACK, TOO_EARLY
from iml_robot.station.questions.differences import differences

SHOWN_S = 2.0
"""The films of 20 pictures at 10 Hz are over."""


@pytest.fixture
def pump(scripted_pump):
    return scripted_pump


@pytest.fixture
def annotator(stage):
    return WindowAnnotator(stage, films, reward_features=FEATURES, name="ann")


class Watch:
    """Remembers the texts of every picture and when it was shown."""

    def __init__(self, stage, pump):
        self.seen = []
        shown = stage.show

        def show():
            self.seen.append((pump.now_s, {p.text for p in stage.texts}))
            return shown()

        stage.show = show

    def has(self, text):
        return any(text in texts for _, texts in self.seen)

    def times(self, text):
        return [time_s for time_s, texts in self.seen if text in texts]


@pytest.fixture
def watch(stage, pump):
    return Watch(stage, pump)


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        *[("LEFT", Answer.LEFT), ("RIGHT", Answer.RIGHT), ("DOWN", Answer.EQUAL)],
        *[("h", Answer.CANT_TELL), ("s", Answer.SKIP)],
    ],
)
def test_each_answer_has_its_key(annotator, pump, name, answer):
    asked = question(7)
    pump.at(SHOWN_S + 1.5, *tap(name))
    reply = annotator.answer(asked)
    assert reply.question is asked
    assert (reply.answer, reply.much, reply.annotator) == (answer, False, "ann")
    # From the end of the first showing to the press; pictures come every 25 ms.
    assert reply.seconds == pytest.approx(1.5, abs=0.08)
    assert reply.replays == 0


@pytest.mark.parametrize(
    ("name", "answer"), [("LEFT", Answer.LEFT), ("RIGHT", Answer.RIGHT)]
)
def test_a_double_press_means_much_better(annotator, pump, name, answer):
    pump.at(3.0, *tap(name))
    pump.at(3.3, *tap(name))
    reply = annotator.answer(question())
    assert (reply.answer, reply.much) == (answer, True)


def test_without_a_key_the_question_stays(annotator, pump):
    pump.gives_up_s = 10.0
    with pytest.raises(AssertionError, match="for ever"):
        annotator.answer(question())


@pytest.mark.parametrize("name", ["LEFT", "RIGHT", "DOWN", "h", "s"])
def test_no_answer_counts_before_both_were_shown(annotator, pump, watch, name):
    pump.at(SHOWN_S - 0.3, *tap(name))
    pump.at(4.0, closing())
    assert annotator.answer(question()) is Wish.LEAVE
    assert watch.has(TOO_EARLY)


def test_keys_that_mean_nothing_say_so_and_do_nothing(annotator, pump, watch):
    pump.at(3.0, *tap("z", typed="z"))
    pump.at(4.0, closing())
    assert annotator.answer(question()) is Wish.LEAVE
    assert watch.has("'Z' does nothing here. F1 shows the keys.")


def test_two_answers_at_once_are_none(annotator, pump, watch):
    pump.at(3.0, *tap("LEFT"), *tap("RIGHT"))
    pump.at(5.0, *tap("DOWN"))
    assert annotator.answer(question()).answer is Answer.EQUAL
    assert watch.has(AT_ONCE)


def test_two_answers_shortly_after_each_other_are_none(annotator, pump, watch):
    pump.at(3.0, *tap("LEFT"))
    pump.at(3.2, *tap("RIGHT"))
    pump.at(4.5, closing())
    assert annotator.answer(question()) is Wish.LEAVE
    assert watch.has(CHANGED)


@pytest.mark.parametrize("name", ["u", "BACKSPACE"])
def test_undo_takes_back_the_press_that_does_not_count_yet(annotator, pump, watch, name):
    pump.at(3.0, *tap("LEFT"))
    pump.at(3.2, *tap(name))
    pump.at(6.0, *tap("RIGHT"))
    assert annotator.answer(question()).answer is Answer.RIGHT
    assert watch.has(TAKEN_BACK)


def test_undo_in_the_same_moment_takes_back_what_was_pressed_before_it(annotator, pump):
    pump.at(3.0, *tap("LEFT"), *tap("u"), *tap("RIGHT"))
    assert annotator.answer(question()).answer is Answer.RIGHT
    pump.at(3.0, *tap("LEFT"), *tap("u"))
    pump.at(4.5, closing())
    assert annotator.answer(question()) is Wish.LEAVE


@pytest.mark.parametrize("name", ["u", "BACKSPACE"])
@pytest.mark.parametrize("at_s", [0.5, 3.0])
def test_undo_without_a_press_asks_for_the_question_before(annotator, pump, name, at_s):
    pump.at(at_s, *tap(name))
    assert annotator.answer(question()) is Wish.UNDO


@pytest.mark.parametrize("at_s", [0.5, 3.0])
def test_escape_leaves_the_questions(annotator, pump, at_s):
    pump.at(at_s, *tap("ESCAPE"))
    assert annotator.answer(question()) is Wish.LEAVE


def test_escape_after_a_press_that_does_not_count_yet_drops_it(annotator, pump):
    pump.at(3.0, *tap("LEFT"))
    pump.at(3.2, *tap("ESCAPE"))
    assert annotator.answer(question()) is Wish.LEAVE


@pytest.mark.parametrize("at_s", [0.3, 3.0])
def test_a_closed_window_answers_nothing_and_stays_closed(annotator, stage, pump, at_s):
    pump.at(at_s, closing())
    assert annotator.answer(question()) is Wish.LEAVE
    assert stage.closed
    # The next question is not even shown.
    batches = pump.batches
    assert annotator.answer(question(1)) is Wish.LEAVE
    assert pump.batches == batches


def test_a_window_closed_with_a_press_that_does_not_count_yet_drops_it(annotator, pump):
    pump.at(3.0, *tap("LEFT"))
    pump.at(3.2, closing())
    assert annotator.answer(question()) is Wish.LEAVE


def test_a_replay_shows_both_from_their_start_and_is_counted(annotator, stage, pump):
    pump.at(3.5, *tap("r"))
    pump.at(4.5, *tap("LEFT"))
    reply = annotator.answer(question())
    assert reply.replays == 1
    # The time goes on while they are shown again.
    assert reply.seconds == pytest.approx(2.5, abs=0.08)


def test_both_films_run_in_step_and_over_again(annotator, stage, pump):
    seen, shown = [], stage.show

    def show():
        width, height = stage.surface.get_size()
        spots = [(width // 4, height // 3), (3 * width // 4, height // 3)]
        seen.append(tuple(stage.surface.get_at(spot)[0] for spot in spots))
        return shown()

    stage.show = show
    pump.at(4.0, *tap("LEFT"))
    annotator.answer(question())
    # Grey of the pictures: from 60 up on the left, from 160 up on the right. The first
    # picture of all is the page while they are loaded.
    numbers = [(left - 60, right - 160) for left, right in seen[1:]]
    assert all(left == right for left, right in numbers)
    assert {left for left, _ in numbers} == set(range(20))
    first = [left for left, _ in numbers]
    assert first[: first.index(19)] == sorted(first[: first.index(19)])
    assert first.count(0) > 4


def test_the_figures_show_the_features_that_differ_most(annotator, pump, watch):
    pump.at(3.0, *tap("LEFT"))
    annotator.answer(question())
    assert watch.has("tilt")
    assert watch.has("leaning to any side")
    # Left 0.1 rad lies at the mean; right 0.3 rad lies 4 deviations of 0.05 above it.
    assert watch.has("0.1 rad")
    assert watch.has("0.3 rad")
    assert watch.has("very much")
    assert not watch.has("smoothness")


def test_the_figures_can_be_switched_off_and_stay_off(annotator, pump, watch):
    pump.at(1.0, *tap("f"))
    pump.at(3.0, *tap("LEFT"))
    annotator.answer(question())
    assert max(watch.times("tilt")) < 1.1
    watch.seen.clear()
    pump.at(3.0, *tap("LEFT"))
    annotator.answer(question(1))
    assert not watch.has("tilt")


def test_an_environment_without_features_has_no_figures(stage, pump):
    pump.at(3.0, *tap("LEFT"))
    bare = segment(*[], steps=40)
    reply = WindowAnnotator(stage, films).answer(Question(0, bare, bare))
    assert reply.answer is Answer.LEFT


def test_the_help_shows_every_key_and_its_time_does_not_count(annotator, pump, watch):
    pump.at(3.0, *tap("F1"))
    # This press closes the page; it answers nothing.
    pump.at(13.0, *tap("LEFT"))
    pump.at(14.0, *tap("RIGHT"))
    reply = annotator.answer(question())
    assert reply.answer is Answer.RIGHT
    assert reply.seconds == pytest.approx(2.0, abs=0.1)
    (page,) = {
        frozenset(t) for _, t in watch.seen if "left is better  (gamepad: D-pad left)" in t
    }
    for label in (
        "Left",
        "Right",
        "Down",
        "? or H",
        "S",
        "U or Backspace",
        "R",
        "F",
        "Esc",
    ):
        assert label in page


def test_the_keys_are_on_the_screen(annotator, pump, watch):
    pump.at(3.0, *tap("LEFT"))
    annotator.answer(question())
    for text in ("left", "right", "Left", "left is better", "much better", "can't tell"):
        assert all(text in texts for time_s, texts in watch.seen if time_s < 3.0), text


def test_where_one_is_in_the_series_is_shown(annotator, pump, watch):
    annotator.progress = "question 3 of 10"
    pump.at(3.0, *tap("LEFT"))
    annotator.answer(question())
    assert watch.has("question 3 of 10, watch both to the end first")
    assert watch.has("question 3 of 10, your answer?")


def test_a_window_without_focus_says_so(annotator, pump, watch):
    pump.focused = False
    pump.at(1.0, closing())
    annotator.answer(question())
    assert watch.has("Click into this window: it does not get your keys.")


class Unshowable:
    """Has no film of the right segment."""

    reason = "episode 1 goes another way"

    def __call__(self, asked):
        return pictures(20) if asked.episode_id == 0 else None


def test_a_question_that_cannot_be_shown_is_answered_by_nobody(stage, pump, watch):
    annotator = WindowAnnotator(stage, Unshowable())
    # Presses meant for the question before, then one that goes on.
    pump.at(0.1, *tap("LEFT"))
    pump.at(2.0, *tap("LEFT"))
    assert annotator.answer(question()) is None
    assert pump.now_s == pytest.approx(2.0, abs=0.1)
    assert annotator.reason == "the right segment cannot be shown: " + Unshowable.reason
    assert watch.has("This question is left out")
    assert watch.has(annotator.reason)


def test_a_question_that_cannot_be_shown_does_not_wait_for_ever(stage, pump):
    assert WindowAnnotator(stage, Unshowable()).answer(question()) is None
    assert pump.now_s == pytest.approx(UNSHOWN_S, abs=0.1)


@pytest.mark.parametrize("event", [closing(), key("ESCAPE")])
def test_one_can_leave_from_a_question_that_cannot_be_shown(stage, pump, event):
    pump.at(1.0, event)
    assert WindowAnnotator(stage, Unshowable()).answer(question()) is Wish.LEAVE


def test_the_reason_is_gone_with_the_next_question(stage, pump):
    annotator = WindowAnnotator(stage, Unshowable())
    annotator.answer(question())
    good = segment(1, 1, 1, 1)
    pump.at(4.0, *tap("LEFT"))
    assert isinstance(annotator.answer(Question(1, good, good)), Reply)
    assert annotator.reason == ""


def test_keys_can_be_changed(stage, pump):
    annotator = WindowAnnotator(stage, films, keys={"left": "A", "right": "D"})
    pump.at(3.0, *tap("LEFT"))
    pump.at(4.0, *tap("d"))
    assert annotator.answer(question()).answer is Answer.RIGHT


def test_features_are_ranked_by_standard_deviations():
    # Differences: progress 0.2 / 0.2 = 1, clearance 0.15 / 0.1 = 1.5, tilt 0.2 / 0.05 = 4.
    found = differences(question(), FEATURES)
    assert [d.name for d in found] == ["tilt", "clearance", "progress"]
    assert found[0].scores == pytest.approx((0.0, 4.0), abs=1e-5)
    assert [found[0].words(side) for side in (0, 1)] == ["usual", "very much"]


def test_features_without_spread_or_value_are_left_out():
    about = {**FEATURES, "tilt": {**FEATURES["tilt"], "std": 0.0}}
    assert "tilt" not in [d.name for d in differences(question(), about)]
    blank = segment(np.nan, 0.1, 0.1, 1)
    assert [d.name for d in differences(replace(question(), left=blank), FEATURES)] == [
        "tilt", "clearance",
    ]  # fmt: skip
    assert differences(question(), dict(list(FEATURES.items())[:3])) == []


def test_the_window_of_the_drive_view_knows_that_it_was_closed_in_a_question(
    open_window, robot, pump
):
    window = open_window(robot)
    stage = pump.stage()
    window.stage = stage
    assert not window.quit_requested
    pump.at(0.5, closing())
    assert WindowAnnotator(window.stage, films).answer(question()) is Wish.LEAVE
    assert window.quit_requested
    assert pygame.display.get_init()


def test_a_picture_of_1920_x_1080_leaves_time_for_30_a_second(pump):
    stage = pump.stage(size=(1920, 1080))
    spent, shown = [time.process_time()], stage.show

    def show():
        rate = shown()
        spent.append(time.process_time())
        return rate

    stage.show = show
    pump.at(3.0, *tap("LEFT"))
    large = pictures(20, size=(560, 380))
    annotator = WindowAnnotator(stage, lambda segment: large, reward_features=FEATURES)
    annotator.answer(question())
    stage.close()
    # Processor time: other programs only ever make it slower. Half of 1/30 s leaves room
    # for a slower machine.
    costs = sorted(np.diff(spent))
    assert costs[len(costs) * 9 // 10] < 1 / 60
