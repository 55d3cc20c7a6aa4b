"""Recorded steps as transitions: who drove, what the policy wanted, what came next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from iml_robot.core.types import BoolArray, Episode, FloatArray, IntArray, Source
from iml_robot.learners.frames.selection import usable_rows


@dataclass(frozen=True)
class Transitions:
    """Steps of episodes; N is their number.

    Attributes:
        observations: shape (N, obs_dim).
        following: What was seen after the step, same shape.
        driven: What was done: the operator's action or the policy's, shape (N, act_dim).
        wanted: What the policy wanted, same shape.
        ended: 1 where the task ended the episode there, shape (N, 1).
        valued: 0 where the value does not follow from the next one, shape (N, 1).
    """

    observations: FloatArray
    following: FloatArray
    driven: FloatArray
    wanted: FloatArray
    ended: FloatArray
    valued: FloatArray

    def __len__(self) -> int:
        """Return the number of steps."""
        return len(self.driven)

    def rows(self, chosen: IntArray) -> Batch:
        """Return some of the steps as tensors."""
        columns = (self.observations, self.following, self.driven, self.wanted)
        rest = self.ended, self.valued
        return Batch(*(torch.from_numpy(column[chosen]) for column in (*columns, *rest)))


@dataclass(frozen=True)
class Batch:
    """Steps as tensors; as in `Transitions`."""

    observations: Tensor
    following: Tensor
    driven: Tensor
    wanted: Tensor
    ended: Tensor
    valued: Tensor


def operator_steps(episodes: Sequence[Episode]) -> Transitions:
    """Return the steps of takeovers."""
    return _joined([_steps_of(episode, Source.OPERATOR) for episode in episodes])


def policy_steps(episodes: Sequence[Episode]) -> Transitions:
    """Return the steps that the policy drove."""
    return _joined([_steps_of(episode, Source.POLICY) for episode in episodes])


def _steps_of(episode: Episode, source: Source) -> Transitions:
    labels = episode.operator_actions
    by_policy = source is Source.POLICY
    driven = episode.executed_actions if by_policy else labels
    seen, following = episode.observations[:-1], episode.observations[1:]
    kept = np.asarray(episode.sources == source, np.bool_)
    kept &= usable_rows(seen, driven) & usable_rows(seen, episode.policy_actions)
    valued = ~_first_of_takeovers(episode) & _reachable(episode)
    ended = np.zeros((len(episode), 1), np.float32)
    ended[len(episode) - 1 :] = float(episode.info.terminated)
    # An unknown next state says nothing, also not where its value is left out.
    known = np.where(valued[:, None], following, seen)
    columns = seen, known, driven, episode.policy_actions, ended, valued[:, None]
    return Transitions(*(np.asarray(column[kept], np.float32) for column in columns))


def _first_of_takeovers(episode: Episode) -> BoolArray:
    """Return the steps at which takeovers begin, shape (T,)."""
    first = np.zeros(len(episode), np.bool_)
    first[[takeover.start for takeover in episode.takeovers()]] = True
    return first


def _reachable(episode: Episode) -> BoolArray:
    """Return after which steps something usable was seen, shape (T,).

    A step of the operator without a label is not usable, nor is what was seen there.
    """
    finite = np.isfinite(episode.observations[1:]).all(axis=1)
    labelled = np.isfinite(episode.operator_actions).all(axis=1) | ~episode.corrected
    return np.asarray(finite & np.r_[labelled[1:], True], np.bool_)


def _joined(parts: Sequence[Transitions]) -> Transitions:
    names = Transitions.__dataclass_fields__
    return Transitions(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    )
