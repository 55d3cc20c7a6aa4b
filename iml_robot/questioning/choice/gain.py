"""How much an answer would tell about the weights."""

from __future__ import annotations

import numpy as np

from iml_robot.rewards.arrays import Array
from iml_robot.rewards.likelihoods.comparison import answer_chances_at
from iml_robot.rewards.noise import Noise


def answer_chances(rewards: Array, noise: Noise) -> Array:
    """Return how likely each answer is for each sample of the weights, shape (3, n, m).

    Args:
        rewards: Reward of the left less that of the right segment, shape (n, m).
        noise: How the annotator errs.
    """
    return answer_chances_at(noise.sharpness * rewards, noise)


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
