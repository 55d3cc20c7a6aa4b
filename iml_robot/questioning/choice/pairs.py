"""Draws pairs of segments that are fair to compare."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot.core.types import BoolArray
from iml_robot.questioning.choice.pool import Pool

NEWEST, CORRECTED, OLDER = 0.7, 0.15, 0.15
"""Shares of the pairs of new segments, of those with a corrected and with an older one."""
TOLERANCE = 0.15
"""Segments belong together that begin at stages which differ by no more than this."""
TRIES = 16
"""Partners that are looked at for each segment."""

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Pairs:
    """Pairs of places in a pool.

    Attributes:
        left: Segments on the left, shape (n,).
        right: Segments on the right, shape (n,).
    """

    left: Indices
    right: Indices

    def __len__(self) -> int:
        """Return the number of pairs n."""
        return len(self.left)

    def chosen(self, which: BoolArray | Indices) -> Pairs:
        """Return some of the pairs."""
        return Pairs(self.left[which], self.right[which])


def draw_pairs(
    pool: Pool, usable: BoolArray, count: int, rng: np.random.Generator
) -> Pairs:
    """Return pairs at matched stages, with sides at random; fewer if there are few.

    Args:
        pool: What to draw from.
        usable: Which segments may be used, shape (n,).
        count: How many pairs to try for.
        rng: Where chance comes from.
    """
    kinds = (
        (NEWEST, usable & pool.newest, usable & pool.newest),
        (CORRECTED, usable & pool.corrected, usable),
        (OLDER, usable & ~pool.newest, usable),
    )
    # A single segment has no partner among its like.
    drawn = [kind for kind in kinds if kind[1].any() and kind[2].sum() > 1]
    total = sum(share for share, _, _ in drawn)
    parts = [
        _matched(pool, first, partners, round(count * share / total), rng)
        for share, first, partners in drawn
    ]
    none = np.zeros(0, np.int64)
    one = np.concatenate([none, *(part.left for part in parts)])
    other = np.concatenate([none, *(part.right for part in parts)])
    swapped = rng.random(len(one)) < 0.5
    both = Pairs(np.where(swapped, other, one), np.where(swapped, one, other))
    low, high = np.minimum(one, other), np.maximum(one, other)
    _, once = np.unique(low * len(pool) + high, return_index=True)
    return both.chosen(np.sort(once))


def _matched(
    pool: Pool,
    first: BoolArray,
    partners: BoolArray,
    count: int,
    rng: np.random.Generator,
) -> Pairs:
    """Return pairs of one kind: the same map if there is such a partner, else any."""
    one = rng.choice(np.flatnonzero(first), count)
    others = rng.choice(np.flatnonzero(partners), (count, TRIES))
    apart = np.abs(pool.stages[one][:, None] - pool.stages[others])
    fits = (apart <= TOLERANCE) & (others != one[:, None])
    near = pool.places[one][:, None] == pool.places[others]
    best = (2 * fits + near).argmax(axis=1)
    rows = np.arange(count)
    return Pairs(one, others[rows, best]).chosen(fits[rows, best])
