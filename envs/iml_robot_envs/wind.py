"""The air around N robots: the mean wind, its shelters, downdrafts and gusts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from iml_robot_envs.compiled import compiled
from iml_robot_envs.grid_lookup import Frame, nearest_sample
from iml_robot_envs.grounds import Grounds
from iml_robot_envs.terrain import Array, Indices

Floats = npt.NDArray[np.float32]


class Air:
    """Looks up how the air moves where robots are.

    Args:
        count: Number of robots.

    Attributes:
        moves: Whether it moves at all on any of their maps.
    """

    def __init__(self, count: int) -> None:
        self.moves = False
        self._windy = np.zeros(count, np.bool_)
        self._mean = np.zeros((count, 3))
        self._gusts: Floats = np.zeros((count, 1, 3), np.float32)
        self._gust_steps: Indices = np.ones(count, np.int64)
        # A map without shelter is one sample that is exposed.
        self._everywhere: Floats = np.ones((count, 1, 1), np.float32)

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
            self._gust_steps[robot] = len(gusts)
            self._windy[robot] = bool(self._mean[robot].any() or gusts.any())
        self.moves = bool(self._windy.any())

    def velocity(self, grounds: Grounds, position: Array, steps: Indices) -> Array:
        """Return how the air moves [m/s], shape (N, 3).

        Args:
            grounds: The maps; their exposure weakens mean wind and downdraft, not gusts.
            position: World x, y, z [m], shape (N, 3).
            steps: Control steps since each reset, shape (N,).
        """
        exposure = grounds.exposure
        air = np.empty_like(self._mean)
        _look_up(
            self._mean,
            self._gusts,
            steps % self._gust_steps,
            exposure=self._everywhere if exposure is None else exposure,
            position=position,
            frame=grounds.frame,
            air=air,
        )
        return air


@compiled
def _look_up(
    mean: Array,
    gusts: Floats,
    moments: Indices,
    *,
    exposure: Floats,
    position: Array,
    frame: Frame,
    air: Array,
) -> None:
    """Write the air's velocity, shape (N, 3) [m/s].

    Args:
        mean: Mean wind and downdraft, shape (N, 3) [m/s].
        gusts: Gusts of each robot, shape (N, most steps, 3) [m/s].
        moments: Which of them it is time for, shape (N,).
        exposure: Share of the mean wind, shape (N, rows, columns).
        position: World x, y, z of each robot, shape (N, 3) [m].
        frame: As of the grounds.
        air: Where the velocity is written.
    """
    samples_per_m, middle_column, middle_row = frame
    for robot in range(len(air)):
        shelter = exposure[robot]
        column = middle_column + samples_per_m * position[robot, 0]
        row = middle_row + samples_per_m * position[robot, 1]
        share = shelter[nearest_sample(shelter.shape, column, row)]
        for axis in range(3):
            gust = gusts[robot, moments[robot], axis]
            air[robot, axis] = mean[robot, axis] * share + gust
