"""What a kind of feedback says about weights that are known up to a Gaussian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from iml_robot.rewards.arrays import Array, dots

_POINTS, _SHARES = np.polynomial.hermite_e.hermegauss(16)
NODES: Array = np.asarray(_POINTS)
"""Points of Gauss-Hermite quadrature for a standard normal number."""
SHARES: Array = np.asarray(_SHARES / _SHARES.sum())
"""What each point counts; together 1."""


@dataclass(frozen=True)
class Belief:
    """Weights, known up to a Gaussian; without a spread they are known exactly.

    Attributes:
        mean: shape (d,).
        root: A root R of the covariance R R', shape (d, d); None: there is no spread.
    """

    mean: Array
    root: Array | None = None


@dataclass(frozen=True)
class Moments:
    """A log-likelihood and its derivatives, averaged over a belief.

    Attributes:
        value: The log-likelihood.
        slope: Its gradient in the weights, shape (d,).
        curve: Its negative Hessian, shape (d, d).
    """

    value: float
    slope: Array
    curve: Array


class Term(Protocol):
    """The log-likelihood of all feedback of one kind."""

    def moments(self, belief: Belief) -> Moments:
        """Return it and its derivatives, averaged over a belief."""
        ...


class Along(Protocol):
    """Log-likelihoods of n events that depend on one product of the weights each."""

    def __call__(self, products: Array) -> tuple[Array, Array, Array]:
        """Return value, first and second derivative, each (n, m) as the products."""
        ...


def moments_along(
    along: Along, directions: Array, weights: Array, belief: Belief
) -> Moments:
    """Return the moments of events that depend on `directions @ w` alone.

    Each product is a Gaussian number, so that an average needs one dimension only.

    Args:
        along: The log-likelihoods.
        directions: shape (n, d).
        weights: How much each event counts, shape (n,).
        belief: Where to average.
    """
    products, shares = dots(directions, belief.mean[None]), np.ones(1)
    if belief.root is not None:
        spread = np.sqrt((dots(directions, belief.root.T) ** 2).sum(axis=1))
        products, shares = products + spread[:, None] * NODES, SHARES
    value, first, second = (
        weights * dots(part, shares[None])[:, 0] for part in along(products)
    )
    columns = np.ascontiguousarray(directions.T)
    return Moments(
        float(value.sum()),
        dots(columns, first[None])[:, 0],
        -dots(columns * second, columns),
    )
