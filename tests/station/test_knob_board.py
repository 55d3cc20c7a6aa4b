"""What turning knobs makes of the weights, without a window."""

import pytest
from screen_rig import knobs

from iml_robot.core.feedback import WeightEdit
from iml_robot.station.knobs.board import LARGEST, STEP, KnobBoard, Knobs


@pytest.fixture
def board():
    # Means: progress 0.9, clearance -0.7, tilt -0.32, smoothness 0.11.
    return KnobBoard(knobs())


def only(board):
    (edit,) = board.edits
    return edit


def test_nothing_turned_is_nothing_said(board):
    board.move(1)
    assert board.edits == ()


def test_a_turn_begins_at_the_learned_weight(board):
    board.turn(STEP)
    assert only(board) == WeightEdit("progress", 0.95)


def test_turns_lie_on_the_grid_of_steps(board):
    board.move(2)
    board.turn(-STEP)
    # -0.32 - 0.05 = -0.37, next to -0.35.
    assert only(board).weight == pytest.approx(-0.35)


def test_the_selection_stops_at_the_ends(board):
    board.move(-1)
    assert board.selected == 0
    board.move(9)
    assert board.selected == 3


def test_weights_stay_within_bounds(board):
    for _ in range(100):
        board.turn(0.25)
    assert only(board).weight == LARGEST


def test_a_lock_holds_the_weight_where_it_stands(board):
    board.lock()
    assert only(board) == WeightEdit("progress", 0.9, locked=True)
    assert "locked" in board.turn(STEP)
    assert only(board).weight == 0.9
    board.lock()
    assert only(board) == WeightEdit("progress", 0.9)


def test_a_pinned_sign_stops_the_weight_at_zero(board):
    board.move(3)
    board.pin(1)
    assert only(board) == WeightEdit("smoothness", None, sign=1)
    for _ in range(5):
        board.turn(-STEP)
    assert only(board) == WeightEdit("smoothness", 0.0, sign=1)


def test_a_pin_replaces_an_older_weight_that_it_contradicts(board):
    board.turn(STEP)
    board.pin(-1)
    assert only(board) == WeightEdit("progress", sign=-1)
    # The learned weight is on the wrong side: the lock stops at 0.
    board.lock()
    assert only(board) == WeightEdit("progress", 0.0, locked=True, sign=-1)


def test_a_second_press_lets_the_sign_go(board):
    board.pin(1)
    board.pin(1)
    assert board.edits == ()


def test_clearing_forgets_what_was_said_of_one_feature(board):
    board.turn(STEP)
    board.move(1)
    board.turn(STEP)
    board.clear()
    assert [e.feature for e in board.edits] == ["progress"]
    assert "nothing" in board.clear()


def test_edits_from_before_are_kept_in_the_order_of_the_features():
    given = (WeightEdit("tilt", sign=-1), WeightEdit("progress", 1.0))
    board = KnobBoard(knobs(edits=given))
    assert board.edits == given[::-1]


def test_edits_of_other_features_are_not_lost():
    other = WeightEdit("slip", -1.0)
    assert KnobBoard(knobs(edits=(other,))).edits == (other,)


def test_every_weight_fits_into_the_bars():
    board = KnobBoard(knobs(means=[3.2, 0, 0, 0], stds=[0.6, 1, 1, 1]))
    assert board.reach >= 3.8
    for _ in range(20):
        board.turn(0.25)
    assert board.reach >= LARGEST


def test_a_weight_that_is_no_number_can_be_edited():
    board = KnobBoard(knobs(means=[float("nan"), 0, 0, 0]))
    assert board.reach > 0
    board.turn(STEP)
    assert only(board).weight == pytest.approx(STEP)


def test_lists_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="one value a feature"):
        Knobs(["a"], ["b"], [0.0, 1.0], [1.0], [0.0])
