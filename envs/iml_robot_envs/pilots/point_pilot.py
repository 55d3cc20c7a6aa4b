"""A driver for the point: a spring towards the goal with damping."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]


class PointPilot:
    """Steers a point mass to the goal."""

    def reset(self, *, seed: int) -> None:
        """Forget the last episode; there is nothing to forget."""

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the acceleration in [-1, 1], shape (2,)."""
        wish = 3.0 * observation[:2] - 1.0 * observation[2:4]
        return np.clip(wish, -1.0, 1.0).astype(np.float32)

    def risk(self, observation: FloatArray, action: FloatArray) -> float:
        """Return how far the action points away from the goal, in [0, 1]."""
        own = self.act(observation)
        return float(np.clip(np.linalg.norm(own - action) - 0.5, 0.0, 1.0))
