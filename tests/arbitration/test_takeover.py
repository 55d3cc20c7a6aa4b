import math

import numpy as np
import pytest
from driving import (
    DT_S,
    HUMAN,
    NAN,
    POLICY,
    REST,
    Drive,
    driven_by_grip,
    driven_by_motion,
    driven_by_policy,
    gripping,
    held_and_deflected,
    held_and_ready,
    moving,
    neutral,
    paused_operator,
    releasing,
    stopped,
)

from iml_robot.arbitration.takeover import Takeover
from iml_robot.core.types import Link, Mode, OperatorSignal, Request, Source


def test_the_policy_drives_unmolested():
    decision = driven_by_policy().decisions[-1]
    assert (decision.source, decision.authority) == (Source.POLICY, 0.0)
    np.testing.assert_array_equal(decision.executed, POLICY)


@pytest.mark.parametrize("signal", [moving(), gripping(), moving(Request.TAKE_CONTROL)])
def test_the_operator_drives_in_the_very_step_of_the_takeover(signal):
    drive = driven_by_policy()
    decision = drive(signal)
    assert (decision.source, decision.authority) == (Source.OPERATOR, 1.0)


def test_the_applied_action_moves_at_four_per_second_after_a_takeover():
    drive = driven_by_policy()
    for step in range(1, 8):
        executed = drive(moving()).executed
        reach = 4.0 * DT_S * step
        expected = POLICY + np.clip(HUMAN - POLICY, -reach, reach)
        np.testing.assert_allclose(executed, expected, atol=1e-6)
    # From 0.5 to -1 takes 1.5 / 4 s, which is between 7 and 8 steps.
    np.testing.assert_array_equal(drive(moving()).executed, HUMAN)


def test_once_caught_up_the_operator_steers_without_limit():
    drive = driven_by_motion()
    turned = OperatorSignal(action=-HUMAN, moving=True)
    np.testing.assert_array_equal(drive(turned).executed, -HUMAN)


def test_the_first_step_of_an_episode_needs_no_limit():
    np.testing.assert_array_equal(Drive()(gripping()).executed, HUMAN)


def test_a_takeover_by_movement_ends_after_half_a_second_of_rest():
    drive = driven_by_motion()
    assert drive(neutral(), steps=9).mode is Mode.HUMAN
    assert drive(neutral()).mode is Mode.RELEASING


def test_every_movement_starts_the_rest_anew():
    drive = driven_by_motion()
    for _ in range(5):
        drive(neutral(), steps=9)
        assert drive(moving()).mode is Mode.HUMAN


def test_standing_still_with_the_grip_held_is_a_command():
    drive = driven_by_grip()
    still = OperatorSignal(action=REST, gripping=True)
    decision = drive(still, steps=200)
    assert (decision.mode, decision.source) == (Mode.HUMAN, Source.OPERATOR)
    np.testing.assert_array_equal(decision.executed, REST)


def test_a_grip_during_a_takeover_by_movement_makes_its_release_decide():
    drive = driven_by_motion()
    drive(gripping(), steps=40)
    assert drive(neutral()).mode is Mode.RELEASING


def test_a_takeover_by_request_lasts_until_it_is_given_back():
    drive = driven_by_policy()
    drive(neutral(Request.TAKE_CONTROL))
    assert drive(neutral(), steps=200).mode is Mode.HUMAN
    assert drive(neutral(Request.GIVE_BACK)).mode is Mode.RELEASING


def test_control_fades_to_the_policy_along_a_cosine():
    drive = driven_by_grip()
    for step in range(6):
        decision = drive(neutral())
        weight = 0.5 * (1 + math.cos(math.pi * step * DT_S / 0.3))
        assert decision.source is Source.BLEND
        assert decision.authority == pytest.approx(weight)
        mixed = weight * HUMAN + (1 - weight) * POLICY
        np.testing.assert_allclose(decision.executed, mixed, atol=1e-6)
    decision = drive(neutral())
    assert (decision.mode, decision.source) == (Mode.AUTO, Source.POLICY)


def test_giving_back_with_a_deflected_stick_does_not_take_over_again():
    drive = driven_by_motion()
    drive(moving(Request.GIVE_BACK))
    assert drive(moving(), steps=100).mode is Mode.AUTO
    drive(neutral())
    assert drive(moving()).mode is Mode.HUMAN


def test_letting_go_of_the_grip_with_a_deflected_stick_gives_back():
    drive = driven_by_grip()
    assert drive(moving()).mode is Mode.RELEASING


@pytest.mark.parametrize("hold", [moving, gripping])
def test_what_is_held_while_the_focus_is_lost_must_rest_before_it_counts(hold):
    drive = driven_by_policy()
    drive(hold(link=Link.FOCUS_LOST), steps=5)
    assert drive(hold(), steps=20).mode is Mode.AUTO
    drive(neutral())
    assert drive(hold()).mode is Mode.HUMAN


@pytest.mark.parametrize("link", [Link.DEVICE_REMOVED, Link.FOCUS_LOST, Link.STALE])
def test_a_lost_operator_means_standing_still_in_the_same_step(link):
    for drive in (driven_by_motion(), driven_by_grip(), releasing()):
        decision = drive(gripping(link=link))
        assert (decision.mode, decision.source) == (Mode.HOLD, Source.SAFETY)
        np.testing.assert_array_equal(decision.executed, REST)
        assert decision.countdown_s == pytest.approx(5.0)


def test_a_policy_that_is_not_watched_pauses_after_two_seconds():
    drive = driven_by_policy()
    decision = drive(neutral(link=Link.FOCUS_LOST), steps=39)
    assert (decision.mode, decision.reason) == (Mode.AUTO, "window has no focus")
    assert decision.countdown_s == pytest.approx(DT_S)
    assert drive(neutral(link=Link.FOCUS_LOST)).mode is Mode.PAUSED


def test_a_device_lost_while_the_policy_drives_is_said_and_changes_nothing():
    drive = driven_by_policy()
    decision = drive(neutral(link=Link.DEVICE_REMOVED), steps=200)
    assert (decision.mode, decision.reason) == (Mode.AUTO, "device removed")


def test_a_hold_goes_on_only_after_a_rest_and_a_press():
    drive = held_and_deflected()
    drive(moving(), steps=20)
    assert drive(neutral(), steps=9).mode is Mode.HOLD
    assert drive(gripping()).mode is Mode.HOLD  # 0.45 s of rest are not enough
    assert drive(neutral(), steps=11).mode is Mode.HOLD
    assert drive(gripping()).mode is Mode.HUMAN


def test_a_hold_says_what_to_do_next():
    drive = driven_by_motion()
    away = drive(moving(link=Link.DEVICE_REMOVED)).reason
    assert away == "operator lost: device removed; waiting for the operator"
    assert drive(moving()).reason.endswith("let go of all controls")
    assert drive(neutral(), steps=10).reason.endswith("take control or give back")


def test_a_hold_that_nobody_ends_loses_the_operator_after_five_seconds():
    drive = driven_by_motion()
    drive(moving(link=Link.STALE))
    decision = drive(moving(link=Link.STALE), steps=99)
    assert decision.end_episode is None
    assert decision.countdown_s == pytest.approx(DT_S)
    assert drive(moving(link=Link.STALE)).end_episode == "operator_lost"


def test_a_takeover_from_a_hold_starts_at_rest():
    decision = held_and_ready()(gripping())
    np.testing.assert_allclose(decision.executed, HUMAN * 4.0 * DT_S, atol=1e-6)


def test_a_simulated_operator_gets_out_of_a_hold_by_gripping_again():
    drive = driven_by_grip()
    drive(gripping(), elapsed_s=0.6)
    assert drive(gripping(), steps=20).mode is Mode.HOLD
    drive(OperatorSignal(), steps=10)
    assert drive(gripping()).mode is Mode.HUMAN


def test_an_operator_who_watched_may_take_over_from_a_faulty_policy_at_once():
    drive = driven_by_policy()
    assert drive(neutral(), policy=NAN).mode is Mode.HOLD
    assert drive(gripping(), policy=NAN).mode is Mode.HUMAN


@pytest.mark.parametrize(
    "bad",
    [NAN, np.asarray([np.inf, 0.0]), np.zeros(3), np.zeros((1, 2)), None, "left"],
)
def test_an_unusable_action_of_the_policy_is_never_executed(bad):
    decision = driven_by_policy()(neutral(), policy=bad)
    assert (decision.mode, decision.source) == (Mode.HOLD, Source.SAFETY)
    np.testing.assert_array_equal(decision.executed, REST)
    assert decision.end_episode is None


def test_an_action_of_the_policy_beyond_the_range_is_clipped():
    decision = driven_by_policy()(neutral(), policy=np.asarray([7.0, -1e300]))
    np.testing.assert_array_equal(decision.executed, [1.0, -1.0])


def test_three_faults_of_the_policy_end_the_episode():
    drive = driven_by_policy()
    for fault in (1, 2, 3):
        decision = drive(neutral(), policy=NAN)
        assert decision.end_episode == ("policy_fault" if fault == 3 else None)
        drive(neutral(Request.GIVE_BACK))
    drive.arbiter.reset()
    assert drive(neutral(), policy=NAN).end_episode is None


def test_a_faulty_policy_does_not_disturb_the_operator():
    drive = driven_by_motion()
    decision = drive(moving(), policy=NAN, steps=10)
    assert (decision.mode, decision.end_episode) == (Mode.HUMAN, None)


def test_a_late_loop_is_no_stall_up_to_half_a_second():
    drive = driven_by_motion()
    assert drive(moving(), elapsed_s=0.5).mode is Mode.HUMAN
    assert drive(moving(), elapsed_s=0.51).mode is Mode.HOLD


@pytest.mark.parametrize("elapsed_s", [math.nan, math.inf, 600.0])
def test_a_senseless_time_counts_as_a_stall(elapsed_s):
    assert driven_by_motion()(moving(), elapsed_s=elapsed_s).mode is Mode.HOLD


def test_a_stall_is_no_rest_of_the_hands_and_breaks_one():
    drive = held_and_deflected()
    drive(neutral(), elapsed_s=600.0)
    assert drive(gripping()).mode is Mode.HOLD
    drive(neutral(), steps=9)
    drive(neutral(), elapsed_s=0.6)
    drive(neutral(), steps=5)
    assert drive(gripping()).mode is Mode.HOLD


def test_an_emergency_stop_stays_through_the_next_episode():
    drive = stopped()
    drive.arbiter.reset()
    decision = drive(moving(Request.GIVE_BACK), steps=40)
    assert (decision.mode, decision.source) == (Mode.ESTOP, Source.SAFETY)


def test_a_reset_of_the_stop_with_deflected_controls_is_refused_and_says_so():
    drive = stopped()
    decision = drive(moving(Request.RESET), steps=40)
    assert decision.mode is Mode.ESTOP
    assert "let go of all controls" in decision.reason


def test_a_reset_must_be_held_without_a_break():
    drive = stopped()
    drive(neutral(Request.RESET), steps=19)
    drive(neutral())
    assert drive(neutral(Request.RESET), steps=19).mode is Mode.ESTOP
    assert drive(neutral(Request.RESET)).mode is Mode.DISARMED


def test_pressing_stop_again_while_resetting_starts_over():
    drive = stopped()
    drive(neutral(Request.RESET), steps=15)
    drive(neutral(Request.RESET, Request.EMERGENCY_STOP))
    assert drive(neutral(Request.RESET), steps=19).mode is Mode.ESTOP


def test_after_a_reset_the_robot_still_waits_for_the_operator():
    drive = stopped()
    drive(neutral(Request.RESET), steps=20)
    assert drive(neutral(), steps=50).source is Source.SAFETY
    assert drive(neutral(Request.GIVE_BACK)).source is Source.POLICY


def test_nothing_is_executed_in_a_pause_and_the_hold_countdown_waits():
    drive = held_and_ready()
    left_s = drive.decisions[-1].countdown_s
    drive(neutral(Request.PAUSE))
    decision = drive(neutral(), steps=400)
    assert (decision.mode, decision.source) == (Mode.PAUSED, Source.SAFETY)
    np.testing.assert_array_equal(decision.executed, REST)
    assert decision.end_episode is None
    assert drive(neutral(Request.PAUSE)).countdown_s == pytest.approx(left_s - DT_S)


def test_after_a_pause_the_action_goes_on_from_the_last_one_executed():
    executed = paused_operator()(neutral(Request.PAUSE)).executed
    np.testing.assert_allclose(executed, HUMAN - np.sign(HUMAN) * 4.0 * DT_S, atol=1e-6)


def test_a_pause_in_a_hand_over_goes_on_where_it_was():
    drive = releasing()
    drive(neutral())
    before = drive(neutral())
    drive(neutral(Request.PAUSE))
    drive(neutral(), steps=50)
    after = drive(neutral(Request.PAUSE))
    assert after.mode is Mode.RELEASING
    # The step that began the pause had counted, but was not executed.
    assert after.authority < before.authority
    assert drive(neutral(), steps=3).mode is Mode.AUTO


def test_an_operator_lost_in_a_pause_finds_the_robot_holding():
    drive = paused_operator()
    drive(neutral(link=Link.FOCUS_LOST), steps=5)
    drive(neutral(), steps=5)
    assert drive(neutral(Request.PAUSE)).mode is Mode.HOLD


def test_a_policy_may_go_on_after_a_pause_without_focus():
    drive = driven_by_policy()
    drive(neutral(Request.PAUSE))
    drive(neutral(link=Link.FOCUS_LOST), steps=100)
    assert drive(neutral(Request.PAUSE)).mode is Mode.AUTO


def test_a_takeover_by_request_survives_a_pause():
    drive = driven_by_policy()
    drive(neutral(Request.TAKE_CONTROL))
    drive(neutral(Request.PAUSE))
    drive(neutral(Request.PAUSE))
    assert drive(neutral(), steps=100).mode is Mode.HUMAN


@pytest.mark.parametrize("request_", [Request.END_EPISODE, Request.QUIT])
@pytest.mark.parametrize("start", [driven_by_policy, driven_by_motion, stopped])
def test_the_operator_can_end_the_episode_from_anywhere(start, request_):
    drive = start()
    assert drive(neutral(request_)).end_episode == "ended_by_operator"
    assert drive(neutral()).end_episode is None


def test_a_new_episode_begins_with_the_policy():
    drive = driven_by_motion()
    drive.arbiter.reset()
    assert drive(neutral()).source is Source.POLICY


def test_in_a_demonstration_the_policy_never_drives():
    drive = Drive(Takeover(2, hand_back=False))
    drive(gripping(), steps=5)
    drive(neutral(Request.GIVE_BACK))
    drive(neutral(), steps=40)
    drive(neutral(link=Link.STALE))
    drive(neutral(), steps=20)
    drive(neutral(Request.GIVE_BACK))
    drive(moving(), steps=5)
    drive(neutral(Request.PAUSE))
    drive(neutral(Request.PAUSE))
    drive(neutral(), steps=40)
    sources = {decision.source for decision in drive.decisions}
    assert sources == {Source.OPERATOR, Source.SAFETY}
    assert drive.mode is Mode.HUMAN


@pytest.mark.parametrize("size", [1, 4])
def test_actions_of_any_size_are_decided(size):
    arbiter = Takeover(size)
    signal = OperatorSignal(action=np.full(size, 0.5, np.float32), gripping=True)
    decision = arbiter.decide(np.zeros(size, np.float32), signal, elapsed_s=DT_S)
    np.testing.assert_array_equal(decision.executed, np.full(size, 0.5))


@pytest.mark.parametrize(
    ("options", "words"),
    [({"act_dim": 0}, "act_dim must be"), ({"slew_per_s": 0.0}, "slew_per_s must be")],
)
def test_numbers_that_make_no_sense_are_refused(options, words):
    with pytest.raises(ValueError, match=words):
        Takeover(**{"act_dim": 2, **options})
