"""Transitions between decisions: an action held for some control steps, and what came.

A robot that comes to an end begins anew: what follows is what it saw at its start, and
nothing is special about it. So an end costs and earns what the features of its events say
and no more, wherever the origin of the reward lies. If nothing followed, a policy would
learn to end episodes where rewards are mostly negative, and to draw them out where they
are not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from iml_robot.core.types import BoolArray, Episode, FloatArray, Source
from iml_robot.learners.frames.selection import usable_rows
from iml_robot.learners.reinforcement.reward import Bounds
from iml_robot.policies.gaussian_actor import GaussianActorNetwork


@dataclass(frozen=True)
class Decisions:
    """Transitions over a hold of k control steps; n is their number.

    Attributes:
        observations: Summaries of what was seen, shape (n, size).
        following: Summaries of what was seen k control steps later, or at the start of the
            episode where it ended before, same shape.
        actions: What was done, the mean over the hold, shape (n, act_dim).
        features: Mean reward features over the hold, within their bounds, shape (n, d);
            steps after the end of an episode count as usual ones.
    """

    observations: FloatArray
    following: FloatArray
    actions: FloatArray
    features: FloatArray

    def __len__(self) -> int:
        """Return the number of transitions."""
        return len(self.actions)

    def newest(self, most: int) -> Decisions:
        """Return the last ones."""
        first = max(0, len(self) - most)
        names = self.__dataclass_fields__
        return Decisions(**{name: getattr(self, name)[first:] for name in names})


@dataclass(frozen=True)
class Recorded:
    """Transitions of recorded episodes.

    Attributes:
        operator: Those that the operator drove alone.
        others: All others.
        left_out: Number of steps with features that are not finite.
    """

    operator: Decisions
    others: Decisions
    left_out: int


def summarise(network: GaussianActorNetwork, observations: FloatArray) -> FloatArray:
    """Return what a replay buffer keeps of observations, (n, obs_dim) -> (n, size)."""
    seen = torch.from_numpy(np.require(observations, np.float32, ["C", "W"]))
    with torch.inference_mode():
        result: FloatArray = network.summary(seen).numpy()
    return result


def recorded_decisions(
    episodes: Sequence[Episode],
    network: GaussianActorNetwork,
    *,
    hold_steps: int,
    bounds: Bounds,
) -> Recorded:
    """Return the transitions of recorded episodes that have reward features.

    A transition begins at every control step that is followed by enough others. Those that
    touch something that is not finite are left out.

    Args:
        episodes: The episodes.
        network: Summarises observations.
        hold_steps: Control steps between two decisions, k.
        bounds: Of the reward features; episodes with another number of them are left out.
    """
    own: list[Decisions] = []
    rest: list[Decisions] = []
    left_out = 0
    nothing = _nothing(network, len(bounds))
    for episode in episodes:
        if not len(episode) or episode.features.shape[1] != len(bounds):
            continue
        left_out += int((~np.isfinite(episode.features).all(axis=1)).sum())
        found, by_operator = _windows(episode, network, hold_steps, bounds)
        own.append(_rows(found, by_operator))
        rest.append(_rows(found, ~by_operator))
    return Recorded(joined([nothing, *own]), joined([nothing, *rest]), left_out)


def usable_steps(episode: Episode) -> BoolArray:
    """Return the steps of which it is known what was seen and done, shape (T,).

    A step of the operator without a label is not usable, nor is what was seen there.
    """
    usable = usable_rows(episode.observations[:-1], episode.executed_actions)
    labelled = np.isfinite(episode.operator_actions).all(axis=1) | ~episode.corrected
    return np.asarray(usable & labelled, np.bool_)


def joined(parts: Sequence[Decisions]) -> Decisions:
    """Return transitions one after another."""
    names = Decisions.__dataclass_fields__
    return Decisions(
        **{name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    )


def _windows(
    episode: Episode, network: GaussianActorNetwork, hold_steps: int, bounds: Bounds
) -> tuple[Decisions, BoolArray]:
    """Return the usable transitions of an episode, and which the operator drove."""
    length, k = len(episode), hold_steps
    starts = np.arange(length if episode.info.terminated else length - k + 1)
    steps = starts[:, None] + np.arange(k)
    exists = steps < length
    inside = np.minimum(steps, length - 1)
    last = np.minimum(starts + k, length)
    over = episode.info.terminated & (starts + k >= length)
    usable = usable_steps(episode) & np.isfinite(episode.features).all(axis=1)
    kept = (usable[inside] | ~exists).all(axis=1)
    ending = np.isfinite(episode.observations[-1]).all()
    seen = np.append(usable_steps(episode), ending)
    kept &= np.where(over, seen[0], seen[last])
    weights = exists[..., None].astype(np.float32)
    counts = weights.sum(axis=1)
    happened = np.where(exists[..., None], episode.features[inside], bounds.usual)
    found = Decisions(
        summarise(network, episode.observations[starts]),
        summarise(network, episode.observations[np.where(over, 0, last)]),
        (episode.executed_actions[inside] * weights).sum(axis=1) / counts,
        bounds.clipped(happened).mean(axis=1),
    )
    operator = episode.sources == Source.OPERATOR
    by_operator = (operator[inside] | ~exists).all(axis=1)
    return _rows(found, kept), np.asarray(by_operator[kept], np.bool_)


def _rows(decisions: Decisions, kept: BoolArray) -> Decisions:
    names = Decisions.__dataclass_fields__
    return Decisions(**{name: getattr(decisions, name)[kept] for name in names})


def _nothing(network: GaussianActorNetwork, feature_size: int) -> Decisions:
    def none(size: int) -> FloatArray:
        return np.zeros((0, size), np.float32)

    seen, done = network.summary.size, network.spaces.action_size
    return Decisions(none(seen), none(seen), none(done), none(feature_size))
