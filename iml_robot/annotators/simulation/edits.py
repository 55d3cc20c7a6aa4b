"""How a simulated person sets the weight of a feature directly."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from iml_robot.core.feedback import WeightEdit

RIGHT, NO_EFFECT = 0.7, 0.15
"""Shares of the edits that go the right way and of those that change nothing; the others go
the wrong way."""
LEAST, MOST = 0.3, 1.5
"""How far an edit goes, as a share of the way to the true weight."""


def simulated_edit(
    names: Sequence[str],
    believed: npt.ArrayLike,
    *,
    truth: npt.ArrayLike,
    rng: np.random.Generator,
) -> WeightEdit:
    """Return an edit of the weight that is most likely to be looked at.

    People look at what is shown most wrongly: a feature is drawn with a probability that
    grows with the distance between what is believed and what is true.

    Args:
        names: Names of the features.
        believed: Weights that are shown to the person, shape (d,).
        truth: What the weights should be, in the same units, shape (d,).
        rng: Where the errors come from.

    Raises:
        ValueError: If the shapes differ.
    """
    shown, wanted = np.asarray(believed, np.float64), np.asarray(truth, np.float64)
    if not shown.shape == wanted.shape == (len(names),):
        raise ValueError(
            f"names, believed and truth must be as many, got {len(names)}, "
            f"{shown.shape} and {wanted.shape}"
        )
    way = wanted - shown
    total = np.abs(way).sum()
    place = int(rng.choice(len(names), p=np.abs(way) / total if total > 0 else None))
    luck, size = rng.random(), rng.uniform(LEAST, MOST)
    turn = (1.0, 0.0, -1.0)[bisect((RIGHT, RIGHT + NO_EFFECT), luck)]
    return WeightEdit(names[place], float(shown[place] + turn * size * way[place]))
