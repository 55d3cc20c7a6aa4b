"""The Gaussian that is nearest to a posterior, found by Newton steps with a line search.

Newton's method first climbs to the top of the density. Few answers leave it skewed, and its
mean is not at its top; so the same steps go on with slope and curvature averaged over the
Gaussian instead of taken at its middle, which is variational inference: they end at the
Gaussian of the least divergence from the posterior.

Lapses make the log-likelihood bend upwards in places, so that the curvature there is none
of a Gaussian. The new precision is therefore mixed with the last one, which is positive
definite, until it is so too and what is climbed rises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot.rewards.arrays import Array, dots
from iml_robot.rewards.likelihoods.term import Belief, Term

MOST_STEPS = 60
STILL = 0.02
"""A step is none that moves no mean, and changes no spread, by more than this share of the
spread."""
MOST_HALVINGS = 20
NEAR = 0.1
"""Log density that a step gains near the top, where averages are worth their time."""
SETTLED = 1e-5
"""Log evidence that the last step gains; means then move by less than 0.01 sd."""


@dataclass(frozen=True)
class Gaussian:
    """Mean and precision of some numbers.

    Attributes:
        mean: shape (d,).
        precision: Inverse of the covariance, shape (d, d).
    """

    mean: Array
    precision: Array

    def times(self, precision: Array, target: Array) -> Gaussian:
        """Return the product with independent Gaussians.

        Args:
            precision: Of each number, shape (d,); may be 0.
            target: Their means, shape (d,).
        """
        total = self.precision + np.diag(precision)
        pull = self.precision @ self.mean + precision * target
        return Gaussian(np.asarray(np.linalg.solve(total, pull), np.float64), total)


@dataclass(frozen=True)
class Fit:
    """The nearest Gaussian.

    Attributes:
        gaussian: Its mean and precision.
        covariance: Its covariance, shape (d, d).
        evidence: A lower bound on the log probability of all feedback.
    """

    gaussian: Gaussian
    covariance: Array
    evidence: float


@dataclass(frozen=True)
class _Place:
    """A Gaussian, and what it is judged by."""

    gaussian: Gaussian
    covariance: Array
    height: float
    slope: Array
    curve: Array


class _Hill:
    """What is climbed: the density at a mean, or the evidence of a whole Gaussian."""

    def __init__(self, terms: Sequence[Term], base: Gaussian) -> None:
        self._terms, self._base = terms, base
        self._knew = _log_determinant(np.linalg.cholesky(base.precision))

    def look(self, at: Gaussian, *, spread: bool) -> _Place | None:
        """Return height and derivatives at a Gaussian; None: it has no covariance.

        Args:
            at: The Gaussian.
            spread: Whether to average over it.
        """
        try:
            lower = np.linalg.cholesky(at.precision)
        except np.linalg.LinAlgError:
            return None
        root = np.ascontiguousarray(np.linalg.inv(lower).T)
        covariance = dots(root, root)
        base, away = self._base.precision, at.mean - self._base.mean
        slope, curve = -dots(base, away[None])[:, 0], base
        height = 0.5 * float(away @ slope)
        if spread:
            strayed = float((base * covariance).sum()) - len(away)
            height -= 0.5 * (strayed + _log_determinant(lower) - self._knew)
        belief = Belief(at.mean, root if spread else None)
        for term in self._terms:
            moments = term.moments(belief)
            height += moments.value
            slope, curve = slope + moments.slope, curve + moments.curve
        return _Place(at, covariance, height, slope, curve)

    def climb(self, here: _Place, *, spread: bool, settled: float) -> _Place:
        """Return the top, or where steps gain less than `settled` and lead nowhere else.

        A step over the top gains nothing either, yet its end is not the top.
        """
        for _ in range(MOST_STEPS):
            there = self._step(here, spread=spread)
            if there is None:
                break
            before, here = here, there
            if here.height - before.height < settled and _near(before, here):
                break
        return here

    def _step(self, here: _Place, *, spread: bool) -> _Place | None:
        """Return a higher place; None: there is none in this direction."""
        share = 1.0
        for _ in range(MOST_HALVINGS):
            precision = (1 - share) * here.gaussian.precision + share * here.curve
            # The precision may still be singular here, which only look() finds out.
            try:
                step = np.linalg.solve(precision, here.slope)
            except np.linalg.LinAlgError:
                step = np.zeros_like(here.slope)
            there = self.look(
                Gaussian(here.gaussian.mean + share * step, precision), spread=spread
            )
            if there is not None and there.height >= here.height:
                return there
            share /= 2
        return None


def _near(before: _Place, here: _Place) -> bool:
    """Return whether two Gaussians are the same for all that anybody makes of them."""
    old, new = (np.sqrt(np.diagonal(place.covariance)) for place in (before, here))
    moved = np.abs(here.gaussian.mean - before.gaussian.mean)
    return bool((moved < STILL * new).all() and (np.abs(new - old) < STILL * new).all())


def nearest(terms: Sequence[Term], base: Gaussian, start: Gaussian | None = None) -> Fit:
    """Return the Gaussian nearest to a Gaussian times likelihoods.

    Args:
        terms: Log-likelihoods.
        base: What is known without them.
        start: A Gaussian that may be near; None: none is known.
    """
    hill = _Hill(terms, base)
    # Averages over a Gaussian that is still too wide can lead away from the top for good:
    # the way there is always climbed without them.
    begin = base if start is None else Gaussian(start.mean, base.precision)
    top = hill.look(begin, spread=False)
    assert top is not None
    top = hill.climb(top, spread=False, settled=NEAR)
    place = hill.look(top.gaussian, spread=True)
    assert place is not None
    place = hill.climb(place, spread=True, settled=SETTLED)
    return Fit(place.gaussian, place.covariance, place.height)


def _log_determinant(lower: npt.NDArray[np.floating[Any]]) -> float:
    """Return the log determinant of a matrix whose Cholesky factor is given."""
    return 2 * float(np.log(np.diagonal(lower)).sum())
