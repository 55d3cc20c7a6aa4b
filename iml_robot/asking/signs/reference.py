"""What the policy was trained on, and how far from it an observation is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from iml_robot.asking.signs.products import dots, main_directions
from iml_robot.core.types import FloatArray

Array = npt.NDArray[np.float64]

COMPONENTS = 16
"""Principal components that observations are compared in."""
NEIGHBOURS = 5
LEAST_SCALE = 0.05
"""Parts of an observation that hardly change count as if they changed by so much."""
LEAST_POINTS = 50
"""Fewer observations say nothing about what is new."""
MOST_POINTS = 4000


class Reference:
    """Observations that a policy knows, in the directions in which they differ most.

    Args:
        arrays: What `arrays` returned.
    """

    def __init__(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        self._mean = np.asarray(arrays["mean"], np.float64)
        self._scale = np.asarray(arrays["scale"], np.float64)
        self._basis = np.asarray(arrays["basis"], np.float64)
        self._points = np.asarray(arrays["points"], np.float64)
        self._tree = cKDTree(self._points)

    @property
    def components(self) -> int:
        """Number of components."""
        return len(self._basis)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Return what makes an equal object."""
        names = ("mean", "scale", "basis", "points")
        return {name: getattr(self, f"_{name}").astype(np.float32) for name in names}

    def look(self, observations: FloatArray) -> tuple[Array, Array, Array]:
        """Return where observations are among the known ones.

        Args:
            observations: shape (T, obs_dim).

        Returns:
            Their components (T, k), the mean distance to the nearest known ones (T,), and
            what the components do not explain (T,).
        """
        seen = np.nan_to_num((observations - self._mean) / self._scale)
        components = dots(seen, self._basis)
        # Pythagoras: the basis is orthonormal.
        explained = (components**2).sum(axis=1)
        rest = np.sqrt(np.maximum((seen**2).sum(axis=1) - explained, 0))
        count = min(NEIGHBOURS, len(self._points))
        distances, _ = self._tree.query(components, k=list(range(1, count + 1)))
        return components, distances.mean(axis=1), rest


def make_reference(known: FloatArray) -> Reference | None:
    """Return the reference of observations that a policy was trained on.

    Args:
        known: shape (N, obs_dim); rows that are not finite are left out.

    Returns:
        None where there are too few to say what is new.
    """
    known = known[np.isfinite(known).all(axis=1)]
    if len(known) < LEAST_POINTS:
        return None
    known = known[:: -(-len(known) // MOST_POINTS)]
    mean = known.mean(axis=0, dtype=np.float64)
    # The square root makes distances those of a typical part of the observation.
    scale = known.std(axis=0, dtype=np.float64).clip(LEAST_SCALE) * known.shape[1] ** 0.5
    seen = (known - mean) / scale
    basis = main_directions(seen, COMPONENTS)
    points = dots(seen, basis)
    return Reference({"mean": mean, "scale": scale, "basis": basis, "points": points})
