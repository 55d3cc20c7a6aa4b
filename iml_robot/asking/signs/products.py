"""Sums of products in plain loops.

Threads of a linear algebra library would wait for cores that are busy with learning and
driving, many times as long as these sums take.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def dots(first: npt.NDArray[Any], second: npt.NDArray[Any]) -> Array:
    """Return the products of all rows of two matrices: (I, N), (J, N) -> (I, J)."""
    return np.asarray(
        np.einsum("in,jn->ij", np.ascontiguousarray(first), np.ascontiguousarray(second))
    )


def main_directions(rows: Array, count: int) -> Array:
    """Return directions in which rows differ most from zero, as rows (count, N).

    Subspace iteration: exact enough after a few rounds where the directions stand out.

    Args:
        rows: shape (I, N).
        count: How many.
    """
    count = min(count, *rows.shape)
    columns = np.ascontiguousarray(rows.T)
    spread = min(count + EXTRA, *rows.shape)
    found = np.random.default_rng(0).standard_normal((rows.shape[1], spread))
    for _ in range(ROUNDS):
        found = np.linalg.qr(found)[0]
        found = dots(columns, dots(np.ascontiguousarray(found.T), rows))
    basis, sizes, _ = np.linalg.svd(found, full_matrices=False)
    return np.ascontiguousarray(basis[:, np.argsort(-sizes)[:count]].T)


EXTRA = 8
ROUNDS = 8
