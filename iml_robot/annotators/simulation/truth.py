"""What a simulated annotator wants, and what it takes for a large difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from iml_robot.core.feedback import Segment
from iml_robot.core.registry import did_you_mean

Array = npt.NDArray[np.float64]

MOST_PAIRS = 100_000
"""So many random pairs stand for all pairs of a reference set."""


class Scale(Protocol):
    """Turns reward features into comparable numbers."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features."""

    def standardise(self, features: npt.ArrayLike) -> Array:
        """Return features in standard deviations: (n, d) -> (n, d)."""


Weights = Sequence[float] | Mapping[str, float]


def weights_of(weights: Weights, names: Sequence[str]) -> Array:
    """Return weights in the order of the features, shape (d,).

    Args:
        weights: One a feature, or by name; what is not named weighs nothing.
        names: Names of the features.

    Raises:
        ValueError: If a name is unknown, a number is missing or none is different from 0.
    """
    if isinstance(weights, Mapping):
        for name in weights:
            if name not in names:
                raise ValueError(f"there is no feature {name!r}{did_you_mean(name, names)}")
        weights = [weights.get(name, 0.0) for name in names]
    array = np.array(weights, np.float64)
    if array.shape != (len(names),):
        raise ValueError(f"weights must be {len(names)} numbers, got shape {array.shape}")
    if not np.isfinite(array).all() or not array.any():
        raise ValueError(f"weights must be finite and not all 0, got {array.tolist()}")
    return array


def rotated(weights: Array, angle: float, rng: np.random.Generator) -> Array:
    """Return weights of the same length in another direction, shape (d,).

    Args:
        weights: Where to begin, shape (d,).
        angle: How far to turn [rad].
        rng: Where the plane of the turn comes from.

    Raises:
        ValueError: If there are fewer than two features.
    """
    if len(weights) < 2:
        raise ValueError("weights can only turn where there are two features or more")
    length = np.linalg.norm(weights)
    along = weights / length
    across = rng.normal(size=len(weights))
    across -= across @ along * along
    across /= np.linalg.norm(across)
    turned: Array = length * (np.cos(angle) * along + np.sin(angle) * across)
    return turned


class Truth:
    """What segments are worth to somebody.

    Args:
        scale: Scale of the reward features.
        weights: What each standardised feature is worth, shape (d,).
        discount: Factor by which a step counts less than the one after it; 1: all steps
            count the same.

    Raises:
        ValueError: If the discount is not in (0, 1].
    """

    def __init__(self, scale: Scale, weights: Array, *, discount: float = 1.0) -> None:
        if not 0 < discount <= 1:
            raise ValueError(f"discount must be in (0, 1], got {discount}")
        self.weights = weights
        self._scale, self._discount = scale, discount

    def values(self, segments: Sequence[Segment]) -> Array:
        """Return what segments are worth, as a mean over steps, shape (n,)."""
        ends = np.cumsum([len(segment) for segment in segments])
        steps = np.concatenate([segment.features for segment in segments])
        rewards = self._scale.standardise(steps) @ self.weights
        return np.array([self._mean(part) for part in np.split(rewards, ends[:-1])])

    def value(self, segment: Segment) -> float:
        """Return what one segment is worth."""
        return float(self.values([segment])[0])

    def _mean(self, rewards: Array) -> float:
        if self._discount == 1:
            return float(rewards.mean())
        shares = self._discount ** np.arange(len(rewards))[::-1]
        return float(shares @ rewards / shares.sum())


class Yardstick:
    """How far apart segments usually are, so that no threshold depends on units.

    Thresholds are quantiles over a reference set. Fractions of a mean value would change
    their meaning where values are negative.

    Args:
        truth: What segments are worth.
        reference: Segments to go by, two or more.
        rng: Where the pairs come from, if there are too many to look at all.

    Attributes:
        spread: Standard deviation of the difference of two random segments.

    Raises:
        ValueError: If all segments are worth the same.
    """

    def __init__(
        self, truth: Truth, reference: Sequence[Segment], rng: np.random.Generator
    ) -> None:
        if len(reference) < 2:
            raise ValueError(
                f"two segments or more are needed to go by, got {len(reference)}"
            )
        self._values = truth.values(reference)
        first, second = np.triu_indices(len(reference), 1)
        if len(first) > MOST_PAIRS:
            kept = rng.choice(len(first), MOST_PAIRS, replace=False)
            first, second = first[kept], second[kept]
        self._gaps = np.abs(self._values[first] - self._values[second])
        self.spread = float(np.sqrt(np.mean(self._gaps**2)))
        if not self.spread > 0:
            raise ValueError(
                "all segments to go by are worth the same; give different ones"
            )

    def gap(self, share: float) -> float:
        """Return the difference below which a share of the pairs lies, in spreads."""
        return float(np.quantile(self._gaps, share)) / self.spread

    def value(self, share: float) -> float:
        """Return the value below which a share of the segments lies."""
        return float(np.quantile(self._values, share))
