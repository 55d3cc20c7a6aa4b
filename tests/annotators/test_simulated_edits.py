"""Simulated edits of weights go right, nowhere or wrong as often as they should."""

import numpy as np
import pytest

from iml_robot.annotators.simulation.edits import simulated_edit

NAMES = ("progress", "tilt", "slip")


def test_seven_of_ten_edits_go_the_right_way_and_half_of_the_others_nowhere():
    rng = np.random.default_rng(0)
    shown, wanted = np.array([1.0, 1.0, -2.0]), np.array([2.0, -1.0, -2.5])
    moves = []
    for _ in range(2000):
        edit = simulated_edit(NAMES, shown, truth=wanted, rng=rng)
        place = NAMES.index(edit.feature)
        moves.append((edit.weight - shown[place]) / (wanted - shown)[place])
    moves = np.array(moves)
    assert np.mean(moves > 0) == pytest.approx(0.7, abs=0.02)
    assert np.mean(moves == 0) == pytest.approx(0.15, abs=0.02)
    assert np.mean(moves < 0) == pytest.approx(0.15, abs=0.02)
    assert np.ptp(moves[moves > 0]) > 1


def test_the_weight_that_is_most_wrong_is_edited_most():
    rng = np.random.default_rng(1)
    shown, wanted = np.zeros(3), np.array([3.0, 1.0, 0.0])
    edits = [simulated_edit(NAMES, shown, truth=wanted, rng=rng) for _ in range(2000)]
    shares = [np.mean([e.feature == name for e in edits]) for name in NAMES]
    assert shares == pytest.approx([0.75, 0.25, 0.0], abs=0.03)


def test_where_nothing_is_wrong_an_edit_changes_nothing():
    rng = np.random.default_rng(2)
    edit = simulated_edit(NAMES, np.ones(3), truth=np.ones(3), rng=rng)
    assert edit.weight == 1.0


def test_weights_that_do_not_fit_the_names_are_refused():
    with pytest.raises(ValueError, match="as many"):
        simulated_edit(NAMES, np.ones(2), truth=np.ones(3), rng=np.random.default_rng(0))
