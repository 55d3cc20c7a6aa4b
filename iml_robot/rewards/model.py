"""A learned reward: the posterior and all that is needed to use it, in one file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot.core.errors import ArtifactError, UsageError
from iml_robot.core.whole_files import replace_text
from iml_robot.rewards.arrays import Array, dots, finite
from iml_robot.rewards.likelihoods.comparison import answer_chances_at
from iml_robot.rewards.likelihoods.term import NODES, SHARES
from iml_robot.rewards.noise import Noise
from iml_robot.rewards.posterior import Posterior
from iml_robot.rewards.scale import FeatureScale

FORMAT = "iml_robot.reward/1"


@dataclass(frozen=True)
class RewardModel:
    """Reward of a step: the weighted sum of its standardised features.

    Attributes:
        scale: Names of the features, and how they vary.
        posterior: What is known of their weights.
        noise: How people err.
        version: Number of the reward in its session.
        spread: Mean products of standardised features over a reference batch, shape (d, d),
            by which pessimism is measured; left out: the features of the reference set,
            taken as unrelated. See `with_reference`.

    Raises:
        UsageError: If scale and posterior are about different features.
        ValueError: If the spread is none.
    """

    scale: FeatureScale
    posterior: Posterior
    noise: Noise
    version: int = 0
    spread: Array = field(default_factory=lambda: np.zeros((0, 0)))

    def __post_init__(self) -> None:
        """Refuse parts that do not fit."""
        d, known = len(self.scale), self.posterior.names
        if len(self.posterior.mean) != d or (known and known != self.scale.names):
            raise UsageError(
                f"the posterior is about {list(known) or len(self.posterior.mean)}, the "
                f"scale about {list(self.scale.names)}: take both from one environment"
            )
        spread = (
            self.spread if self.spread.size else np.diag(self.scale.varies.astype(float))
        )
        object.__setattr__(self, "spread", finite(spread, "spread", (d, d)))

    def with_reference(self, features: npt.ArrayLike) -> RewardModel:
        """Return the same reward with pessimism measured on other driving.

        Args:
            features: As the environment gives them, shape (n, d), n >= 1.

        Raises:
            UsageError: If there are none, or they are not of this environment.
        """
        rows = self.scale.standardise(features)
        if not len(rows):
            raise UsageError("a reference batch needs at least one step")
        return replace(self, spread=dots(rows.T, rows.T) / len(rows))

    @property
    def weights(self) -> dict[str, float]:
        """Mean weight of each feature; features that say nothing weigh zero."""
        means = np.where(self.scale.varies, self.posterior.mean, 0.0)
        return {n: float(m) for n, m in zip(self.scale.names, means, strict=True)}

    def reward(self, features: npt.ArrayLike, *, pessimism: float = 0.0) -> Array:
        """Return the reward of each step, shape (n,).

        With pessimism it is -tau log E exp(-r / tau) over the posterior, which for a
        Gaussian has a closed form: the mean less variance / (2 tau). tau is set so that the
        penalty over the reference batch has the mean `pessimism` standard deviations of the
        reward (root mean square).

        Args:
            features: As the environment gives them, shape (n, d).
            pessimism: How many standard deviations, >= 0.

        Raises:
            UsageError: If features are NaN, infinite or of another environment, or the
                pessimism is negative.
        """
        if not 0 <= pessimism < float("inf"):
            raise UsageError(f"pessimism must be >= 0, got {pessimism}")
        rows = self.scale.standardise(features)
        return self.reward_of(rows, pessimism=pessimism)

    def reward_of(self, rows: Array, *, pessimism: float = 0.0) -> Array:
        """Return the reward of standardised features, shape (n,); see `reward`."""
        reward = dots(rows, self.posterior.mean[None])[:, 0]
        if pessimism == 0:
            return reward
        return np.asarray(reward - self.penalty_share(pessimism) * self._variance(rows))

    def penalty_share(self, pessimism: float) -> float:
        """Return 1 / (2 tau): how much of the variance pessimism takes off."""
        usual = float((self.posterior.covariance * self.spread).sum())
        return pessimism / np.sqrt(usual) if usual > 0 else 0.0

    def answer_probabilities(self, difference: npt.ArrayLike) -> Array:
        """Return how likely an annotator says left, right and equal, shape (n, 3).

        The columns are in the order of `INFORMATIVE_ANSWERS`. Averaged over the posterior;
        lapses and the side bias included.

        Args:
            difference: Mean standardised features, left minus right, shape (n, d).
        """
        rows = finite(difference, "difference", (-1, len(self.scale)))
        centre = self.noise.sharpness * dots(rows, self.posterior.mean[None])
        width = self.noise.sharpness * np.sqrt(self._variance(rows))[:, None]
        chances = answer_chances_at(centre + width * NODES, self.noise)
        return np.stack([dots(c, SHARES[None])[:, 0] for c in chances], axis=1)

    def _variance(self, rows: Array) -> Array:
        """Return the variance of the reward of standardised features, shape (n,)."""
        root = np.linalg.cholesky(self.posterior.covariance)
        return np.asarray((dots(rows, root.T) ** 2).sum(axis=1))

    def content(self) -> dict[str, Any]:
        """Return what makes an equal object, as JSON values."""
        return {
            "format": FORMAT,
            "version": self.version,
            "names": list(self.scale.names),
            "scale": {"mean": self.scale.mean.tolist(), "std": self.scale.std.tolist()},
            "posterior": {
                "mean": self.posterior.mean.tolist(),
                "covariance": self.posterior.covariance.tolist(),
                "signs": self.posterior.signs.tolist(),
            },
            "noise": asdict(self.noise),
            "spread": self.spread.tolist(),
        }

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> RewardModel:
        """Return the reward of such values.

        Raises:
            KeyError: If something is missing.
            TypeError: If something is of another kind.
            ValueError: If numbers cannot be meant.
            UsageError: If parts do not fit.
        """
        names = tuple(content["names"])
        scale = FeatureScale(names, **_arrays(content["scale"]))
        posterior = Posterior(names, **_arrays(content["posterior"]))
        spread = np.array(content["spread"], np.float64)
        noise = Noise(**content["noise"])
        return cls(scale, posterior, noise, int(content["version"]), spread)

    def save(self, path: Path) -> None:
        """Write the reward as a whole or not at all."""
        content = self.content()
        text = json.dumps({**content, "sha256": _digest(content)}, indent=1)
        replace_text(path, text)

    @classmethod
    def load(cls, path: Path) -> RewardModel:
        """Read a reward.

        Raises:
            UsageError: If there is no such file.
            ArtifactError: If it is damaged, or no reward of this format.
        """
        content = _read(path)
        try:
            return cls.of(content)
        except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
            raise ArtifactError(
                f"{path} is no reward that can be used: {error!r}"
            ) from error


def _arrays(entries: dict[str, Any]) -> dict[str, Array]:
    return {name: np.array(values, np.float64) for name, values in entries.items()}


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _read(path: Path) -> dict[str, Any]:
    """Return the content of a reward file whose hash is right."""
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise UsageError(f"there is no reward file {path}") from error
    except (OSError, ValueError) as error:
        raise ArtifactError(f"cannot read the reward file {path}: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        given = (
            content.get("format") if isinstance(content, dict) else type(content).__name__
        )
        raise ArtifactError(
            f"{path} has the format {given!r}, but {FORMAT!r} is needed: "
            "learn the reward again"
        )
    stored = content.pop("sha256", None)
    if stored != _digest(content):
        raise ArtifactError(
            f"{path} is damaged: its content does not fit its hash; take another copy"
        )
    return content
