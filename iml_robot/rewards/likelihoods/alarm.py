"""Takeovers: what the policy was about to do was not good enough.

A second that the policy would have driven is taken over where its reward lies below a
threshold, up to a logistic error. Seconds without a takeover say the opposite, but less:
an operator who lets something pass need not like it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit

from iml_robot.rewards.arrays import Array
from iml_robot.rewards.evidence import Alarm
from iml_robot.rewards.likelihoods.term import Belief, Moments, moments_along
from iml_robot.rewards.noise import Noise

QUIET = 0.05
"""What a second without a takeover counts (section 5.4 of the study)."""


@dataclass(frozen=True)
class Alarms:
    """The log-likelihood of takeovers and of quiet.

    Attributes:
        directions: Sharpness times predicted features, turned round where a takeover came,
            shape (n, d).
        offsets: Log odds of what happened where the reward is zero, shape (n, 1).
        weights: How much each counts, shape (n,).
    """

    directions: Array
    offsets: Array
    weights: Array

    @classmethod
    def of(cls, alarms: Sequence[Alarm], noise: Noise) -> Alarms | None:
        """Return the term of alarms; None: there are none."""
        real = [a for a in alarms if a.weight > 0]
        if not real:
            return None
        signs = np.array([[-1.0 if a.taken else 1.0] for a in real])
        return cls(
            noise.alarm * signs * np.stack([a.predicted for a in real]),
            -noise.alarm * noise.alarm_threshold * signs,
            np.array([a.weight for a in real]),
        )

    def moments(self, belief: Belief) -> Moments:
        """Return the log-likelihood and its derivatives, averaged over a belief."""
        return moments_along(self, self.directions, self.weights, belief)

    def __call__(self, products: Array) -> tuple[Array, Array, Array]:
        """Return log-likelihoods and their two derivatives, each (n, m)."""
        odds = products + self.offsets
        against = expit(-odds)
        return np.asarray(log_expit(odds)), against, against * (against - 1)
