"""Comparisons: left, right or about equal, with lapses and a side that is preferred.

With z the difference of rewards times the sharpness plus the side bias, an answer claims
that z, blurred by a logistic error, lies in an interval: left above the tie width, right
below minus the tie width, equal between. A share of answers is given without looking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from iml_robot.core.feedback import INFORMATIVE_ANSWERS, Answer
from iml_robot.rewards.arrays import Array
from iml_robot.rewards.evidence import Comparison
from iml_robot.rewards.likelihoods.term import Belief, Moments, moments_along
from iml_robot.rewards.noise import Noise

LEAST = 1e-300
"""Nothing is less likely than this; only without lapses can anything be nearly so."""


@dataclass(frozen=True)
class Intervals:
    """Which interval each of n answers claims.

    Attributes:
        low: Lower ends, the side bias taken off, shape (n, 1); may be minus infinity.
        high: Upper ends, likewise; may be infinity.
        lapse: Share of answers without looking, shape (n, 1).
        blind: Probability of this answer where nobody looked, shape (n, 1).
    """

    low: Array
    high: Array
    lapse: Array
    blind: Array

    def probability(self, products: Array) -> Array:
        """Return how likely the answers are: (n, m) differences -> (n, m)."""
        return np.asarray(self.lapse * self.blind + (1 - self.lapse) * self._seen(products))

    def __call__(self, products: Array) -> tuple[Array, Array, Array]:
        """Return log-likelihoods and their two derivatives, each (n, m)."""
        above, below = expit(self.low - products), expit(products - self.high)
        seen = self._seen(products)
        said = np.maximum(self.lapse * self.blind + (1 - self.lapse) * seen, LEAST)
        looked = (1 - self.lapse) * seen / said
        pull = above - below
        first = looked * pull
        bend = pull**2 - above * (1 - above) - below * (1 - below)
        return np.log(said), first, looked * bend - first**2

    def _seen(self, products: Array) -> Array:
        """Return how likely the answers of somebody who looks are.

        The difference of two logistic functions, written as a product, which keeps its
        digits far out.
        """
        width = -np.expm1(self.low - self.high)
        return np.asarray(expit(products - self.low) * expit(self.high - products) * width)


@dataclass(frozen=True)
class Comparisons:
    """The log-likelihood of comparisons.

    Attributes:
        directions: Sharpness times difference of features, shape (n, d).
        weights: How much each counts, shape (n,).
        intervals: What each answer claims.
    """

    directions: Array
    weights: Array
    intervals: Intervals

    @classmethod
    def of(
        cls,
        comparisons: Sequence[Comparison],
        noise: Noise,
        annotators: Mapping[str, Noise] | None = None,
    ) -> Comparisons | None:
        """Return the term of comparisons; None: none of them says anything.

        Args:
            comparisons: Answers, ratings and corrections.
            noise: How people err.
            annotators: How single annotators err, by name.

        Raises:
            ValueError: If a correction or a rating says "equal".
        """
        told = Told.of(comparisons)
        return None if told is None else told.term(noise, annotators)

    def moments(self, belief: Belief) -> Moments:
        """Return the log-likelihood and its derivatives, averaged over a belief."""
        return moments_along(self.intervals, self.directions, self.weights, belief)


@dataclass(frozen=True)
class Told:
    """Comparisons as arrays, before anybody says how people err.

    Attributes:
        differences: Of features, shape (n, d).
        weights: How much each counts, shape (n,).
        kinds: One comparison of each kind: alike but for difference and weight.
        kind: Number of the kind of each comparison, shape (n,).
    """

    differences: Array
    weights: Array
    kinds: tuple[Comparison, ...]
    kind: npt.NDArray[np.int64]

    @classmethod
    def of(cls, comparisons: Sequence[Comparison]) -> Told | None:
        """Return the comparisons that say anything; None: there are none."""
        told = [c for c in comparisons if c.answer.informative and c.weight > 0]
        if not told:
            return None
        keys = [(c.annotator, c.source, c.answer, c.much) for c in told]
        kinds = dict(zip(keys, told, strict=True))
        numbers = {key: number for number, key in enumerate(kinds)}
        return cls(
            np.stack([c.difference for c in told]),
            np.array([c.weight for c in told]),
            tuple(kinds.values()),
            np.array([numbers[key] for key in keys]),
        )

    def term(
        self, noise: Noise, annotators: Mapping[str, Noise] | None = None
    ) -> Comparisons:
        """Return their log-likelihood.

        Args:
            noise: How people err.
            annotators: How single annotators err, by name.

        Raises:
            ValueError: If a correction or a rating says "equal".
        """
        errs = [(annotators or {}).get(c.annotator, noise) for c in self.kinds]
        both = list(zip(self.kinds, errs, strict=True))
        rows = [(*interval_of(c, n), n.lapse, n.sharpness_of(c.source)) for c, n in both]
        low, high, blind, lapse, sharpness = np.array(rows)[self.kind].T[:, :, None]
        return Comparisons(
            sharpness * self.differences, self.weights, Intervals(low, high, lapse, blind)
        )


def answer_chances_at(products: Array, noise: Noise) -> Array:
    """Return how likely each of the `INFORMATIVE_ANSWERS` to a question is, (3, n, m).

    Args:
        products: Sharpness times the reward of left less right, shape (n, m).
        noise: How the annotator errs; "much better" is not told from "better".
    """
    plain = replace(noise, much_width=None)
    chances = []
    for answer in INFORMATIVE_ANSWERS:
        low, high, blind = interval_of(Comparison(np.zeros(1), answer), plain)
        ends = (np.array([[end]]) for end in (low, high, noise.lapse, blind))
        chances.append(Intervals(*ends).probability(products))
    return np.stack(chances)


def interval_of(comparison: Comparison, noise: Noise) -> tuple[float, float, float]:
    """Return the ends of the interval that an answer claims, and its blind probability.

    Ratings and corrections choose one of two, and have no sides: no tie, no side bias.

    Raises:
        ValueError: If a correction or a rating says "equal".
    """
    answer, inf = comparison.answer, np.inf
    if comparison.source != "question":
        if answer is Answer.EQUAL:
            raise ValueError(
                f"a {comparison.source} cannot say that segments are equal: leave it out"
            )
        return (0.0, inf, 0.5) if answer is Answer.LEFT else (-inf, 0.0, 0.5)
    tie, bias, blind = noise.tie_width, noise.side_bias, 1 / 3
    if answer is Answer.EQUAL:
        return -tie - bias, tie - bias, blind
    low, high = tie, inf
    if noise.much_width is not None:
        # Both strengths of an answer share what is blindly said for its side.
        blind /= 2
        low, high = (noise.much_width, inf) if comparison.much else (tie, noise.much_width)
    if answer is Answer.RIGHT:
        low, high = -high, -low
    return low - bias, high - bias, blind
