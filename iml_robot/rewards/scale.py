"""Features in standard deviations of a frozen reference set, so that weights compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot.core.errors import UsageError
from iml_robot.rewards.arrays import Array, finite

LARGEST = 5.0
"""Features further from their mean than so many standard deviations count as so many."""
CONSTANT = 1e-9
"""A feature with a standard deviation below this share of its size does not vary."""


@dataclass(frozen=True)
class FeatureScale:
    """What features are called, and how they vary.

    A feature that is constant in the reference set says nothing: it counts as zero
    throughout, and `constant` names it.

    Attributes:
        names: Names of the d features, in the order of the feature vector.
        mean: Means in the reference set, shape (d,).
        std: Standard deviations in the reference set, shape (d,).

    Raises:
        UsageError: If there are no features, names repeat, or numbers are missing, not
            finite or negative.
    """

    names: tuple[str, ...]
    mean: Array
    std: Array

    def __post_init__(self) -> None:
        """Refuse what cannot be a scale."""
        if not self.names:
            raise UsageError(
                "there are no reward features: use an environment with `reward_features`"
            )
        if len(set(self.names)) < len(self.names):
            raise UsageError(
                f"names of reward features must differ, got {list(self.names)}"
            )
        for name in ("mean", "std"):
            try:
                values = finite(getattr(self, name), name, (len(self.names),))
            except ValueError as error:
                raise UsageError(
                    f"reward features {list(self.names)}: {error}; measure them again"
                ) from error
            object.__setattr__(self, name, values)
        if (self.std < 0).any():
            raise UsageError(f"std of reward features must be >= 0, got {list(self.std)}")

    @classmethod
    def of(cls, reward_features: Mapping[str, Mapping[str, Any]]) -> FeatureScale:
        """Return the scale of an environment.

        Args:
            reward_features: Its attribute of that name: "mean" and "std" of each feature.

        Raises:
            UsageError: If it has none, or what it says is no scale.
        """
        try:
            mean = [float(entry["mean"]) for entry in reward_features.values()]
            std = [float(entry["std"]) for entry in reward_features.values()]
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(
                f"each reward feature needs numbers `mean` and `std`: {error!r}"
            ) from error
        return cls(tuple(reward_features), np.array(mean), np.array(std))

    def __len__(self) -> int:
        """Return the number of features d."""
        return len(self.names)

    @property
    def varies(self) -> npt.NDArray[np.bool_]:
        """Features that are not constant, shape (d,)."""
        return np.asarray(self.std > CONSTANT * np.maximum(1.0, np.abs(self.mean)))

    @property
    def constant(self) -> tuple[str, ...]:
        """Names of the features that say nothing."""
        return tuple(n for n, v in zip(self.names, self.varies, strict=True) if not v)

    def standardise(self, features: npt.ArrayLike) -> Array:
        """Return features in standard deviations from the mean, within -5 to 5.

        Args:
            features: As the environment gives them, shape (n, d).

        Raises:
            UsageError: If the shape is another, or something is NaN or infinite.
        """
        raw = np.asarray(features, np.float64)
        if raw.ndim != 2 or raw.shape[1] != len(self):
            raise UsageError(
                f"features must have the shape (n, {len(self)}), got {raw.shape}: they "
                f"must come from the environment of this scale, with {list(self.names)}"
            )
        known = np.asarray(np.isfinite(raw).all(axis=0))
        if not known.all():
            broken = [n for n, k in zip(self.names, known, strict=True) if not k]
            raise UsageError(
                f"reward features {broken} are NaN or infinite: mend the environment, or "
                "leave the episode out"
            )
        unit = np.where(self.varies, self.std, 1.0)
        usual = np.clip((raw - self.mean) / unit, -LARGEST, LARGEST)
        return np.asarray(np.where(self.varies, usual, 0.0))

    def summary(self, features: npt.ArrayLike) -> Array:
        """Return the mean of each standardised feature over the steps of a segment.

        Means and not sums: a longer segment is no better for being longer.

        Args:
            features: Of the steps of a segment, shape (T, d), T >= 1.

        Raises:
            UsageError: If there are no steps, or as for `standardise`.
        """
        steps = self.standardise(features)
        if not len(steps):
            raise UsageError("a segment without steps has no features: give at least one")
        return np.asarray(steps.mean(axis=0))
