"""Probabilities that mean what they say."""

import numpy as np
import pytest

from iml_robot.asking.risk.model import RIDGE, RiskModel, calibration, fit_risk, logistic

RNG = np.random.default_rng(11)


def drives(count, steps=100, signs=4):
    """Signs, true probabilities and labels of drives, by a known logistic model."""
    seen = RNG.normal(size=(count * steps, signs))
    odds = seen @ np.array([2.0, -1.0, 0.0, 0.5]) - 2.0
    truth = 1 / (1 + np.exp(-odds))
    return seen, truth, RNG.random(len(truth)) < truth, np.repeat(np.arange(count), steps)


def error(said, truth):
    """The expected calibration error in 15 bins, against known probabilities."""
    places = np.minimum((said * 15).astype(int), 14)
    bins = [places == k for k in range(15)]
    return sum(abs(said[b].mean() - truth[b].mean()) * b.mean() for b in bins if b.any())


def test_the_weights_are_where_the_penalised_likelihood_is_flat():
    seen, _, labels, _ = drives(10)
    inputs = np.column_stack([seen, np.ones(len(seen))])
    start = np.array([0.3, 0.0, 0.0, -0.2, 0.0])
    weights = logistic(inputs, labels, start)
    said = 1 / (1 + np.exp(-inputs @ weights))
    pull = np.array([RIDGE] * 4 + [1e-3])
    np.testing.assert_allclose(inputs.T @ (said - labels) + pull * (weights - start), 0,
                               atol=1e-5)  # fmt: skip


def test_held_out_steps_get_the_probability_that_they_have():
    seen, _, labels, places = drives(60)
    model, _ = fit_risk(seen, labels, places)
    fresh, truth, _, _ = drives(100)
    assert error(model.probability(fresh), truth) < 0.02


def test_steps_that_are_not_trusted_do_not_change_how_often():
    seen, _, labels, places = drives(60)
    # The second half is labelled far too often: by an operator who is easily alarmed.
    half = len(seen) // 2
    alarmed = labels.copy()
    alarmed[half:] |= RNG.random(half) < 0.5
    model, _ = fit_risk(seen, alarmed, places, trusted=half)
    fresh, truth, _, _ = drives(100)
    assert error(model.probability(fresh), truth) < 0.04


def test_the_curve_is_the_isotonic_regression():
    # Pool adjacent violators by hand: 0 | 1 0 -> 0.5 | 1.
    scores, shares = calibration(
        np.array([3.0, 0, 1, 2]), np.array([True, False, True, False])
    )
    np.testing.assert_allclose(shares, [0, 0.5, 1])
    np.testing.assert_allclose(scores, [0, 1.5, 3])


def test_what_is_not_known_counts_as_usual():
    seen, _, labels, places = drives(20)
    model, _ = fit_risk(seen, labels, places)
    unknown = np.full((1, 4), np.nan)
    np.testing.assert_allclose(
        model.probability(unknown), model.probability(model.mean[None])
    )
    assert np.isfinite(model.probability(np.full((1, 4), np.inf))).all()


def test_a_sign_that_is_never_known_does_no_harm():
    seen, _, labels, places = drives(20)
    seen[:, 2] = np.nan
    model, said = fit_risk(seen, labels, places)
    assert np.isfinite(said).all()
    assert np.isfinite(model.weights).all()


def test_a_model_with_little_to_see_stays_near_the_one_before():
    seen, _, labels, places = drives(60)
    before, _ = fit_risk(seen, labels, places)
    few = slice(0, 100)
    alone, _ = fit_risk(seen[few], labels[few], places[few])
    after, _ = fit_risk(seen[few], labels[few], places[few], before=before)

    def apart(model):
        return np.abs(model.weights - before.weights).max()

    assert apart(after) < apart(alone)


def test_a_model_comes_back_from_its_arrays():
    seen, _, labels, places = drives(10)
    model, _ = fit_risk(seen, labels, places)
    again = RiskModel.of(model.arrays())
    np.testing.assert_array_equal(again.probability(seen), model.probability(seen))


@pytest.mark.parametrize("all_alike", [True, False])
def test_labels_of_one_kind_are_no_crash(all_alike):
    seen, _, labels, places = drives(5)
    model, said = fit_risk(seen, np.full_like(labels, all_alike), places)
    assert np.isfinite(model.weights).all()
    assert abs(said.mean() - all_alike) < 0.01
