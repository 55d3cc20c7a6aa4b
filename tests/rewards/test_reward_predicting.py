"""How sharply answers are predicted."""

import numpy as np
import pytest

from iml_robot.core.feedback import Answer
from iml_robot.rewards.evidence import Comparison, Evidence
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Prior, fit_posterior
from iml_robot.rewards.predicting import PEOPLE, predictive_noise

WEIGHTS = np.array([1.0, -0.5, 0.7, 0.0])
PRIOR, NOISE = Prior(np.zeros(4)), Noise(lapse=1e-3, tie_width=1e-3)


def answered(count, *, clear, seed=0):
    """Random pairs, answered by a logistic choice whose log odds spread so much."""
    rng = np.random.default_rng(seed)
    means = rng.normal(size=(500, 4))
    first, second = rng.integers(500, size=(2, count))
    differences = means[first] - means[second]
    size = clear / np.sqrt(2 * np.var(means @ WEIGHTS))
    left = rng.random(count) < 1 / (1 + np.exp(-size * differences @ WEIGHTS))
    said = [Answer.LEFT if one else Answer.RIGHT for one in left]
    pairs = zip(differences, said, strict=True)
    return means, [Comparison(row, answer) for row, answer in pairs]


def spread(means, told, noise, fitted):
    """Log odds of random pairs: their standard deviation."""
    weights = fit_posterior(Evidence(tuple(told)), PRIOR, fitted).mean
    return noise.sharpness * np.sqrt(2 * np.var(means @ weights))


def test_without_answers_predictions_are_as_they_were():
    means = np.random.default_rng(0).normal(size=(50, 4))
    assert predictive_noise((), PRIOR, NOISE, means=means) == NOISE


def test_with_few_answers_preferences_are_taken_to_be_as_clear_as_those_of_people():
    means, told = answered(3, clear=PEOPLE)
    told = [Comparison(4 * c.difference, c.answer) for c in told]
    noise = predictive_noise(told, PRIOR, NOISE, means=20 * means)
    # The largest correction that is tried; without one they would be far clearer.
    assert noise.sharpness == pytest.approx(0.25 * NOISE.sharpness)
    mild = predictive_noise(told, PRIOR, NOISE, means=means)
    assert spread(means, told, mild, NOISE) == pytest.approx(PEOPLE, rel=0.06)


@pytest.mark.parametrize("clear", [0.8, 4.0])
def test_many_answers_outweigh_how_clear_people_usually_are(clear):
    means, told = answered(1500, clear=clear)
    noise = predictive_noise(told, PRIOR, NOISE, means=means)
    assert spread(means, told, noise, NOISE) == pytest.approx(clear, rel=0.2)
    sharp = Noise(lapse=1e-3, tie_width=1e-3, sharpness=1.0)
    assert noise == Noise(lapse=1e-3, tie_width=1e-3, sharpness=noise.sharpness) != sharp
