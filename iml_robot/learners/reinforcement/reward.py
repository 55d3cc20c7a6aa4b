"""What a policy is trained on: a reward of named features, scaled once for each version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from iml_robot.core.types import FloatArray
from iml_robot.rewards.model import RewardModel
from iml_robot.rewards.scale import LARGEST, FeatureScale

Numbers = npt.NDArray[np.float64]

LARGEST_REWARD = 5.0
"""Scaled rewards are clipped to this: one event must not drown everything else."""
LEAST_SPREAD = 1e-6
"""A reward that differs by less than this over all it is asked about says nothing."""


class Reward(Protocol):
    """Says how good steps are by their features."""

    @property
    def version(self) -> int:
        """Number that changes whenever what people said changes the reward."""
        ...

    def reward(self, features: FloatArray, *, pessimism: float = 0.0) -> Numbers:
        """Return how good steps are: (n, d) -> (n,).

        Args:
            features: Reward features as the environment gives them, shape (n, d).
            pessimism: How much what is not known counts against a step, 0: not at all.
        """
        ...


@dataclass(frozen=True)
class LinearReward:
    """Weighs standardised features; nothing about it is uncertain.

    Attributes:
        scale: Names of the features, and how they vary.
        weights: In units of standardised features, shape (d,).
        version: Number of these weights.
    """

    scale: FeatureScale
    weights: Numbers
    version: int = 0

    @classmethod
    def shipped(cls, reward_features: Mapping[str, Mapping[str, Any]]) -> LinearReward:
        """Return the reward with the weights that an environment comes with.

        Args:
            reward_features: Attribute of that name of the environment.

        Raises:
            UsageError: If the environment has none.
        """
        scale = FeatureScale.of(reward_features)
        weights = [float(feature["weight"]) for feature in reward_features.values()]
        return cls(scale, np.array(weights))

    def reward(self, features: FloatArray, *, pessimism: float = 0.0) -> Numbers:
        """Return how good steps are, (n, d) -> (n,); see `Reward`."""
        del pessimism
        return np.asarray(self.scale.standardise(features) @ self.weights)

    def as_json(self) -> dict[str, Any]:
        """Return what `from_json` takes."""
        scale = self.scale
        columns = {"mean": scale.mean, "std": scale.std, "weights": self.weights}
        lists = {name: values.tolist() for name, values in columns.items()}
        return {"names": list(scale.names), **lists, "version": self.version}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> LinearReward:
        """Return the reward that `as_json` told."""
        mean, std, weights = (np.array(content[k]) for k in ("mean", "std", "weights"))
        scale = FeatureScale(tuple(content["names"]), mean, std)
        return cls(scale, weights, int(content["version"]))


@dataclass(frozen=True)
class Bounds:
    """Where features stop to count, before they are averaged over steps.

    A reward clips standardised features at each step. Clipped as they come, features can be
    averaged over the steps between two decisions, and the reward of the mean is the mean
    of the rewards.

    Attributes:
        low: shape (d,).
        high: shape (d,).
        usual: Mean of the reference set, which is worth nothing, shape (d,).
    """

    low: FloatArray
    high: FloatArray
    usual: FloatArray

    @classmethod
    def of(cls, scale: FeatureScale) -> Bounds:
        """Return the bounds of an environment's features."""
        reach = LARGEST * scale.std
        columns = scale.mean - reach, scale.mean + reach, scale.mean
        return cls(*(column.astype(np.float32) for column in columns))

    def __len__(self) -> int:
        """Return the number of features d."""
        return len(self.low)

    def clipped(self, features: FloatArray) -> FloatArray:
        """Return features within the bounds, shape (..., d)."""
        return np.asarray(np.clip(features, self.low, self.high), np.float32)


class ScaledReward:
    """A reward as gradient steps get it; its scale never changes.

    Args:
        reward: What people want.
        reference: Features that the scale is taken from, shape (n, d), n at least 2.
        pessimism: See `Reward.reward`.

    Attributes:
        version: Of the reward.

    Raises:
        ValueError: If a reward of the reference is not finite.
    """

    def __init__(
        self, reward: Reward, reference: FloatArray, *, pessimism: float = 0.0
    ) -> None:
        self.version = reward.version
        if isinstance(reward, RewardModel):
            reward = reward.with_reference(reference)
        self._reward, self._pessimism = reward, pessimism
        values = reward.reward(reference, pessimism=pessimism)
        self._origin, spread = float(values.mean()), float(values.std())
        if not np.isfinite([spread, self._origin]).all():
            raise ValueError("the reward of some features is not finite")
        self._scale = spread if spread > LEAST_SPREAD else 1.0

    def __call__(self, features: FloatArray) -> FloatArray:
        """Return scaled rewards within +-5: (n, d) -> (n,)."""
        values = self._reward.reward(features, pessimism=self._pessimism)
        scaled = (values - self._origin) / self._scale
        return np.asarray(scaled.clip(-LARGEST_REWARD, LARGEST_REWARD), np.float32)


def reward_distance(first: Reward, second: Reward, features: FloatArray) -> float:
    """Return how differently two rewards judge, 0 (the same) to 1 (opposite).

    Args:
        first: One reward.
        second: The other.
        features: Steps that they judge, shape (n, d).

    Source: Gleave et al. (2021), "Quantifying differences in reward functions" (EPIC,
    arXiv 2006.13900), sqrt((1 - rho) / 2) with Pearson's correlation rho. Without its
    canonical shaping: these rewards depend on what happened in a step alone, and pairs of
    states that no robot can pass between say nothing about them.
    """
    one, other = first.reward(features), second.reward(features)
    silent = [float(values.std()) < LEAST_SPREAD for values in (one, other)]
    if any(silent):
        return 0.0 if all(silent) else 0.5**0.5
    covariance = float(np.mean((one - one.mean()) * (other - other.mean())))
    correlation = covariance / float(one.std() * other.std())
    return float(np.sqrt((1 - min(correlation, 1.0)) / 2))
