"""How one person errs, learned from their own answers.

The figures are those that make all feedback most probable, the weights averaged out, times
a prior round the defaults (type-II maximum a posteriori). What is raised is the lower bound
on the log evidence that the nearest Gaussian gives. At that Gaussian the bound is level in
its mean and spread, so its slope in the figures is that with the Gaussian held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, logit

from iml_robot.rewards.arrays import Array
from iml_robot.rewards.evidence import Evidence
from iml_robot.rewards.gaussian import Fit
from iml_robot.rewards.likelihoods.comparison import Comparisons, Told
from iml_robot.rewards.likelihoods.edit import Edits
from iml_robot.rewards.likelihoods.term import Belief, Term
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Prior, fit_weights, terms_of

EVERY = 20
"""Replies of a person after which their figures are learned again."""
LAPSE_PRIOR = (1.0, 9.0)
"""Beta prior of lapses: worth ten answers, one of them without looking."""
SPREADS = {"sharpness": 0.3, "tie_width": 0.5, "side_bias": 0.3, "much_width": 0.5}
"""Standard deviations of the priors: of logarithms, and of the side bias itself. Sharpness
is narrow because the prior of the weights alone tells it from their size."""
MUCH_GAP = 1.5
"""By how much "much better" lies above a tie where nothing is known, in log odds."""
LEAST_MUCH = 3
"""Answers with "much" before it is given a width."""
FARTHEST = 3.0
_NUDGE = 1e-4
_DEFAULT = Noise()


def due(replies: int, last: int) -> bool:
    """Return whether a person's figures should be learned again.

    Args:
        replies: How many answers of this person there are.
        last: How many there were the last time.
    """
    return replies - last >= EVERY


def refit_noise(
    evidence: Evidence,
    prior: Prior,
    noise: Noise,
    *,
    annotator: str = "",
    annotators: Mapping[str, Noise] | None = None,
) -> Noise:
    """Return sharpness, tie width, lapse and side bias of one annotator.

    Args:
        evidence: All that is known; other people and other kinds of feedback help to tell
            what the weights are.
        prior: Of the weights.
        noise: How everybody else errs; the rest of its figures is kept.
        annotator: Whose figures are learned.
        annotators: How single annotators err, by name.

    Returns:
        The figures; unchanged where the annotator answered no question.
    """
    before = (annotators or {}).get(annotator, noise)
    mine = [
        c.annotator == annotator and c.source == "question" for c in evidence.comparisons
    ]
    own = tuple(compress(evidence.comparisons, mine))
    others = tuple(
        c for c, is_mine in zip(evidence.comparisons, mine, strict=True) if not is_mine
    )
    told = Told.of(own)
    if told is None:
        return before
    rest = terms_of(replace(evidence, comparisons=others), noise, annotators)
    figures = _Figures(before, much=sum(c.much for c in own) >= LEAST_MUCH)
    edits = Edits.of(evidence.edits, prior.names or ("",) * len(prior.mean))
    # Pinned signs hardly tell how somebody errs, and cost many fits.
    edits = replace(edits, signs=np.zeros_like(edits.signs))
    climb = _Climb(told, rest, prior, edits, figures)
    begin = figures.coordinates(before)
    found = minimize(
        climb,
        begin,
        jac=True,
        method="L-BFGS-B",
        bounds=[(-FARTHEST, FARTHEST)] * len(begin),
        options={"maxiter": 30, "ftol": 1e-6},
    )
    return figures.noise(found.x)


@dataclass(frozen=True)
class _Figures:
    """Figures of a person as coordinates, in standard deviations of their priors.

    Those of lapses are log odds, with a Beta prior instead.
    """

    kept: Noise
    much: bool

    def coordinates(self, noise: Noise) -> Array:
        """Return where figures are, within what is searched."""
        found = [
            np.log(noise.sharpness / _DEFAULT.sharpness) / SPREADS["sharpness"],
            np.log(noise.tie_width / _DEFAULT.tie_width) / SPREADS["tie_width"],
            noise.side_bias / SPREADS["side_bias"],
            logit(max(noise.lapse, 1e-3)) - logit(_DEFAULT.lapse),
        ]
        if self.much:
            width = noise.much_width or noise.tie_width + MUCH_GAP
            found.append(
                np.log((width - noise.tie_width) / MUCH_GAP) / SPREADS["much_width"]
            )
        return np.asarray(np.clip(found, -FARTHEST, FARTHEST), np.float64)

    def noise(self, at: Array) -> Noise:
        """Return the figures at coordinates."""
        tie = _DEFAULT.tie_width * np.exp(SPREADS["tie_width"] * at[1])
        gap = MUCH_GAP * np.exp(SPREADS["much_width"] * at[4]) if self.much else 0.0
        return replace(
            self.kept,
            sharpness=float(_DEFAULT.sharpness * np.exp(SPREADS["sharpness"] * at[0])),
            tie_width=float(tie),
            side_bias=float(SPREADS["side_bias"] * at[2]),
            lapse=float(expit(at[3] + logit(_DEFAULT.lapse))),
            much_width=float(tie + gap) if self.much else None,
        )

    def log_prior(self, at: Array) -> float:
        """Return the log density of coordinates, up to a constant."""
        odds = at[3] + logit(_DEFAULT.lapse)
        few, many = LAPSE_PRIOR
        lapses = few * np.log(expit(odds)) + many * np.log(expit(-odds))
        return float(lapses - 0.5 * (np.delete(at, 3) ** 2).sum())


class _Climb:
    """Minus the log evidence of figures, and its slope."""

    def __init__(
        self,
        told: Told,
        others: Sequence[Term],
        prior: Prior,
        edits: Edits,
        figures: _Figures,
    ) -> None:
        self._told, self._others = told, others
        self._prior, self._edits, self._figures = prior, edits, figures
        self._last: Fit | None = None

    def __call__(self, at: Array) -> tuple[float, Array]:
        start = None if self._last is None else self._last.gaussian
        terms = [self._term(at), *self._others]
        fit = self._last = fit_weights(terms, self._prior, self._edits, start)
        belief = Belief(fit.gaussian.mean, np.asarray(np.linalg.cholesky(fit.covariance)))
        slope = np.zeros(len(at))
        for k in range(len(at)):
            ends = []
            for side in (-_NUDGE, _NUDGE):
                near = at.copy()
                near[k] += side
                value = self._term(near).moments(belief).value
                ends.append(value + self._figures.log_prior(near))
            slope[k] = (ends[1] - ends[0]) / (2 * _NUDGE)
        return -fit.evidence - self._figures.log_prior(at), -slope

    def _term(self, at: Array) -> Comparisons:
        return self._told.term(self._figures.noise(at))
