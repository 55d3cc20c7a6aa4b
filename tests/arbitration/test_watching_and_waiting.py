"""What keeps the robot still, beyond a lost link: absence, lateness, a latched stop."""

import numpy as np
import pytest
from driving import (
    DT_S,
    HUMAN,
    NAN,
    POLICY,
    REST,
    Drive,
    disarmed,
    disarmed_and_bumped,
    driven_by_grip,
    driven_by_motion,
    driven_by_policy,
    gripping,
    held_and_deflected,
    moving,
    neutral,
    releasing,
    seized,
    stopped,
)

from iml_robot.arbitration.takeover import Takeover
from iml_robot.core.types import Link, Mode, OperatorSignal, Request, Source


def watched(seconds):
    """A robot that its policy has driven for some time under somebody's eyes."""
    drive = Drive(Takeover(2, presence_s=90.0))
    drive(neutral(), steps=round(seconds / DT_S))
    return drive


def test_after_the_reset_of_a_stop_nothing_runs_out():
    drive = disarmed()
    decision = drive(neutral(), steps=2000)
    assert (decision.mode, decision.source) == (Mode.DISARMED, Source.SAFETY)
    assert (decision.countdown_s, decision.end_episode) == (None, None)
    np.testing.assert_array_equal(decision.executed, REST)


def test_a_disarmed_robot_is_not_set_in_motion_by_a_bump():
    drive = disarmed()
    decision = drive(moving(), steps=50)
    assert (decision.mode, decision.reason) == (Mode.DISARMED, "let go of all controls")


def test_a_disarmed_robot_says_what_sets_it_in_motion():
    assert disarmed().decisions[-1].reason == "grip to drive, or give back"


@pytest.mark.parametrize("signal", [gripping(), neutral(Request.TAKE_CONTROL)])
def test_a_grip_or_a_request_arms_for_the_operator(signal):
    assert disarmed()(signal).source is Source.OPERATOR


def test_giving_back_arms_for_the_policy():
    assert disarmed()(neutral(Request.GIVE_BACK)).source is Source.POLICY


@pytest.mark.parametrize("signal", [seized(), moving(Request.GIVE_BACK)])
def test_arming_takes_hands_at_rest(signal):
    assert disarmed()(signal).mode is Mode.DISARMED
    assert disarmed_and_bumped()(neutral(Request.GIVE_BACK)).mode is Mode.DISARMED


def test_half_a_second_of_rest_after_a_bump_is_enough():
    drive = disarmed_and_bumped()
    drive(neutral(), steps=10)
    assert drive(gripping()).mode is Mode.HUMAN


@pytest.mark.parametrize("start", [stopped, disarmed])
@pytest.mark.parametrize("paused", [False, True])
def test_a_stop_and_its_reset_outlast_the_episode(start, paused):
    drive = start()
    mode = drive.mode
    if paused:
        drive(neutral(Request.PAUSE))
    drive.arbiter.reset()
    assert drive(neutral(), steps=100).mode is mode


def test_a_demonstration_is_armed_by_a_grip_only():
    drive = Drive(Takeover(2, hand_back=False))
    drive(neutral(Request.EMERGENCY_STOP))
    drive(neutral(Request.RESET), steps=20)
    assert drive(neutral(Request.GIVE_BACK)).mode is Mode.DISARMED
    assert drive.decisions[-1].reason == "grip to drive"
    assert drive(gripping()).mode is Mode.HUMAN


@pytest.mark.parametrize("start", [driven_by_motion, driven_by_grip, releasing])
def test_a_lost_operator_is_waited_for_in_the_next_episode_too(start):
    drive = start()
    drive(gripping(link=Link.DEVICE_REMOVED))
    drive.arbiter.reset()
    decision = drive(neutral(), steps=20)
    assert (decision.mode, decision.source) == (Mode.HOLD, Source.SAFETY)
    assert decision.reason == "operator lost: device removed; take control or give back"
    assert drive(neutral(Request.GIVE_BACK)).mode is Mode.AUTO


def test_who_was_lost_in_a_pause_is_waited_for_in_the_next_episode_too():
    drive = driven_by_motion()
    drive(neutral(Request.PAUSE))
    drive(neutral(link=Link.FOCUS_LOST))
    drive.arbiter.reset()
    assert drive(neutral()).mode is Mode.HOLD


def test_after_an_episode_without_operator_the_next_one_begins_with_a_hold():
    drive = held_and_deflected()
    assert drive(moving(), steps=100).end_episode == "operator_lost"
    drive.arbiter.reset()
    decision = drive(neutral())
    assert (decision.mode, decision.countdown_s) == (Mode.HOLD, pytest.approx(5 - DT_S))
    assert decision.end_episode is None


def test_a_hold_outlasts_an_episode_that_ends_in_a_long_pause():
    drive = held_and_deflected()
    drive(neutral(Request.PAUSE))
    drive(neutral(), steps=200)
    drive.arbiter.reset()
    assert drive(neutral()).mode is Mode.HOLD


def test_a_hold_for_another_reason_ends_with_the_episode():
    drive = driven_by_policy()
    assert drive(neutral(), policy=NAN).mode is Mode.HOLD
    drive.arbiter.reset()
    assert drive(neutral()).mode is Mode.AUTO


def test_who_does_nothing_for_90_s_is_asked_and_5_s_later_the_robot_holds():
    drive = watched(89.9)
    assert drive.decisions[-1].countdown_s is None
    decision = drive(neutral(), steps=2)
    assert decision.mode is Mode.AUTO
    assert "are you there?" in decision.reason
    assert decision.countdown_s == pytest.approx(5.0)
    assert drive(neutral(), steps=99).source is Source.POLICY
    decision = drive(neutral())
    assert (decision.mode, decision.source) == (Mode.HOLD, Source.SAFETY)
    assert decision.reason.startswith("nobody answered")


@pytest.mark.parametrize(
    "answer",
    [
        neutral(Request.GIVE_BACK),
        neutral(Request.PAUSE),
        moving(),
        gripping(),
        OperatorSignal(evaluation=1.0),
    ],
)
def test_every_sign_of_life_is_an_answer(answer):
    drive = watched(94.0)
    drive(answer)
    drive(neutral(), steps=200)
    modes = {decision.mode for decision in drive.decisions}
    assert Mode.HOLD not in modes


def test_giving_back_answers_without_disturbing_the_policy():
    drive = watched(94.0)
    decision = drive(neutral(Request.GIVE_BACK))
    assert (decision.source, decision.countdown_s) == (Source.POLICY, None)


def test_watching_counts_over_several_episodes():
    drive = watched(60.0)
    drive.arbiter.reset()
    drive(neutral(), steps=599)
    assert drive.decisions[-1].countdown_s is None
    assert drive(neutral(), steps=2).countdown_s is not None


def test_who_did_not_answer_is_waited_for_in_the_next_episode_too():
    drive = watched(96.0)
    drive.arbiter.reset()
    assert drive(neutral()).mode is Mode.HOLD


def test_nobody_is_asked_unless_it_is_wanted():
    drive = driven_by_policy()
    drive(neutral(), steps=4000)
    assert {d.mode for d in drive.decisions} == {Mode.AUTO}
    assert {d.countdown_s for d in drive.decisions} == {None}


@pytest.mark.parametrize("presence_s", [-1.0, np.nan])
def test_a_time_of_absence_that_makes_no_sense_is_refused(presence_s):
    with pytest.raises(ValueError, match="presence_s must be"):
        Takeover(2, presence_s=presence_s)


def test_an_action_that_comes_too_late_is_not_executed_and_counted():
    drive = driven_by_policy()
    decision = drive(neutral(), policy_late=True)
    assert (decision.mode, decision.source) == (Mode.AUTO, Source.SAFETY)
    np.testing.assert_array_equal(decision.executed, REST)
    assert "late" in decision.reason
    assert drive(neutral()).source is Source.POLICY
    assert drive.arbiter.late_actions == 1


def test_five_late_actions_in_a_row_hold_and_four_do_not():
    drive = driven_by_policy()
    for _ in range(3):
        assert drive(neutral(), steps=4, policy_late=True).mode is Mode.AUTO
        drive(neutral())
    decision = drive(neutral(), steps=5, policy_late=True)
    assert decision.mode is Mode.HOLD
    assert decision.reason.startswith("policy is too slow")
    assert decision.end_episode is None
    assert drive.arbiter.late_actions == 17
    assert drive(neutral(Request.GIVE_BACK), policy_late=True).mode is Mode.AUTO


def test_a_late_policy_does_not_disturb_the_operator():
    drive = driven_by_motion()
    decision = drive(moving(), steps=20, policy_late=True)
    np.testing.assert_array_equal(decision.executed, HUMAN)
    assert drive.arbiter.late_actions == 0


def test_what_is_late_and_unusable_is_unusable():
    decision = driven_by_policy()(neutral(), policy=NAN, policy_late=True)
    assert decision.mode is Mode.HOLD
    assert "no usable action" in decision.reason


def test_a_new_episode_counts_late_actions_anew():
    drive = driven_by_policy()
    drive(neutral(), steps=4, policy_late=True)
    drive.arbiter.reset()
    assert drive(neutral(), steps=4, policy_late=True).mode is Mode.AUTO
    assert drive.arbiter.late_actions == 4


@pytest.mark.parametrize("elapsed_s", [2.01, 600.0, np.inf, np.nan])
def test_a_computer_that_was_suspended_finds_the_policy_paused(elapsed_s):
    drive = driven_by_policy()
    decision = drive(neutral(), elapsed_s=elapsed_s)
    assert (decision.mode, decision.source) == (Mode.PAUSED, Source.SAFETY)
    assert "stood still" in decision.reason
    np.testing.assert_array_equal(drive(neutral(Request.PAUSE)).executed, POLICY)


def test_a_slow_computer_does_not_pause_the_policy():
    drive = driven_by_policy()
    assert drive(neutral(), steps=20, elapsed_s=0.2).source is Source.POLICY
    assert drive(neutral(), elapsed_s=1.9).source is Source.POLICY
