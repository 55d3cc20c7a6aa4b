"""A probability from signs: a logistic model, made to mean what it says."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression

from iml_robot.asking.signs.products import dots

Array = npt.NDArray[np.float64]

RIDGE = 30.0
"""Pull of the weights towards those of the policy before, or towards nothing."""
NEWTON_STEPS = 30
LARGEST_SIGN = 5.0
"""Signs further from their mean than so many standard deviations count as so many."""
FOLDS = 4
SURE = 0.998
"""Nothing is more probable than this, or less than its opposite."""


@dataclass(frozen=True)
class RiskModel:
    """Probability of needing help soon.

    Attributes:
        mean: Of each sign, shape (F,).
        scale: Standard deviation of each sign, shape (F,).
        weights: Of the signs, and the constant last, shape (F + 1,).
        scores: Where the calibration curve is known, rising, shape (K,).
        shares: What share of such steps needed help, shape (K,).
    """

    mean: Array
    scale: Array
    weights: Array
    scores: Array
    shares: Array

    def score(self, signs: Array) -> Array:
        """Return the logistic model's own opinion, as log odds, shape (T,)."""
        return dots(_inputs(signs, self.mean, self.scale), self.weights[None])[:, 0]

    def probability(self, signs: Array) -> Array:
        """Return the calibrated probability of each step, shape (T,)."""
        shares = np.interp(self.score(signs), self.scores, self.shares)
        return np.asarray(np.clip(shares, 1 - SURE, SURE))

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return what makes an equal object."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def of(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> RiskModel:
        """Return the model of these arrays."""
        return cls(
            **{n: np.asarray(arrays[n], np.float64) for n in cls.__dataclass_fields__}
        )


def fit_risk(
    signs: Array,
    labels: npt.NDArray[np.bool_],
    drives: npt.NDArray[np.int64],
    *,
    trusted: int = 0,
    before: RiskModel | None = None,
) -> tuple[RiskModel, Array]:
    """Return a calibrated model, and what it says of steps that it was not fitted to.

    Args:
        signs: shape (N, F).
        labels: Whether help was needed soon, shape (N,).
        drives: Which drive a step belongs to, shape (N,).
        trusted: So many of the first steps say how often help is needed; 0: all do. The
            others only say what it looks like.
        before: The model of the policy before, which the new one stays near.

    Returns:
        The model, and cross-fitted probabilities, shape (N,).
    """
    mean, scale, start = _beginning(signs, before)
    inputs = _inputs(signs, mean, scale)
    held_out = np.zeros(len(signs))
    fold = _folds(labels, drives)
    for number in range(FOLDS):
        out = fold == number
        if out.any():
            weights = logistic(inputs[~out], labels[~out], start)
            held_out[out] = dots(inputs[out], weights[None])[:, 0]
    own = slice(0, trusted or None)
    scores, shares = calibration(held_out[own], labels[own])
    model = RiskModel(mean, scale, logistic(inputs, labels, start), scores, shares)
    said = np.clip(np.interp(held_out, scores, shares), 1 - SURE, SURE)
    return model, np.asarray(said)


def _folds(
    labels: npt.NDArray[np.bool_], drives: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """Return the fold of each step: drives stay whole, those in trouble are shared out."""
    found, places = np.unique(drives, return_inverse=True)
    trouble = np.bincount(places, weights=labels, minlength=len(found)) > 0
    folds = np.zeros(len(found), np.int64)
    for kind in (trouble, ~trouble):
        folds[kind] = np.arange(kind.sum()) % FOLDS
    return np.asarray(folds[places])


def _beginning(signs: Array, before: RiskModel | None) -> tuple[Array, Array, Array]:
    """Return mean and scale of the signs, and where the weights are pulled to."""
    if before is not None and before.mean.shape == (signs.shape[1],):
        return before.mean, before.scale, before.weights
    known = np.where(np.isfinite(signs), signs, np.nan)
    with warnings.catch_warnings():
        # A sign that is never known has no mean; it counts as usual throughout.
        warnings.simplefilter("ignore", RuntimeWarning)
        mean, scale = np.nanmean(known, axis=0), np.nanstd(known, axis=0)
    return np.nan_to_num(mean), np.nan_to_num(scale), np.zeros(signs.shape[1] + 1)


def logistic(inputs: Array, labels: npt.NDArray[np.bool_], start: Array) -> Array:
    """Return the weights of a logistic regression, pulled towards others.

    Newton's method; the constant, which is last, is pulled by hardly anything.

    Args:
        inputs: shape (N, F + 1), the last column ones.
        labels: shape (N,).
        start: Where the weights are pulled to, shape (F + 1,).
    """
    pull = np.full(len(start), RIDGE)
    pull[-1] = 1e-3
    weights, columns = start.copy(), np.ascontiguousarray(inputs.T)
    for _ in range(NEWTON_STEPS):
        odds = dots(inputs, weights[None])[:, 0]
        said = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        slope = dots(columns, (said - labels)[None])[:, 0] + pull * (weights - start)
        curve = dots(columns * (said * (1 - said)), columns) + np.diag(pull)
        step = np.linalg.solve(curve, slope)
        # A Newton step from far away can overshoot without end.
        weights = weights - step / max(1.0, float(np.abs(step).max()) / 3)
        if np.abs(step).max() < 1e-6:
            break
    return weights


def calibration(scores: Array, labels: npt.NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return the rising curve from scores to the share of true labels.

    Isotonic regression; each of its flat pieces becomes the point in its middle.
    """
    order = np.argsort(scores, kind="stable")
    fitted = isotonic_regression(labels[order].astype(np.float64)).x
    _, begins, counts = np.unique(fitted, return_index=True, return_counts=True)
    ranked = scores[order]
    middles = [float(ranked[a : a + n].mean()) for a, n in zip(begins, counts, strict=True)]
    return np.array(middles), fitted[begins]


def _inputs(signs: Array, mean: Array, scale: Array) -> Array:
    """Return signs in standard deviations; what is not known counts as usual."""
    with np.errstate(invalid="ignore"):
        usual = np.nan_to_num((signs - mean) / np.maximum(scale, 1e-6), posinf=0, neginf=0)
    inputs = np.clip(usual, -LARGEST_SIGN, LARGEST_SIGN)
    return np.column_stack([inputs, np.ones(len(signs))])
