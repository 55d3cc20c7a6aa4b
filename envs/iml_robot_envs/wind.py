"""The air around N robots: the mean wind, its shelters, downdrafts and gusts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from iml_robot_envs.grounds import Grounds
from iml_robot_envs.terrain import Array, Bools, Indices


class Air:
    """Looks up how the air moves where robots are.

    Args:
        count: Number of robots.

    Attributes:
        moves: Whether it moves at all on any of their maps.
    """

    def __init__(self, count: int) -> None:
        self.moves = False
        self._windy: Bools = np.zeros(count, np.bool_)
        self._mean = np.zeros((count, 3))
        self._gusts: npt.NDArray[np.float32] = np.zeros((count, 1, 3), np.float32)
        self._steps: Indices = np.ones(count, np.int64)
        self._robots = np.arange(count)

    def load(self, which: Indices, grounds: Grounds) -> None:
        """Take over the wind and the gusts of some robots' episodes."""
        for robot in which.tolist():
            terrain, gusts = grounds.terrains[robot], grounds.weather[robot].gusts
            assert terrain is not None
            wind = terrain.wind
            self._mean[robot] = *wind.mean, -wind.downdraft_m_s
            if len(gusts) > self._gusts.shape[1]:
                longer = np.zeros((len(self._gusts), len(gusts), 3), np.float32)
                longer[:, : self._gusts.shape[1]] = self._gusts
                self._gusts = longer
            self._gusts[robot, : len(gusts)] = gusts
            self._steps[robot] = len(gusts)
            self._windy[robot] = bool(self._mean[robot].any() or gusts.any())
        self.moves = bool(self._windy.any())

    def velocity(self, grounds: Grounds, position: Array, steps: Indices) -> Array:
        """Return how the air moves [m/s], shape (N, 3).

        Args:
            grounds: The maps; their exposure weakens mean wind and downdraft, not gusts.
            position: World x, y and whatever follows [m], shape (N, at least 2).
            steps: Control steps since each reset, shape (N,).
        """
        gusts = self._gusts[self._robots, steps % self._steps]
        if grounds.exposure is None:
            return np.asarray(self._mean + gusts)
        share = grounds.nearest(grounds.exposure, position[:, None, :2])
        return np.asarray(self._mean * share + gusts)
