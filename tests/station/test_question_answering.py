"""From presses to an answer, without a window."""

import itertools

import pytest

from iml_robot.core.feedback import Answer
from iml_robot.station.questions.answering import (
    ANSWERS,
    AT_ONCE,
    CHANGED,
    TOO_EARLY,
    Answering,
)

DECISIVE = ("left", "right")


def pressed(*presses, shown=True):
    """An answering after presses of (time, actions), and what it said last."""
    answering, said = Answering(), ""
    for time_s, *actions in presses:
        said = answering.press(actions, time_s, shown=shown, waited_s=time_s)
    return answering, said


@pytest.mark.parametrize("action", ANSWERS)
def test_an_answer_counts_a_moment_after_its_press(action):
    answering, _ = pressed((5.0, action))
    assert answering.settled(5.39) is None
    given = answering.settled(5.41)
    assert (given.answer, given.much, given.waited_s) == (ANSWERS[action], False, 5.0)


def test_without_a_press_nothing_ever_counts():
    assert Answering().settled(1e9) is None


@pytest.mark.parametrize("action", DECISIVE)
def test_a_second_press_soon_means_much_better_and_counts_at_once(action):
    answering, _ = pressed((5.0, action), (5.3, action))
    given = answering.settled(5.3)
    # The time is that of the first press.
    assert (given.answer, given.much, given.waited_s) == (ANSWERS[action], True, 5.0)


def test_two_presses_within_one_batch_are_a_double_press():
    answering, _ = pressed((5.0, "left", "left"))
    assert answering.settled(5.0).much


def test_a_second_press_that_comes_late_does_not_mean_much():
    answering, _ = pressed((5.0, "left"), (5.5, "left"))
    assert answering.settled(5.5) == pressed((5.0, "left"))[0].settled(5.5)


@pytest.mark.parametrize("action", sorted(set(ANSWERS) - set(DECISIVE)))
def test_what_names_no_side_cannot_be_much(action):
    answering, _ = pressed((5.0, action, action), (5.1, action))
    assert not answering.settled(9.0).much


@pytest.mark.parametrize(("first", "second"), itertools.permutations(ANSWERS, 2))
def test_two_answers_at_once_are_none(first, second):
    answering, said = pressed((5.0, first, second))
    assert said == AT_ONCE
    assert answering.settled(9.0) is None


@pytest.mark.parametrize(("first", "second"), itertools.permutations(ANSWERS, 2))
def test_another_answer_cancels_the_one_before(first, second):
    answering, said = pressed((5.0, first), (5.2, second))
    assert said == CHANGED
    assert answering.settled(9.0) is None


@pytest.mark.parametrize("action", ANSWERS)
def test_no_answer_counts_before_both_were_shown(action):
    answering, said = pressed((1.0, action), (1.1, action), shown=False)
    assert said == TOO_EARLY
    assert answering.settled(9.0) is None


def test_an_answer_taken_back_is_none():
    answering, _ = pressed((5.0, "left"))
    assert answering.take_back()
    assert answering.settled(9.0) is None
    assert not answering.take_back()


def test_every_answer_has_exactly_one_action():
    assert sorted(a.value for a in ANSWERS.values()) == sorted(a.value for a in Answer)
