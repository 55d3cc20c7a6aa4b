"""Weights that were set by hand: a pull, a lock or a sign.

A pull and a lock are Gaussian. A pinned sign cuts the posterior off at zero; the cut is
kept exactly in its first two moments: expectation propagation replaces it by a Gaussian
that gives the weight the mean and variance of the truncated Gaussian it multiplies.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from iml_robot.core.errors import UsageError
from iml_robot.core.feedback import WeightEdit
from iml_robot.core.registry import did_you_mean
from iml_robot.rewards.arrays import Array

WIDTH, WIDTH_SHARE = 0.05, 0.25
"""A weight is meant up to the first plus the second times its size (section 5.4)."""
LOCK_WIDTH = 1e-3
"""A locked weight stays where it is up to this."""
APART = 2.0
"""An edit so many standard deviations from all else that is known is in doubt."""
DOUBT = 4
"""How fast its pull falls with the distance beyond: people turn one knob in seven the wrong
way, and what they answer afterwards must be able to say so. A lock is never in doubt."""


def width_of(edit: WeightEdit) -> float:
    """Return the standard deviation that a weight is meant with; infinity: no opinion."""
    if edit.weight is None:
        return math.inf
    return LOCK_WIDTH if edit.locked else WIDTH + WIDTH_SHARE * abs(edit.weight)


@dataclass(frozen=True)
class Edits:
    """The edits that count, by feature.

    Attributes:
        precision: Of the pull on each weight, shape (d,); 0: none.
        target: Where each is pulled, shape (d,).
        signs: -1 or +1 where a sign is pinned, else 0, shape (d,).
    """

    precision: Array
    target: Array
    signs: Array

    @classmethod
    def of(cls, edits: Iterable[WeightEdit], names: tuple[str, ...]) -> Edits:
        """Return what the newest edit of each feature says.

        Args:
            edits: The newest last; an edit replaces all that was said of its feature, so
                one without weight and sign takes it back.
            names: Names of the features.

        Raises:
            UsageError: If there is no such feature.
        """
        found = cls(*np.zeros((3, len(names))))
        for name, edit in {e.feature: e for e in edits}.items():
            if name not in names:
                raise UsageError(
                    f"no reward feature is called {name!r}{did_you_mean(name, names)}"
                )
            k = names.index(name)
            found.precision[k] = width_of(edit) ** -2
            found.target[k] = edit.weight or 0.0
            found.signs[k] = edit.sign
        return found


def doubted(edits: Edits, mean: Array, std: Array) -> Edits:
    """Return edits that pull less the less they agree with all else.

    Args:
        edits: What was set by hand.
        mean: Weights as known without it, shape (d,).
        std: How surely, shape (d,).
    """
    pulls = edits.precision > 0
    width = 1 / np.sqrt(np.where(pulls, edits.precision, 1.0))
    apart = np.abs(edits.target - mean) / np.hypot(width, std)
    trust = (APART / np.maximum(apart, APART)) ** DOUBT
    trust = np.where(width <= LOCK_WIDTH, 1.0, trust)
    return Edits(np.where(pulls, trust * edits.precision, 0.0), edits.target, edits.signs)


def truncated(mean: float, variance: float, sign: int) -> tuple[float, float]:
    """Return mean and variance of a Gaussian that is cut off at zero.

    Args:
        mean: Of the Gaussian.
        variance: Of the Gaussian.
        sign: +1: what is above zero stays; -1: what is below.
    """
    width = math.sqrt(variance)
    inside = sign * mean / width
    log_density = -0.5 * inside**2 - 0.5 * math.log(2 * math.pi)
    hazard = math.exp(log_density - float(log_ndtr(inside)))
    # Far outside all digits of the difference cancel; there the tail is exponential.
    left = max(1 - hazard * (hazard + inside), 1e-9)
    return mean + sign * width * hazard, variance * left
