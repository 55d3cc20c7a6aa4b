"""How likely it is that people can tell, learned from when they could not."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from iml_robot.rewards.arrays import Array, dots

USUAL, SPREAD = 3.5, np.array([1.0, 0.5, 0.5])
"""Log odds at which people can tell (97 of 100 times), and how much they, and the effects
of both signs, may differ from person to person."""
STEPS = 30


def signs_of(differences: Array, rewards: Array) -> Array:
    """Return what it may depend on: (1, size of the difference, expected preference).

    Args:
        differences: Standardised features, left less right, shape (n, d).
        rewards: Mean reward of left less right, shape (n,).

    Returns:
        Shape (n, 3), each below about 3.
    """
    sizes = np.sqrt((differences**2).mean(axis=1))
    return np.stack([np.ones(len(sizes)), sizes, np.tanh(np.abs(rewards))], axis=1)


def answerable(signs: Array, told: Array, asked: Array) -> Array:
    """Return how likely it is that each question can be answered, shape (n,).

    A logistic regression with a strong prior, as "can't tell" is rare.

    Args:
        signs: Of the questions that may be asked, shape (n, 3).
        told: 1 where somebody could tell and 0 where not, shape (m,).
        asked: Signs of those questions, shape (m, 3).
    """
    prior = np.array([USUAL, 0.0, 0.0])
    weights, precision = prior.copy(), np.diag(SPREAD**-2)
    for _ in range(STEPS if len(told) else 0):
        odds = dots(asked, weights[None])[:, 0]
        # A bound on the curvature (Jaakkola and Jordan, 2000), with which no step can be
        # too long; the curvature itself is next to nothing where people can always tell.
        size = np.maximum(np.abs(odds), 1e-6)
        bent = asked * (np.tanh(size / 2) / (2 * size))[:, None]
        slope = dots(asked.T, (told - expit(odds))[None])[:, 0]
        slope = slope - precision @ (weights - prior)
        weights = weights + np.linalg.solve(precision + dots(asked.T, bent.T), slope)
    return np.asarray(expit(dots(signs, weights[None])[:, 0]))
