"""A robot that asks: slow, honest about it, and never left waiting for ever."""

import numpy as np
import pytest
from driving import DT_S, HUMAN, NAN, POLICY, Drive, gripping, moving, neutral

from iml_robot.arbitration.takeover import ASK_S, ASK_SPEED
from iml_robot.core.types import Link, Mode, Request, Source


class Asking(Drive):
    """The same arbiter, of a robot that asks all the time."""

    asking = True


@pytest.fixture
def asking():
    drive = Asking()
    drive(neutral())
    assert drive.mode is Mode.ASKING
    return drive


def test_who_asks_drives_on_slowly_and_not_as_the_policy(asking):
    decision = asking(neutral())
    np.testing.assert_allclose(decision.executed, ASK_SPEED * POLICY)
    assert decision.source is Source.SAFETY
    assert decision.authority == 0


def test_the_operator_takes_over_within_the_step(asking):
    decision = asking(moving())
    assert decision.mode is Mode.HUMAN
    assert decision.source is Source.OPERATOR
    assert np.abs(asking(moving(), steps=20).executed - HUMAN).max() < 1e-6


@pytest.mark.parametrize("signal", [gripping(), neutral(Request.TAKE_CONTROL)])
def test_every_way_of_taking_over_works(asking, signal):
    assert asking(signal).mode is Mode.HUMAN


def test_giving_back_refuses_and_the_policy_drives_at_full_speed(asking):
    decision = asking(neutral(Request.GIVE_BACK))
    assert decision.mode is Mode.AUTO
    np.testing.assert_array_equal(decision.executed, POLICY)
    assert decision.source is Source.POLICY


def test_a_refusal_counts_at_the_very_step_of_the_ask():
    drive = Asking()
    assert drive(neutral(Request.GIVE_BACK)).mode is Mode.AUTO


def test_an_ask_that_is_withdrawn_leaves_the_policy_driving(asking):
    asking.asking = False
    assert asking(neutral()).mode is Mode.AUTO


def test_the_countdown_ends_in_a_hold_and_the_hold_ends_the_episode(asking):
    assert asking.decisions[-1].countdown_s == pytest.approx(ASK_S, abs=DT_S)
    assert asking(neutral(), steps=round(ASK_S / DT_S) - 1).mode is Mode.ASKING
    decision = asking(neutral())
    assert decision.mode is Mode.HOLD
    assert "nobody answered" in decision.reason
    assert decision.source is Source.SAFETY
    np.testing.assert_array_equal(decision.executed, 0)
    assert asking(neutral(), steps=99).end_episode is None
    assert asking(neutral()).end_episode == "operator_lost"


def test_a_hold_after_an_ask_goes_on_when_somebody_says_so(asking):
    asking(neutral(), steps=round(ASK_S / DT_S))
    assert asking.mode is Mode.HOLD
    asking.asking = False
    assert asking(neutral(Request.GIVE_BACK)).mode is Mode.AUTO


def test_stops_and_faults_are_as_ever(asking):
    assert asking(neutral(Request.EMERGENCY_STOP)).mode is Mode.ESTOP
    other = Asking()
    other(neutral())
    assert other(neutral(), policy=NAN).mode is Mode.HOLD


def test_a_pause_stops_the_countdown(asking):
    left = asking.decisions[-1].countdown_s
    asking(neutral(Request.PAUSE))
    asking(neutral(), steps=200)
    assert asking(neutral(Request.PAUSE)).mode is Mode.ASKING
    assert asking.decisions[-1].countdown_s == pytest.approx(left, abs=2 * DT_S)


def test_nobody_looking_pauses_as_when_the_policy_drives(asking):
    lost = neutral(link=Link.FOCUS_LOST)
    assert asking(lost, steps=40).mode is Mode.PAUSED


def test_who_drives_already_is_not_asked():
    drive = Drive()
    drive(gripping(), steps=5)
    decision = drive.arbiter.decide(POLICY, gripping(), elapsed_s=DT_S, asking=True)
    assert decision.mode is Mode.HUMAN
