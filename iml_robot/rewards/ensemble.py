"""Many small networks that each give a reward, reckoned without torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from iml_robot.rewards.arrays import Array


@dataclass(frozen=True)
class Ensemble:
    """M networks of the same size, their layers one array each.

    Attributes:
        weights: Of each layer, shape (M, inputs, outputs); the last has one output.
        biases: Of each layer, shape (M, outputs).
        bounded: Whether a hyperbolic tangent keeps what they say within -1 and 1.

    Raises:
        ValueError: If layers do not fit together, or a number is not finite.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    bounded: bool

    def __post_init__(self) -> None:
        """Refuse layers that do not fit together."""
        ends = [(w.shape[0], w.shape[2]) for w in self.weights if w.ndim == 3]
        fits = (
            len(ends) == len(self.weights) == len(self.biases) > 0
            and [b.shape for b in self.biases] == ends
            and ends[-1][1] == 1
            and all(
                second.shape[:2] == end
                for end, second in zip(ends, self.weights[1:], strict=False)
            )
        )
        if not fits:
            raise ValueError("the layers of the networks do not fit together")
        if not all(np.isfinite(a).all() for a in (*self.weights, *self.biases)):
            raise ValueError("weights of the networks must be finite numbers")

    def __len__(self) -> int:
        """Return the number of networks M."""
        return len(self.weights[0])

    @property
    def inputs(self) -> int:
        """Number of inputs k."""
        return int(self.weights[0].shape[1])

    def opinions(self, inputs: npt.ArrayLike) -> Array:
        """Return what each network says of each input: (n, k) -> (n, M)."""
        rows = np.asarray(inputs, np.float64)
        if rows.ndim != 2 or rows.shape[1] != self.inputs:
            raise ValueError(
                f"inputs must have the shape (n, {self.inputs}), got {rows.shape}"
            )
        said = np.broadcast_to(rows, (len(self), *rows.shape))
        for layer, (weights, biases) in enumerate(
            zip(self.weights, self.biases, strict=True)
        ):
            said = (np.maximum(said, 0) if layer else said) @ weights + biases[:, None]
        flat = said[:, :, 0].T
        return np.asarray(np.tanh(flat) if self.bounded else flat)

    def log_odds(self, pairs: Sequence[tuple[npt.ArrayLike, npt.ArrayLike]]) -> Array:
        """Return by how much each network finds the left segment better, shape (n, M).

        Args:
            pairs: Inputs of the steps of left and right segments, each (T, k).
        """
        found = [
            self.opinions(left).mean(axis=0) - self.opinions(right).mean(axis=0)
            for left, right in pairs
        ]
        return np.array(found).reshape(len(found), len(self))
