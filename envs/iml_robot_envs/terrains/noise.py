"""Smooth noise, the same on every machine: no linear algebra library is asked."""

from __future__ import annotations

import numpy as np

from iml_robot_envs.terrain import Array, Indices

_TAPS = 4


def smooth_noise(
    rng: np.random.Generator, shape: tuple[int, ...], *, spacing: float
) -> Array:
    """Return noise of mean 0 and standard deviation 1 that changes over some samples.

    A lattice of normal numbers, put at random places, is interpolated by cubic B-splines.

    Args:
        rng: Source of chance.
        shape: Rows and columns.
        spacing: Distance of the lattice's points [samples].
    """
    rows, columns = shape
    phases = rng.random(2)
    lattice = rng.standard_normal([int(n / spacing) + 6 for n in shape])
    first, weights = _taps(columns, spacing, phases[1])
    # Whole rows are gathered, which is faster than columns: hence the two transpositions.
    lattice = _interpolated(np.ascontiguousarray(lattice.T), first, weights)
    first, weights = _taps(rows, spacing, phases[0])
    noise = _interpolated(np.ascontiguousarray(lattice.T), first, weights)
    noise -= noise.mean()
    noise /= noise.std()
    return noise


def _interpolated(rows: Array, first: Indices, weights: list[Array]) -> Array:
    """Return weighted sums of four neighbouring rows, one for each of `first`."""
    total = weights[0][:, None] * rows[first]
    for tap in range(1, _TAPS):
        total += weights[tap][:, None] * rows[first + tap]
    return total


def _taps(count: int, spacing: float, phase: float) -> tuple[Indices, list[Array]]:
    """Return the first lattice point under each sample and the four weights."""
    place = np.arange(count) / spacing + phase
    first = place.astype(np.int64)
    t = place - first
    weights = [
        (1 - t) ** 3 / 6,
        (3 * t**3 - 6 * t**2 + 4) / 6,
        (-3 * t**3 + 3 * t**2 + 3 * t + 1) / 6,
        t**3 / 6,
    ]
    return first, weights
