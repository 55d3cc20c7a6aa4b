"""How large weights usually are, before anybody said anything."""

from __future__ import annotations

import numpy as np

from iml_robot.rewards.arrays import Array

PEOPLE = 1.9
"""Standard deviation of the log odds with which people prefer one of two random segments.

From the answers of people that Uni-RLHF published (26,108 decided ones, 19 tasks): 76 %
agree with the task's reward where it was understood, which a logistic choice with this
spread and 15 % of answers without looking gives too."""
LEAST, MOST = 0.25, 1.0
"""What is returned is within these: a few segments that are all alike, or all different,
do not tell how segments usually are."""


def usual_std(means: Array) -> float:
    """Return the standard deviation of weights that makes preferences as clear as people's.

    The difference of two random segments has twice the variance of one, so that weights
    with the standard deviation s give log odds with the variance 2 s^2 sum(var). A wider
    prior takes people for surer than they are: its predictions are too bold, the more the
    fewer answers there are.

    Args:
        means: Mean standardised features of segments, shape (n, d).
    """
    if len(means) < 2:
        return MOST
    total = float(np.var(means, axis=0).sum())
    if not total > 0:
        return MOST
    return float(np.clip(PEOPLE / np.sqrt(2 * total), LEAST, MOST))
