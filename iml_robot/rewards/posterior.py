"""One posterior over the weights, whatever people said them with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from iml_robot.rewards.arrays import Array, finite
from iml_robot.rewards.evidence import Evidence
from iml_robot.rewards.gaussian import Fit, Gaussian, nearest
from iml_robot.rewards.likelihoods.alarm import Alarms
from iml_robot.rewards.likelihoods.choice import Choices
from iml_robot.rewards.likelihoods.comparison import Comparisons
from iml_robot.rewards.likelihoods.edit import Edits, doubted, truncated
from iml_robot.rewards.likelihoods.term import Term
from iml_robot.rewards.noise import Noise

PINNING_ROUNDS = 30
PINNED = 1e-3
"""Signs are pinned once no mean moves by more than this share of its sd."""
REDRAWS = 50


@dataclass(frozen=True)
class Prior:
    """What weights are taken for before anybody said anything.

    Attributes:
        mean: shape (d,).
        std: Standard deviation of each, above 0.
        names: Names of the features; needed where weights are edited.

    Raises:
        ValueError: If a number is not finite, the spread is not above 0, or there are not
            as many names as weights.
    """

    mean: Array
    std: float = 1.0
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no prior."""
        object.__setattr__(self, "mean", finite(self.mean, "mean", (-1,)))
        _check_names(self.names, len(self.mean))
        if not 0 < self.std < float("inf"):
            raise ValueError(f"std must be above 0, got {self.std}")

    @classmethod
    def of(
        cls, reward_features: Mapping[str, Mapping[str, Any]], std: float = 1.0
    ) -> Prior:
        """Return the prior round the weights that an environment ships.

        Args:
            reward_features: The environment's attribute of that name; what has no
                "weight" weighs 0.
            std: Standard deviation of each weight.
        """
        weights = [float(entry.get("weight", 0.0)) for entry in reward_features.values()]
        return cls(np.array(weights), std, tuple(reward_features))


@dataclass(frozen=True)
class Posterior:
    """What is known of the weights of standardised features.

    Attributes:
        names: Names of the d features; empty: the prior knew none.
        mean: shape (d,).
        covariance: shape (d, d).
        signs: -1 or +1 where a sign is pinned, else 0, shape (d,).

    Raises:
        ValueError: If shapes do not fit or the covariance is none.
    """

    names: tuple[str, ...]
    mean: Array
    covariance: Array
    signs: Array = field(default_factory=lambda: np.zeros(0))

    def __post_init__(self) -> None:
        """Refuse what is no Gaussian."""
        object.__setattr__(self, "mean", finite(self.mean, "mean", (-1,)))
        d = len(self.mean)
        _check_names(self.names, d)
        object.__setattr__(
            self, "covariance", finite(self.covariance, "covariance", (d, d))
        )
        signs = self.signs if len(self.signs) else np.zeros(d)
        object.__setattr__(self, "signs", finite(signs, "signs", (d,)))
        try:
            np.linalg.cholesky(self.covariance)
        except np.linalg.LinAlgError as error:
            raise ValueError("covariance must be positive definite") from error

    @property
    def std(self) -> Array:
        """Standard deviation of each weight, shape (d,)."""
        return np.asarray(np.sqrt(np.diagonal(self.covariance)))

    def sample(self, n: int, rng: np.random.Generator) -> Array:
        """Return n draws of the weights, shape (n, d); pinned signs hold in all of them."""
        root = np.linalg.cholesky(self.covariance)
        draws = self.mean + rng.standard_normal((n, len(self.mean))) @ root.T
        for _ in range(REDRAWS):
            wrong = (draws * self.signs < 0).any(axis=1)
            if not wrong.any():
                return draws
            fresh = rng.standard_normal((int(wrong.sum()), len(self.mean)))
            draws[wrong] = self.mean + fresh @ root.T
        return np.asarray(np.where(draws * self.signs < 0, 0.0, draws))


def fit_posterior(
    evidence: Evidence,
    prior: Prior,
    noise: Noise,
    *,
    start: Posterior | None = None,
    annotators: Mapping[str, Noise] | None = None,
    unedited: Posterior | None = None,
) -> Posterior:
    """Return the posterior over the weights.

    Args:
        evidence: What people said.
        prior: What weights are taken for without it.
        noise: How people err.
        start: The posterior before the newest evidence, to begin from.
        annotators: How single annotators err, by name; others err as `noise`.
        unedited: The posterior by everything but the edits, where that is known already.

    Raises:
        UsageError: If a weight of an unknown feature was edited.
        ValueError: If evidence and prior are about different numbers of features.
    """
    _check_sizes(evidence, len(prior.mean))
    edits = Edits.of(evidence.edits, prior.names or ("",) * len(prior.mean))
    begin = None
    if start is not None and start.mean.shape == prior.mean.shape:
        begin = Gaussian(start.mean, np.asarray(np.linalg.inv(start.covariance)))
    terms = terms_of(evidence, noise, annotators)
    if terms and edits.precision.any():
        # An edit is judged by what speaks beside it; the prior alone speaks against none.
        if unedited is None or edits.signs.any():
            without = Edits(np.zeros_like(edits.precision), edits.target, edits.signs)
            shown = fit_weights(terms, prior, without, begin)
            mean, std = shown.gaussian.mean, np.sqrt(np.diagonal(shown.covariance))
        else:
            mean, std = unedited.mean, unedited.std
        edits = doubted(edits, mean, std)
    fit = fit_weights(terms, prior, edits, begin)
    return Posterior(prior.names, fit.gaussian.mean, fit.covariance, edits.signs)


def terms_of(
    evidence: Evidence, noise: Noise, annotators: Mapping[str, Noise] | None = None
) -> list[Term]:
    """Return the log-likelihoods of all kinds of feedback that there is."""
    found: tuple[Term | None, ...] = (
        Comparisons.of(evidence.comparisons, noise, annotators),
        Choices.of(evidence.choices, noise),
        Alarms.of(evidence.alarms, noise),
    )
    return [term for term in found if term is not None]


def fit_weights(
    terms: Sequence[Term], prior: Prior, edits: Edits, start: Gaussian | None = None
) -> Fit:
    """Return the Gaussian nearest to prior, edits and likelihoods.

    Args:
        terms: Log-likelihoods.
        prior: What weights are taken for without them.
        edits: What was set by hand.
        start: Where to begin; None: at the prior.
    """
    wide = Gaussian(prior.mean, np.diag(np.full(len(prior.mean), prior.std**-2)))
    base = wide.times(edits.precision, edits.target)
    fit = nearest(terms, base, start)
    pinned = np.flatnonzero(edits.signs)
    site, centre = np.zeros(len(prior.mean)), np.zeros(len(prior.mean))
    for _ in range(PINNING_ROUNDS if len(pinned) else 0):
        for k in pinned:
            site[k], centre[k] = _cut(fit, int(k), site[k], centre[k], int(edits.signs[k]))
        last, fit = fit, nearest(terms, base.times(site, centre), fit.gaussian)
        moved = np.abs(fit.gaussian.mean - last.gaussian.mean)
        if (moved < PINNED * np.sqrt(np.diagonal(fit.covariance))).all():
            break
    return fit


def _cut(fit: Fit, k: int, site: float, centre: float, sign: int) -> tuple[float, float]:
    """Return precision and mean of the Gaussian that stands for a pinned sign.

    Args:
        fit: The posterior with the last such Gaussian in it.
        k: Number of the weight.
        site: Precision of the last one.
        centre: Its mean.
        sign: Of the weight.
    """
    precision = 1 / fit.covariance[k, k]
    free = precision - site
    mean = (precision * fit.gaussian.mean[k] - site * centre) / free
    cut_mean, cut_variance = truncated(mean, 1 / free, sign)
    left = 1 / cut_variance - free
    return left, (cut_mean / cut_variance - free * mean) / left if left > 0 else 0.0


def _check_names(names: Sequence[str], count: int) -> None:
    if names and len(names) != count:
        raise ValueError(f"{count} weights need as many names, got {len(names)}")


def _check_sizes(evidence: Evidence, count: int) -> None:
    """Refuse evidence about another number of features.

    Raises:
        ValueError: If there is some.
    """
    sizes = {len(c.difference) for c in evidence.comparisons}
    sizes |= {len(c.chosen) for c in evidence.choices}
    sizes |= {len(a.predicted) for a in evidence.alarms}
    if sizes - {count}:
        raise ValueError(
            f"evidence is about {sorted(sizes)} features, the prior about {count}: "
            "both must come from the same environment"
        )
