"""The work of a person is measured, and a break suggested by rules written down before."""

import math

import numpy as np
import pytest

from iml_robot.core.station_settings import WorkloadSettings
from iml_robot.core.types import Ask, Decision, Mode, OperatorSignal, Request, Source, Step
from iml_robot.station.workload.signs import Signs
from iml_robot.station.workload.workload import Workload

DT_S = 0.05


def step(mode=Mode.AUTO, *, action=(0.0, 0.0), p_help=math.nan, **signal):
    said = OperatorSignal(np.array(action, np.float32), **signal)
    decision = Decision(np.zeros(2, np.float32), Source.POLICY, 0.0, mode)
    nothing = np.zeros(2, np.float32)
    return Step(nothing, nothing, said, decision, 0.0, Ask(mode is Mode.ASKING, p_help))


def feed(work, seconds, mode=Mode.AUTO, **options):
    """Feed steps for some seconds; return what the session keeps."""
    one = step(mode, **options)
    return [
        event
        for _ in range(round(seconds / DT_S))
        for event in work.step(one, elapsed_s=DT_S)
    ]


def kinds(events):
    return [event.kind for event in events]


PRESS = {"requests": frozenset({Request.GIVE_BACK})}


def busy(work, seconds):
    """Watch, and press something each minute, as somebody does who is there."""
    events = []
    while seconds > 0:
        events += feed(work, min(60.0, seconds) - DT_S) + feed(work, DT_S, **PRESS)
        seconds -= 60.0
    return events


def test_a_break_is_suggested_after_watching_for_as_long_as_the_settings_say():
    work = Workload(WorkloadSettings(break_after_min=2))
    assert busy(work, 119.0) == []
    (event,) = busy(work, 2.0)
    assert event.kind == "break_suggested"
    assert event.detail["reason"] == work.break_due == "you have watched for 2 min"
    assert work.notice == "Time for a break? You have watched for 2 min."
    # Said once, gone from the picture after 15 s, and said again after 10 min.
    assert kinds(busy(work, 16.0)) == []
    assert work.notice == ""
    assert work.break_due
    assert kinds(busy(work, 586.0)) == ["break_suggested"]


def test_driving_and_pauses_are_no_watching():
    work = Workload(WorkloadSettings(break_after_min=1))
    assert feed(work, 90.0, Mode.HUMAN, action=(0.5, 0.0), moving=True) == []
    assert feed(work, 90.0, Mode.PAUSED) == []
    assert work.watched_s == 0.0
    assert work.driven_s == pytest.approx(90.0)


def test_a_pause_of_two_minutes_is_a_break():
    work = Workload(WorkloadSettings(break_after_min=1))
    busy(work, 61.0)
    assert work.break_due
    feed(work, 119.0, Mode.PAUSED)
    assert feed(work, DT_S) == []
    events = feed(work, 121.0, Mode.PAUSED) + feed(work, DT_S)
    assert kinds(events) == ["break_taken"]
    assert events[0].detail["seconds"] == pytest.approx(121.0, abs=0.1)
    assert not work.break_due
    assert kinds(busy(work, 61.0)) == ["break_suggested"]


def test_who_wants_no_suggestions_gets_none():
    work = Workload(WorkloadSettings(breaks=False, break_after_min=1, presence=False))
    assert feed(work, 300.0) == []


def test_a_person_who_did_nothing_for_90_s_is_asked_and_answers():
    work = Workload()
    assert kinds(feed(work, 89.9)) == []
    assert kinds(feed(work, 0.2)) == ["presence_asked"]
    assert kinds(feed(work, 1.9)) == []
    (event,) = feed(work, DT_S, evaluation=1.0)
    assert event.kind == "presence_answered"
    assert event.detail["seconds"] == pytest.approx(2.0, abs=0.11)
    assert work.longest_idle_s == pytest.approx(92.0, abs=0.01)


def test_nobody_there_is_noted_after_5_s_more_as_the_arbiter_does():
    work = Workload()
    assert kinds(feed(work, 95.1)) == ["presence_asked", "presence_missed"]
    assert kinds(feed(work, 10.0, Mode.HOLD)) == []
    assert work.figures().detail["presence_missed"] == 1


def test_taking_over_answers_too():
    work = Workload()
    feed(work, 90.1)
    moved = feed(work, DT_S, Mode.HUMAN, action=(0.5, 0.0), moving=True)
    assert kinds(moved) == ["presence_answered"]


@pytest.mark.parametrize(
    ("mode", "signal", "by"),
    [
        (Mode.HUMAN, {"moving": True}, "takeover"),
        (Mode.AUTO, PRESS, "give_back"),
        (Mode.ESTOP, {}, "stop"),
    ],
)
def test_the_time_from_a_request_to_what_the_person_does_is_a_reaction(mode, signal, by):
    work = Workload()
    feed(work, 1.0)
    feed(work, 1.5, Mode.ASKING)
    # A pause in between does not count, nor does it end the request.
    feed(work, 30.0, Mode.PAUSED)
    (event,) = feed(work, DT_S, mode, **signal)
    assert event.kind == "reaction"
    assert event.detail == {"to": "ask", "seconds": pytest.approx(1.5), "by": by}


def test_a_request_that_is_withdrawn_or_unanswered_is_no_reaction():
    work = Workload()
    feed(work, 1.0, Mode.ASKING)
    assert feed(work, 1.0) == []
    feed(work, 3.0, Mode.ASKING)
    (event,) = feed(work, 1.0, Mode.HOLD)
    assert event.kind == "ask_unanswered"
    assert event.detail["seconds"] == pytest.approx(3.0)
    assert work.reacting.to_asks_s == []
    assert work.figures().detail["asks_unanswered"] == 1


def test_the_first_sign_of_trouble_counts_from_where_the_asker_saw_it():
    work = Workload(sign_level=0.3)
    feed(work, 1.0, p_help=0.4)
    feed(work, 1.0, p_help=0.2)
    feed(work, 0.75, p_help=0.35)
    (event,) = feed(work, DT_S, Mode.HUMAN, moving=True)
    assert event.detail == {"to": "sign", "seconds": pytest.approx(0.75), "by": "takeover"}
    # An asker that knows nothing sees no signs.
    feed(work, 1.0)
    assert feed(work, DT_S, Mode.HUMAN, moving=True) == []


def test_reversals_are_changes_of_side_of_the_person_who_drives():
    work = Workload()
    for turn in (0.5, 0.0, -0.5, -0.1, 0.1, 0.4, 0.4):
        feed(work, 0.5, Mode.HUMAN, action=(0.8, turn), moving=True)
    assert work.reversals == 2
    feed(work, 1.0)
    feed(work, 0.5, Mode.HUMAN, action=(-0.8, -0.5), moving=True)
    assert work.reversals == 2
    assert work.figures().detail["reversals_per_min"] == pytest.approx(2 / 4.0 * 60)


def test_a_stall_is_not_watched():
    work = Workload()
    work.step(step(), elapsed_s=600.0)
    assert work.watched_s == 0.5


def test_100_questions_or_15_minutes_of_them_are_enough():
    work = Workload()
    assert [e for _ in range(99) for e in work.answered(2.0)] == []
    assert work.answered(2.0)[0].detail["reason"] == "you have answered 100 questions"
    work = Workload()
    assert [e for _ in range(44) for e in work.answered(20.0)] == []
    (event,) = work.answered(20.0)
    assert event.detail["reason"] == "you have answered questions for 15 min"


def test_two_signs_of_tiredness_suggest_a_break_and_one_does_not():
    work = Workload()
    assert [e for _ in range(5) for e in work.answered(3.0)] == []
    assert [e for _ in range(5) for e in work.answered(4.0)] == []
    (event,) = work.answered(4.0, gold_failed=True)
    assert event.detail["signs"] == [
        "answers take longer",
        "an answer to a plain question was wrong",
    ]


def test_after_a_break_two_answers_warm_up_and_count_for_nothing():
    work = Workload()
    assert not work.warming_up
    work.answered(3.0)
    assert kinds(work.rested(300.0)) == ["break_taken"]
    assert work.warming_up
    work.answered(3.0, gold_failed=True)
    work.answered(3.0)
    assert not work.warming_up
    assert work.rested(60.0) == []


@pytest.mark.parametrize(("last", "found"), [(2.5, False), (2.6, True)])
def test_reactions_that_take_30_percent_longer_are_a_sign(last, found):
    signs = Signs()
    for seconds in [2.0] * 5 + [last] * 5:
        signs.ask(seconds)
    assert ("reactions take longer" in signs.found()) is found


@pytest.mark.parametrize(("fast", "found"), [(3, False), (4, True)])
def test_more_than_15_percent_of_very_fast_answers_are_a_sign(fast, found):
    signs = Signs()
    # The median is 5 s, so that less than 2 s is very fast.
    for seconds in [5.0] * (20 - fast) + [1.9] * fast:
        signs.answer(seconds)
    assert ("many answers come very fast" in signs.found()) is found


@pytest.mark.parametrize(("agreed", "found"), [(10, False), (9, True)])
def test_agreement_that_falls_by_a_tenth_is_a_sign(agreed, found):
    signs = Signs()
    for agrees in [True] * 10 + [True] * agreed + [False] * (10 - agreed):
        signs.answer(3.0, agreed=agrees)
    assert ("answers agree less with each other" in signs.found()) is found


def test_two_of_five_requests_in_vain_are_a_sign():
    signs = Signs()
    for seconds in (1.0, 1.0, 1.0, None):
        signs.ask(seconds)
    assert signs.found() == []
    signs.ask(None)
    assert signs.found() == ["the robot asked in vain"]
