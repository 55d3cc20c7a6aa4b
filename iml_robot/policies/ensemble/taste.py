"""What a person likes about driving, as a change of what a structured policy chooses.

The policy knows which of its candidates get the robot to the goal; a reward that people
taught says which of those they like better. The reward's features are foreseen for every
candidate, at several speeds, by a linear regression on what the policy knows of it; the
weights that people gave them decide. A change of a weight counts at the next control step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from iml_robot.core.types import FloatArray, IntArray

Array: TypeAlias = npt.NDArray[np.float64]

SPEED_FACTORS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6)
"""A taste can change the policy's speed by so much."""
SPEED_FREEDOM = 0.35
"""How freely: standard deviation of the logarithm of the factor."""
LARGEST_CHANGE = 4.0
"""A taste changes the logarithm of a candidate's probability by no more than this: what the
policy holds for a crash it must not drive into for any reward."""
RIDGE = 30.0
"""Weight of the regression's prior, in samples; those of half a second are much alike."""
FOLDS = 5


class Taste(nn.Module):
    """Weights of reward features, and what is known of how actions lead to them.

    Args:
        names: Names of the reward features, in their order.
        inputs: How many numbers describe a candidate.

    Attributes:
        names: Names of the reward features.
        weights: How much more each is liked than the policy was made for, in units of the
            standardised feature, shape (d,).
        foresight: Maps the description of a candidate to the features that are to be
            expected of it, standardised, shape (inputs, d).
    """

    weights: Tensor
    foresight: Tensor

    def __init__(self, names: Sequence[str], inputs: int) -> None:
        super().__init__()
        self.names = tuple(names)
        self.register_buffer("weights", torch.zeros(len(self.names)))
        self.register_buffer("foresight", torch.zeros(inputs, len(self.names)))

    @property
    def neutral(self) -> bool:
        """Whether nothing is liked more or less than the policy was made for."""
        return not bool(self.weights.any())

    def forward(self, descriptions: Tensor) -> tuple[Tensor, Tensor]:
        """Return what a taste changes about candidates.

        Args:
            descriptions: Of candidates at each of `SPEED_FACTORS`, shape (B, K, S, inputs).

        Returns:
            What is added to the logarithm of each candidate's probability, and the factor
            on its speed, each of shape (B, K).
        """
        liking = descriptions @ (self.foresight @ self.weights)
        factors = torch.tensor(SPEED_FACTORS, dtype=liking.dtype)
        usual = -0.5 * (factors.log() / SPEED_FREEDOM) ** 2
        best = (liking + usual).max(-1)
        bonus = best.values - best.values.mean(-1, keepdim=True)
        return bonus.clamp(-LARGEST_CHANGE, LARGEST_CHANGE), factors[best.indices]

    def learn(self, descriptions: FloatArray, features: FloatArray) -> FloatArray:
        """Learn what features follow what actions; return the share foreseen of each.

        What cannot be foreseen on parts of the data that were left out counts for less.

        Args:
            descriptions: Of the actions that were taken, in order, shape (n, inputs).
            features: What followed, standardised, shape (n, d).

        Returns:
            Shape (d,): 1 where a feature is foreseen exactly, 0 where its mean says as
            much.
        """
        scale = descriptions.std(0, dtype=np.float64) + 1e-6
        inputs = np.asarray(descriptions / scale, np.float64)
        left = np.concatenate(
            [
                features[part] - inputs[part] @ _ridge(*_without(part, inputs, features))
                for part in np.array_split(np.arange(len(inputs)), FOLDS)
            ]
        )
        share = 1 - (left**2).mean(0) / np.maximum(features.var(0), 1e-9)
        solved = _ridge(inputs, features) * share.clip(0, 1) / scale[:, None]
        self.foresight.copy_(torch.from_numpy(solved.astype(np.float32)))
        return np.asarray(share, np.float32)

    def want(self, weights: Mapping[str, float]) -> None:
        """Set how much more each feature is liked; those that are not named stay at 0.

        Raises:
            ValueError: If a name is unknown or a weight no number.
        """
        unknown = sorted(set(weights) - set(self.names))
        if unknown:
            raise ValueError(
                f"no reward feature is called {unknown[0]!r} (known: "
                f"{', '.join(self.names)})"
            )
        wanted = [float(weights.get(name, 0.0)) for name in self.names]
        if not np.isfinite(wanted).all():
            raise ValueError(f"weights must be finite numbers, got {dict(weights)}")
        self.weights.copy_(torch.tensor(wanted))


def _ridge(inputs: Array, features: FloatArray) -> Array:
    prior = RIDGE * np.eye(inputs.shape[1])
    solved = np.linalg.solve(inputs.T @ inputs + prior, inputs.T @ features)
    return np.asarray(solved, np.float64)


def _without(
    part: IntArray, inputs: Array, features: FloatArray
) -> tuple[Array, FloatArray]:
    return np.delete(inputs, part, axis=0), np.delete(features, part, axis=0)


def taste_of(options: Any, inputs: int) -> Taste | None:
    """Return what a network's option "taste" asks for; None: nothing.

    Args:
        options: Names of the reward features, or None.
        inputs: How many numbers describe a candidate.

    Raises:
        ValueError: If the option is no list of different names.
    """
    if not options:
        return None
    names = [str(name) for name in options]
    if isinstance(options, str) or len(set(names)) != len(names):
        raise ValueError(f"taste must be a list of different names, got {options!r}")
    return Taste(names, inputs)
