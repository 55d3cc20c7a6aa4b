"""How much an answer would tell about the weights."""

from __future__ import annotations

import numpy as np

from iml_robot.core.feedback import Answer
from iml_robot.rewards.arrays import Array
from iml_robot.rewards.evidence import Comparison
from iml_robot.rewards.likelihoods.comparison import Intervals, interval_of
from iml_robot.rewards.noise import Noise

ANSWERS = (Answer.LEFT, Answer.RIGHT, Answer.EQUAL)


def answer_chances(rewards: Array, noise: Noise) -> Array:
    """Return how likely each answer is for each sample of the weights, shape (3, n, m).

    Args:
        rewards: Reward of the left less that of the right segment, shape (n, m).
        noise: How the annotator errs.
    """
    plain = Noise(
        sharpness=noise.sharpness,
        tie_width=noise.tie_width,
        lapse=noise.lapse,
        side_bias=noise.side_bias,
    )
    chances = []
    for answer in ANSWERS:
        ends = interval_of(Comparison(np.zeros(1), answer), plain)
        low, high, blind = (np.array([[end]]) for end in ends)
        intervals = Intervals(low, high, np.array([[noise.lapse]]), blind)
        chances.append(intervals.probability(noise.sharpness * rewards))
    return np.stack(chances)


def information(chances: Array) -> Array:
    """Return the mutual information of answer and weights [bit], shape (n,).

    Args:
        chances: How likely each answer is for each of m samples, shape (3, n, m).
    """
    alone = _entropy(chances).mean(axis=-1)
    together = _entropy(chances.mean(axis=-1))
    return np.asarray(np.maximum(0.0, together - alone))


def _entropy(chances: Array) -> Array:
    """Return the entropy over the first axis [bit]."""
    safe = np.maximum(chances, np.finfo(np.float64).tiny)
    return np.asarray(-(chances * np.log2(safe)).sum(axis=0))
