"""A replay buffer that knows what happened, not what it was worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from gymnasium import spaces
from stable_baselines3.common.buffers import ReplayBuffer
from stable_baselines3.common.type_aliases import ReplayBufferSamples
from stable_baselines3.common.vec_env import VecNormalize

from iml_robot.core.errors import UsageError
from iml_robot.core.types import FloatArray
from iml_robot.learners.reinforcement.decisions import Decisions

Indices = npt.NDArray[np.int64]


class RelabelledReplay(ReplayBuffer):
    """Stores the reward features of each transition and asks for their reward when drawn.

    Whoever changes `reward` has relabelled everything that was ever stored. It fits the
    library's own algorithms too: `SAC(..., replay_buffer_class=RelabelledReplay,
    replay_buffer_kwargs={"feature_size": d, "reward": f, "rng": g})` with an environment
    that gives `info["features"]`.

    Args:
        buffer_size: Number of transitions; the oldest make room.
        observation_space: Of one robot.
        action_space: Of one robot.
        feature_size: Number of reward features d.
        reward: Maps features (n, d) to rewards (n,).
        rng: Draws transitions.
        **library: Further arguments of the library's buffer.

    Attributes:
        reward: As given; may be set.
        features: shape (size, robots, d).
    """

    def __init__(
        self,
        buffer_size: int,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        *,
        feature_size: int,
        reward: Callable[[FloatArray], FloatArray],
        rng: np.random.Generator,
        **library: Any,
    ) -> None:
        super().__init__(buffer_size, observation_space, action_space, **library)
        self.reward = reward
        self._rng = rng
        shape = self.buffer_size, self.n_envs, feature_size
        self.features: FloatArray = np.zeros(shape, np.float32)

    def __len__(self) -> int:
        """Return the number of stored transitions."""
        return self.size() * self.n_envs

    def add(  # noqa: PLR0917 (the library's order)
        self,
        obs: npt.NDArray[Any],
        next_obs: npt.NDArray[Any],
        action: npt.NDArray[Any],
        reward: npt.NDArray[Any],
        done: npt.NDArray[Any],
        infos: list[dict[str, Any]],
    ) -> None:
        """Store one step of all robots; the given rewards are kept and never used.

        Raises:
            UsageError: If an info lacks features, or one of them is not finite.
        """
        missing = [number for number, info in enumerate(infos) if "features" not in info]
        if missing:
            raise UsageError(
                f"the info of robots {missing} has no features; the environment must put "
                "its reward features there at each step"
            )
        features = np.stack([np.asarray(info["features"], np.float32) for info in infos])
        check_features(features, self.features.shape[2])
        self.features[self.pos] = features
        super().add(obs, next_obs, action, reward, done, infos)

    def extend(self, decisions: Decisions) -> None:
        """Store many transitions of a buffer for one robot, the newest last.

        Raises:
            UsageError: If a feature is not finite.
            ValueError: If the buffer is one for several robots.
        """
        if self.n_envs != 1:
            raise ValueError(f"only a buffer for 1 robot is extended, got {self.n_envs}")
        check_features(decisions.features, self.features.shape[2])
        kept = decisions.newest(self.buffer_size)
        places = (self.pos + np.arange(len(kept))) % self.buffer_size
        self.observations[places, 0] = kept.observations
        self.next_observations[places, 0] = kept.following
        self.actions[places, 0] = kept.actions
        self.features[places, 0] = kept.features
        self.dones[places, 0] = 0.0
        self.timeouts[places, 0] = 0.0
        self.full = self.full or self.pos + len(kept) >= self.buffer_size
        self.pos = (self.pos + len(kept)) % self.buffer_size

    def sample(
        self, batch_size: int, env: VecNormalize | None = None
    ) -> ReplayBufferSamples:
        """Draw transitions and ask for their rewards; see the library."""
        return self._get_samples(self._rng.integers(self.size(), size=batch_size), env)

    def _get_samples(
        self, batch_inds: npt.NDArray[Any], env: VecNormalize | None = None
    ) -> ReplayBufferSamples:
        robots = self._rng.integers(self.n_envs, size=len(batch_inds))
        place = batch_inds, robots
        # A robot whose time was up would have gone on: only the task's own ends count.
        ended = self.dones[place] * (1 - self.timeouts[place])
        columns = (
            self._normalize_obs(self.observations[place], env),
            self.actions[place],
            self._normalize_obs(self.next_observations[place], env),
            ended[:, None],
            self.reward(self.features[place])[:, None],
        )
        return ReplayBufferSamples(*map(self.to_torch, columns))


class Halves:
    """Draws from several buffers alike, so that the few good ones are not drowned.

    Args:
        buffers: The buffers; empty ones are left out.

    Source: Ball et al. (2023), "Efficient online reinforcement learning with offline
    data" (RLPD, arXiv 2302.02948).
    """

    def __init__(self, buffers: Sequence[RelabelledReplay]) -> None:
        self.buffers = tuple(buffers)

    def __len__(self) -> int:
        """Return the number of stored transitions."""
        return sum(map(len, self.buffers))

    def sample(self, batch_size: int) -> ReplayBufferSamples:
        """Draw as many transitions from each buffer that has some."""
        filled = [buffer for buffer in self.buffers if len(buffer)]
        sizes = [len(part) for part in np.array_split(np.arange(batch_size), len(filled))]
        drawn = [b.sample(size) for b, size in zip(filled, sizes, strict=True)]
        if len(drawn) == 1:
            return drawn[0]
        return ReplayBufferSamples(*(torch.cat(c) for c in zip(*drawn, strict=True)))

    def relabel(self, reward: Callable[[FloatArray], FloatArray]) -> None:
        """Let another reward judge all that was stored."""
        for buffer in self.buffers:
            buffer.reward = reward

    def reference(self, most: int) -> FloatArray:
        """Return features of stored transitions, evenly spread, shape (n, d)."""
        parts = [buffer.features[: buffer.size()] for buffer in self.buffers]
        features = np.concatenate([part.reshape(-1, part.shape[2]) for part in parts])
        chosen = np.linspace(0, len(features) - 1, min(most, len(features)))
        result: FloatArray = features[chosen.astype(np.int64)]
        return result


def check_features(features: FloatArray, size: int) -> None:
    """Refuse features that a reward cannot judge.

    Args:
        features: shape (n, d).
        size: What d must be.

    Raises:
        UsageError: If their number is another one, or one of them is not finite.
    """
    if features.shape[1] != size:
        raise UsageError(
            f"a step has {features.shape[1]} reward features, the reward knows {size}"
        )
    broken = np.flatnonzero(~np.isfinite(features).all(axis=0))
    if len(broken):
        raise UsageError(
            f"reward features {broken.tolist()} are not finite in some steps; mend the "
            "environment, or leave those features out"
        )
