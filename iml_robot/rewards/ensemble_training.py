"""Training of reward ensembles by the library imitation."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from imitation.algorithms.preference_comparisons import (
    CrossEntropyRewardLoss,
    EnsembleTrainer,
    PreferenceDataset,
    PreferenceModel,
)
from imitation.data.types import Trajectory
from imitation.rewards.reward_nets import BasicRewardNet, RewardEnsemble
from imitation.util.logger import HierarchicalLogger
from stable_baselines3.common.logger import Logger

from iml_robot.rewards.arrays import Array
from iml_robot.rewards.ensemble import Ensemble

HIDDEN = (64, 64)
WEIGHT_DECAY = 1e-3
FARTHEST = 50.0
"""Log odds beyond which imitation, too, makes no difference."""


@dataclass(frozen=True)
class Pair:
    """Two segments, and which one was better.

    Attributes:
        left: Inputs of its steps, shape (T, k).
        right: Those of the other one, shape (T', k).
        preference: 1: the left one; 0: the right one; 0.5: neither.
        left_known: Reward of each step that is known already, shape (T,).
        right_known: Likewise, shape (T',).
    """

    left: Array
    right: Array
    preference: float
    left_known: Array
    right_known: Array


@dataclass(frozen=True)
class Training:
    """How an ensemble is trained.

    Attributes:
        members: Number of networks, each trained on a bootstrap of the pairs.
        epochs: How often each sees its pairs.
        batch_size: Pairs in a gradient step.
        learning_rate: Step size of AdamW.
        size: What the networks' say is multiplied with; it lies within -1 and 1 then.
            None: it is the reward itself, without bounds.
        sharpness: Log odds of an answer by difference of mean rewards.
        lapse: Share of answers without looking.
    """

    members: int = 5
    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 3e-3
    size: float | None = None
    sharpness: float = 1.0
    lapse: float = 0.1


def train_ensemble(
    pairs: Sequence[Pair], rng: np.random.Generator, training: Training | None = None
) -> Ensemble:
    """Return networks that explain answers, beside the reward that is known.

    Args:
        pairs: At least one.
        rng: Source of first weights, bootstraps and batches.
        training: How.
    """
    how = training or Training()
    inputs = pairs[0].left.shape[1]
    space, nothing = _box(inputs), _box(1)
    with tempfile.TemporaryDirectory() as scratch, torch.random.fork_rng(devices=[]):
        # The loaders of imitation shuffle by torch's own generator.
        torch.manual_seed(int(rng.integers(2**31)))
        members = [_Member(space, nothing, size=how.size) for _ in range(how.members)]
        model = Preferences(RewardEnsemble(space, nothing, members), how)
        trainer = EnsembleTrainer(
            model,
            CrossEntropyRewardLoss(),
            rng,
            batch_size=how.batch_size,
            epochs=how.epochs,
            lr=how.learning_rate,
            # The log goes nowhere, but wants a folder to be in.
            custom_logger=HierarchicalLogger(Logger(scratch, []), []),
        )
        for member in trainer.member_trainers:
            member.optim.param_groups[0]["weight_decay"] = WEIGHT_DECAY
        data = PreferenceDataset()
        data.push(
            [
                (_fragment(p.left, p.left_known), _fragment(p.right, p.right_known))
                for p in pairs
            ],
            np.array([p.preference for p in pairs], np.float32),
        )
        # Imitation draws progress bars that nobody asked for.
        with contextlib.redirect_stderr(io.StringIO()):
            trainer.train(data)
    return _exported(members, bounded=how.size is not None)


class _Member(BasicRewardNet):
    """One network; the last column of its states is the reward that is known."""

    def __init__(self, space: Any, nothing: Any, *, size: float | None) -> None:
        super().__init__(space, nothing, use_action=False, hid_sizes=HIDDEN)
        self._size = size

    def forward(self, state: Any, action: Any, next_state: Any, done: Any) -> torch.Tensor:
        """Return the reward of each state, shape (n,)."""
        said: torch.Tensor = super().forward(  # type: ignore[no-untyped-call]
            state[:, :-1], action, next_state, done
        )
        if self._size is not None:
            said = self._size * torch.tanh(said)
        total: torch.Tensor = said + state[:, -1]
        return total


class Preferences(PreferenceModel):
    """Imitation's model of answers, by mean rewards and for all pairs at once.

    Sums of rewards, as imitation has them, would prefer the longer of two good segments.

    Args:
        model: A network or an ensemble.
        how: Sharpness and lapses.
    """

    def __init__(self, model: Any, how: Training) -> None:
        super().__init__(model, noise_prob=how.lapse)
        self._sharpness = how.sharpness
        if self.ensemble_model is not None:
            self.member_pref_models = [Preferences(m, how) for m in model.members]

    def forward(self, fragment_pairs: Any) -> tuple[torch.Tensor, None]:
        """Return how likely the first of each pair is preferred, shape (n,)."""
        fragments = [fragment for pair in fragment_pairs for fragment in pair]
        states = np.concatenate([f.obs[:-1] for f in fragments])
        lengths = torch.tensor([len(f.obs) - 1 for f in fragments])
        blank = np.zeros((len(states), 1), np.float32)
        done = np.zeros(len(states), bool)
        rewards = self.model(*self.model.preprocess(states, blank, states, done))
        owner = torch.repeat_interleave(torch.arange(len(fragments)), lengths)
        sums = torch.zeros(len(fragments)).index_add(0, owner, rewards)
        means = (sums / lengths).reshape(-1, 2)
        odds = self._sharpness * (means[:, 0] - means[:, 1])
        likely = torch.sigmoid(odds.clip(-FARTHEST, FARTHEST))
        return self.noise_prob * 0.5 + (1 - self.noise_prob) * likely, None


def _box(size: int) -> gym.spaces.Box:
    return gym.spaces.Box(-np.inf, np.inf, (size,), np.float32)


def _fragment(inputs: Array, known: Array) -> Any:
    """Return a segment as imitation has them, with one state more than actions.

    It has no rewards, which imitation would take for the truth to compare with.
    """
    states = np.column_stack([inputs, known]).astype(np.float32)
    return Trajectory(
        obs=np.concatenate([states, states[-1:]]),
        acts=np.zeros((len(states), 1), np.float32),
        infos=None,
        terminal=False,
    )


def _exported(members: Sequence[Any], *, bounded: bool) -> Ensemble:
    """Return trained networks as arrays."""
    stacks = [
        [m for m in member.mlp if isinstance(m, torch.nn.Linear)] for member in members
    ]
    layers = list(zip(*stacks, strict=True))

    def stacked(name: str, layer: Any) -> Array:
        parts = [getattr(m, name).detach().numpy().astype(np.float64).T for m in layer]
        return np.stack(parts)

    return Ensemble(
        tuple(stacked("weight", layer) for layer in layers),
        tuple(stacked("bias", layer) for layer in layers),
        bounded,
    )
