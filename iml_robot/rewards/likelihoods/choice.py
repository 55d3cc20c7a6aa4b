"""Demonstrations: of many ways to drive on, the operator chose one.

A softmax over the rewards of all ways, and so concave in the weights. Its average over a
Gaussian is taken at 2 d points that have its mean and covariance (a cubature of degree 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from iml_robot.rewards.arrays import Array, dots
from iml_robot.rewards.evidence import Choice
from iml_robot.rewards.likelihoods.term import Belief, Moments
from iml_robot.rewards.noise import Noise


@dataclass(frozen=True)
class Choices:
    """The log-likelihood of choices.

    Attributes:
        directions: Sharpness times features of others minus the chosen, of all choices one
            after the other, shape (r, d).
        begins: Where each choice begins in `directions`, shape (n,).
        weights: How much each choice counts, shape (n,).
    """

    directions: Array
    begins: np.typing.NDArray[np.int64]
    weights: Array

    @classmethod
    def of(cls, choices: Sequence[Choice], noise: Noise) -> Choices | None:
        """Return the term of choices; None: there was nothing to choose from."""
        real = [c for c in choices if len(c.others) and c.weight > 0]
        if not real:
            return None
        counts = [len(c.others) for c in real]
        return cls(
            noise.demonstration * np.concatenate([c.others - c.chosen for c in real]),
            np.cumsum([0, *counts[:-1]]),
            np.array([c.weight for c in real]),
        )

    def moments(self, belief: Belief) -> Moments:
        """Return the log-likelihood and its derivatives, averaged over a belief."""
        points = _points(belief)
        counts = np.diff(np.r_[self.begins, len(self.directions)])
        ahead = dots(self.directions, points)
        # What was chosen scores zero; the greatest is taken off so that nothing overflows.
        top = np.maximum(np.maximum.reduceat(ahead, self.begins, axis=0), 0.0)
        grown = np.exp(ahead - np.repeat(top, counts, axis=0))
        total = np.exp(-top) + np.add.reduceat(grown, self.begins, axis=0)
        value = -(top + np.log(total)).mean(axis=1)
        share = grown / np.repeat(total, counts, axis=0)
        owned = share.mean(axis=1) * np.repeat(self.weights, counts)
        columns = np.ascontiguousarray(self.directions.T)
        expected = np.add.reduceat(
            share[:, :, None] * self.directions[:, None, :], self.begins, axis=0
        )
        rooted = expected * np.sqrt(self.weights / len(points))[:, None, None]
        flat = np.ascontiguousarray(rooted.reshape(-1, len(columns)).T)
        return Moments(
            float((self.weights * value).sum()),
            -dots(columns, owned[None])[:, 0],
            dots(columns * owned, columns) - dots(flat, flat),
        )


def _points(belief: Belief) -> Array:
    """Return points that stand for a belief, shape (J, d)."""
    if belief.root is None:
        return belief.mean[None]
    steps = np.sqrt(len(belief.mean)) * belief.root.T
    return np.concatenate([belief.mean + steps, belief.mean - steps])
