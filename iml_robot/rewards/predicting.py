"""How sharply answers should be predicted, which is less sharply than they were fitted.

Fitted log odds are too large: ties are rarer away from the middle than the likelihood
says, which large weights imitate, and the prior of the weights hardly speaks against them.
What is better is not touched by that, but how surely it is said is. So the log odds are
multiplied by a factor that predicts each fifth of the answers best from the other four,
and that makes preferences between random segments as clear as those of people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from iml_robot.core.feedback import INFORMATIVE_ANSWERS
from iml_robot.rewards.arrays import Array
from iml_robot.rewards.evidence import Comparison, Evidence
from iml_robot.rewards.likelihoods.comparison import answer_chances_at
from iml_robot.rewards.likelihoods.term import NODES, SHARES
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior, Prior, fit_posterior
from iml_robot.rewards.refit import SPREADS

PEOPLE = 1.9
"""Standard deviation of the log odds with which people prefer one of two random segments.

From the answers of people that Uni-RLHF published (26,108 decided ones, 19 tasks): 76 %
agree with the task's reward where it was understood, which a logistic choice with this
spread and 15 % of answers without looking gives too. People differ by as much as in
sharpness."""
FOLDS = 5
FACTORS = np.exp(np.linspace(np.log(0.25), np.log(1.6), 38))
"""What is tried; neighbours are 5 % apart."""


def predictive_noise(
    comparisons: Sequence[Comparison], prior: Prior, noise: Noise, *, means: Array
) -> Noise:
    """Return how to take an annotator to err where answers are predicted.

    Args:
        comparisons: The annotator's answers.
        prior: Of the weights.
        noise: How the annotator errs, as it was learned; by it weights are fitted.
        means: Mean standardised features of segments, shape (n, d), n at least 2, by which
            it is known how far apart random segments are.

    Returns:
        The same with another sharpness, for `RewardModel.answer_probabilities` with the
        posterior that was fitted by `noise`.
    """
    told = [c for c in comparisons if c.answer.informative and c.source == "question"]
    weights = fit_posterior(Evidence(tuple(told)), prior, noise).mean
    usual = noise.sharpness * np.sqrt(2 * np.var(means @ weights))
    if not usual > 0:
        return noise
    scores = -0.5 * (np.log(FACTORS * usual / PEOPLE) / SPREADS["sharpness"]) ** 2
    for fold in range(FOLDS if len(told) >= FOLDS else 0):
        rest = tuple(c for place, c in enumerate(told) if place % FOLDS != fold)
        posterior = fit_posterior(Evidence(rest), prior, noise)
        scores += _log_chances(told[fold::FOLDS], posterior, noise)
    return replace(noise, sharpness=noise.sharpness * float(FACTORS[scores.argmax()]))


def _log_chances(told: Sequence[Comparison], posterior: Posterior, noise: Noise) -> Array:
    """Return the log-likelihood of answers with each factor, shape (len(FACTORS),)."""
    rows = np.stack([c.difference for c in told])
    said = np.array([INFORMATIVE_ANSWERS.index(c.answer) for c in told])
    spread = np.sqrt(np.einsum("ni,ij,nj->n", rows, posterior.covariance, rows))
    odds = noise.sharpness * ((rows @ posterior.mean)[:, None] + spread[:, None] * NODES)
    found = []
    for factor in FACTORS:
        chances = answer_chances_at(factor * odds, noise) @ SHARES
        found.append(float(np.log(chances[said, np.arange(len(said))]).sum()))
    return np.array(found)
