"""How a simulated person's hands move the controls."""

from __future__ import annotations

import numpy as np

from iml_robot.core.types import FloatArray
from iml_robot.operators.simulation.traits import Traits

NOISE_TIME_S = 0.5
"""Time within which the steering error changes [s]."""
LASTING_ERROR = 0.5
"""Size of the error of a takeover that is steered wrongly."""


class Hands:
    """Adds a person's steering errors to what they want to do.

    Args:
        traits: The person.
        dt: Control period [s].
        rng: Source of the errors.

    Source: Ornstein-Uhlenbeck process for the slowly varying part.
    """

    def __init__(self, traits: Traits, dt: float, rng: np.random.Generator) -> None:
        self._traits, self._rng = traits, rng
        self._keep = float(np.exp(-dt / NOISE_TIME_S))
        self._noise: FloatArray | None = None
        self._lasting: FloatArray | None = None

    def take(self, size: int) -> None:
        """Put the hands on controls with so many axes: a takeover begins."""
        self._lasting = np.zeros(size, np.float32)
        if self._rng.random() < self._traits.wrong_probability:
            way = self._rng.standard_normal(size)
            self._lasting = (LASTING_ERROR * way / np.linalg.norm(way)).astype(np.float32)

    def move(self, wanted: FloatArray) -> FloatArray:
        """Return what the controls show when a person wants an action, shape (act_dim,)."""
        moved = wanted.astype(np.float64) + self._slow_noise(wanted.shape)
        if self._lasting is not None:
            moved = moved + self._lasting
        moved = np.clip(moved, -1.0, 1.0)
        if self._traits.levels:
            moved = np.rint(moved * self._traits.levels) / self._traits.levels
        shown: FloatArray = moved.astype(np.float32)
        return shown

    def _slow_noise(self, shape: tuple[int, ...]) -> FloatArray:
        fresh = self._rng.standard_normal(shape) * self._traits.action_noise
        if self._noise is None:
            self._noise = np.zeros(shape, np.float32)
        change = np.sqrt(1 - self._keep**2) * fresh
        self._noise = (self._keep * self._noise + change).astype(np.float32)
        return self._noise
