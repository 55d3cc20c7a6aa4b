"""Bayesian ridge regression that holds near its samples and is nothing elsewhere."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Array: TypeAlias = npt.NDArray[np.float64]

CENTRE_EVERY = 6
"""One of so many samples in a row is the centre of a feature: of a drive at 20 Hz, one
every 0.3 s."""
NOISE = 0.1
"""Variance of the noise on the samples, where that of what is looked for is 1."""
JITTER = 1e-6
"""Added to the prior's diagonal: centres may lie on top of each other."""
NEGLIGIBLE = 1e-3
"""Who is farther than this from all centres is nowhere near."""


class LocalRidge:
    """Learns a function of points from samples, in closed form.

    Its features are bells around some of the samples, so that the function goes to zero
    away from them; and it knows by its variance how much of that zero is ignorance.

    Args:
        reach: Standard deviation of the bells, as a distance of points.
        features: Width F of a point.
        outputs: Number of values of the function.

    Raises:
        ValueError: If the reach is not above 0.

    Source: the projected process of Gaussian processes; Rasmussen and Williams (2006),
    "Gaussian processes for machine learning", section 8.3.4.
    """

    def __init__(self, reach: float, *, features: int, outputs: int) -> None:
        if not reach > 0:
            raise ValueError(f"reach must be above 0, got {reach}")
        self._scale = 0.5 / reach**2
        # Tensors, because torch keeps to one thread here and NumPy's library does not:
        # where another process has a core, its threads wait for each other.
        self._points = _zeros(0, features)
        self._targets = _zeros(0, outputs)
        self._centres = _zeros(0, features)
        self._moment = _zeros(0, outputs)
        # How near samples are to centres, centres to centres, and the former squared.
        self._bells = _zeros(0, 0)
        self._between = _zeros(0, 0)
        self._gram = _zeros(0, 0)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self._points)

    def add(self, points: Array, targets: Array) -> None:
        """Take in samples that follow each other.

        Args:
            points: shape (n, F), n at least 1.
            targets: shape (n, outputs).
        """
        new, wanted = torch.from_numpy(points), torch.from_numpy(targets)
        centres = new[::CENTRE_EVERY]
        between = self._bells_of(self._centres, centres)
        own = self._bells_of(centres, centres)
        self._between = _bordered(self._between, between, own)
        self._centres = torch.cat([self._centres, centres])
        # What the new centres mean for the old samples, then the new samples for all.
        columns = self._bells_of(self._points, centres)
        across = self._bells.T @ columns
        rows = self._bells_of(new, self._centres)
        self._gram = _bordered(self._gram, across, columns.T @ columns) + rows.T @ rows
        moment = torch.cat([self._moment, columns.T @ self._targets])
        self._moment = moment + rows.T @ wanted
        self._bells = torch.cat([torch.cat([self._bells, columns], dim=1), rows])
        self._points = torch.cat([self._points, new])
        self._targets = torch.cat([self._targets, wanted])

    def solve(self) -> None:
        """Find the function that the samples so far tell; `predict` needs it."""
        prior = self._between + JITTER * torch.eye(len(self._between), dtype=torch.float64)
        self._prior_root = torch.linalg.cholesky(prior)
        self._root = torch.linalg.cholesky(self._gram + NOISE * prior)
        self._weights = torch.cholesky_solve(self._moment, self._root)

    def predict(self, points: Array) -> tuple[Array, Array]:
        """Return the function and how surely it is known.

        Args:
            points: shape (n, F).

        Returns:
            Values, shape (n, outputs), and the share of the prior variance that the
            samples explain, shape (n,), from 0 (far from all samples) to 1.
        """
        bells = self._bells_of(torch.from_numpy(points), self._centres)
        values = _zeros(len(points), self._weights.shape[1])
        known = torch.zeros(len(points), dtype=torch.float64)
        near = bells.amax(1) > NEGLIGIBLE
        if bool(near.any()):
            inside = bells[near]
            values[near] = inside @ self._weights
            prior, posterior = (
                torch.linalg.solve_triangular(root, inside.T, upper=False).pow(2).sum(0)
                for root in (self._prior_root, self._root)
            )
            known[near] = (prior - NOISE * posterior).clamp(0.0, 1.0)
        return values.numpy(), known.numpy()

    def _bells_of(self, points: Tensor, centres: Tensor) -> Tensor:
        """Return the features of points: how near each is to each centre, in [0, 1]."""
        lengths = points.pow(2).sum(1)[:, None] + centres.pow(2).sum(1)
        distances = lengths - 2 * points @ centres.T
        return torch.exp(-self._scale * distances.clamp(min=0.0))


def _zeros(rows: int, columns: int) -> Tensor:
    return torch.zeros(rows, columns, dtype=torch.float64)


def _bordered(old: Tensor, across: Tensor, new: Tensor) -> Tensor:
    """Return a symmetric matrix grown by rows and columns."""
    above = torch.cat([old, across], dim=1)
    return torch.cat([above, torch.cat([across.T, new], dim=1)])
