"""What the policy, and others, would have done where the operator took over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode, FloatArray
from iml_robot.rewards.annotation.takeovers import PREDICTED_S, compared_part, deformed
from iml_robot.robots.replays import Moment, Replays
from iml_robot.session.preferences.soundness import is_sound


@dataclass(frozen=True)
class Counterfactual:
    """What else could have followed the start of a takeover; plain values, for the record.

    Attributes:
        episode_id: Number of the episode.
        start: First step of the takeover.
        driven: Mean reward features of what the operator drove, d numbers.
        predicted: Those of the first second that the policy would have driven.
        rivals: Those of ways to drive on for as long as the operator: first the policy's,
            then deformed ones of the operator.
    """

    episode_id: int
    start: int
    driven: Sequence[float]
    predicted: Sequence[float]
    rivals: Sequence[Sequence[float]]


def counterfactuals_of(
    episode: Episode, policy: Policy, replays: Replays, *, dt: float, seed: int
) -> list[Counterfactual]:
    """Return what else could have followed the takeovers of an episode.

    The simulator is put back to the start of each takeover and driven on from there.
    Takeovers too short to be compared are left out, and so is an episode without reward
    features, with some that are no numbers, or one that cannot be taken up again.

    Args:
        episode: The episode.
        policy: Who drove where the operator did not.
        replays: Simulators.
        dt: Control period [s].
        seed: Draws the deformed ways.
    """
    if not (is_sound(episode) and replays.possible):
        return []
    found = []
    for takeover in episode.takeovers():
        part = compared_part(takeover, dt=dt)
        if part is not None:
            rng = np.random.default_rng((seed, episode.info.episode_id, part.start))
            ways = deformed(episode.executed_actions[part], rng)
            drivers = [policy, *map(Given, ways)]
            second = max(1, round(PREDICTED_S / dt))
            found.append(_counterfactual(episode, part, drivers, replays, second))
    return [one for one in found if one is not None]


def _counterfactual(
    episode: Episode,
    part: slice,
    drivers: Sequence[Policy],
    replays: Replays,
    second: int,
) -> Counterfactual | None:
    moments = [Moment(episode, part.start)] * len(drivers)
    futures = replays.futures(moments, drivers, steps=part.stop - part.start)
    seen = [f.features for f in futures if f is not None and len(f.features)]
    if len(seen) < len(drivers) or not all(np.isfinite(f).all() for f in seen):
        return None
    return Counterfactual(
        episode.info.episode_id,
        part.start,
        _mean(episode.features[part]),
        _mean(seen[0][:second]),
        [_mean(features) for features in seen],
    )


def _mean(features: FloatArray) -> list[float]:
    return [float(value) for value in features.mean(axis=0, dtype=np.float64)]


class Given:
    """Drives one robot by actions that were chosen before.

    Args:
        actions: One a step, shape (T, act_dim).
    """

    def __init__(self, actions: FloatArray) -> None:
        self._actions = iter(actions)

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the next action: (obs_dim,) -> (act_dim,)."""
        del observation
        return next(self._actions)

    def act_batch(self, observations: FloatArray) -> FloatArray:
        """Return the next action, for one robot: (1, obs_dim) -> (1, act_dim)."""
        return np.stack([self.act(one) for one in observations])
