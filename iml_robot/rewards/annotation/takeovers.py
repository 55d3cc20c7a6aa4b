"""Takeovers become comparisons with what the policy would have done, and alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from iml_robot.core.feedback import Answer
from iml_robot.core.types import Episode, FloatArray
from iml_robot.rewards.evidence import Alarm, Comparison
from iml_robot.rewards.likelihoods.alarm import QUIET
from iml_robot.rewards.scale import FeatureScale

LEAST_S, MOST_S = 1.0, 2.0
"""So much of a takeover is compared [s]; shorter ones are not."""
PREDICTED_S = 1.0
"""An alarm is about so much driving [s]."""
CALM_S = 2.0
"""Nothing is quiet so shortly before a takeover [s]."""
NEIGHBOURS = 4


def correction_comparisons(
    driven: npt.ArrayLike,
    rivals: Sequence[npt.ArrayLike],
    scale: FeatureScale,
    *,
    event: int = 0,
) -> list[Comparison]:
    """Return that what the operator drove is better than its rivals.

    All pairs share weight 1: half is the counterfactual's, the rest the neighbours'.

    Args:
        driven: Features of the operator's steps, shape (T, d).
        rivals: Features of what else could have been driven from the same state, each
            (T', d): first what the policy would have done, then deformed neighbours.
        scale: Of the environment.
        event: Number of the takeover in the session.
    """
    chosen, others = scale.summary(driven), [scale.summary(r) for r in rivals]
    near = len(others) - 1
    weights = [0.5, *[0.5 / near] * near] if near > 0 else [1.0]
    return [
        Comparison(chosen - other, Answer.LEFT, weight, source="correction", event=event)
        for other, weight in zip(others, weights, strict=False)
    ]


def compared_part(takeover: slice, *, dt: float) -> slice | None:
    """Return the steps of a takeover that are compared: its first 1 to 2 s; None: shorter.

    Args:
        takeover: One of `Episode.takeovers()`.
        dt: Control period [s].
    """
    steps = min(takeover.stop - takeover.start, round(MOST_S / dt))
    if steps * dt < LEAST_S:
        return None
    return slice(takeover.start, takeover.start + steps)


def deformed(
    actions: FloatArray,
    rng: np.random.Generator,
    *,
    count: int = NEIGHBOURS,
    size: float = 0.5,
) -> FloatArray:
    """Return smoothly deformed copies of actions, to be driven from the same state.

    Each is pushed in a random direction by half a sine wave, so that begin and end stay.

    Args:
        actions: The operator's, shape (T, act_dim).
        rng: Source of the directions.
        count: Number of copies.
        size: Length of the push in the middle, as a share of the range from 0 to 1.

    Returns:
        Actions in [-1, 1], shape (count, T, act_dim).
    """
    steps, size_of_action = actions.shape
    bump = np.sin(np.pi * (np.arange(steps) + 0.5) / max(1, steps))
    ways = rng.standard_normal((count, 1, size_of_action))
    ways *= size / np.linalg.norm(ways, axis=2, keepdims=True)
    return np.asarray(np.clip(actions + ways * bump[:, None], -1, 1), np.float32)


def alarms_of(
    episode: Episode,
    scale: FeatureScale,
    *,
    dt: float,
    predicted: Mapping[int, npt.ArrayLike] | None = None,
    event: int = 0,
) -> list[Alarm]:
    """Return the takeovers as alarms, and the quiet seconds between them.

    A takeover says that the second that would have come was not good enough. Where nobody
    predicted it, the second that was driven before stands for it. Seconds that the policy
    drove without a takeover within two seconds say the opposite, at a weight of 0.05.

    Args:
        episode: With features.
        scale: Of the environment.
        dt: Control period [s].
        predicted: Features of what the policy would have driven from the first step of a
            takeover on, each (T, d), by that step.
        event: Number of the episode's first takeover in the session; the next have the
            next numbers, and quiet seconds the number of what came before them.
    """
    if not episode.features.size:
        return []
    second, calm = max(1, round(PREDICTED_S / dt)), round(CALM_S / dt)
    known, found = dict(predicted or {}), []
    starts = [takeover.start for takeover in episode.takeovers()]
    for number, start in enumerate(starts):
        ahead = known.get(start, episode.features[max(0, start - second) : start])
        if len(np.asarray(ahead)):
            summary = scale.summary(np.asarray(ahead)[:second])
            found.append(Alarm(summary, 1.0, taken=True, event=event + number))
    quiet = ~episode.human_controlled
    for start in starts:
        quiet[max(0, start - calm) : start] = False
    for begin in range(0, len(episode) - second + 1, second):
        if quiet[begin : begin + second].all():
            last = max(0, sum(start <= begin for start in starts) - 1)
            summary = scale.summary(episode.features[begin : begin + second])
            found.append(Alarm(summary, QUIET, taken=False, event=event + last))
    return found
