"""Cuts episodes into segments that people can compare."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from iml_robot.core.feedback import Segment
from iml_robot.core.types import Episode

LENGTH_S = 2.0
SHORTEST_S = 1.0


def segments_of(
    episodes: Sequence[Episode], period_s: float, *, length_s: float = LENGTH_S
) -> list[Segment]:
    """Return episodes in segments, one after the other, without overlap.

    The rest of an episode is a segment of its own if it lasts half as long or longer, and
    else part of the last one: lengths are between a half and three halves of `length_s`.
    Shorter episodes, and those without features, give none; nor do steps whose features
    are not finite.

    Args:
        episodes: Where to cut from.
        period_s: Control period [s].
        length_s: How long segments are [s].

    Raises:
        ValueError: If a time is not above 0, or a segment has no step.
    """
    if not (period_s > 0 and length_s >= period_s):
        raise ValueError(
            "period_s must be above 0 and length_s at least as long, "
            f"got {period_s} and {length_s}"
        )
    steps = round(length_s / period_s)
    found = []
    for episode in episodes:
        if not episode.features.shape[1]:
            continue
        edges = _edges(len(episode), steps)
        for start, stop in pairwise(edges):
            features = episode.features[start:stop]
            if np.isfinite(features).all():
                info = episode.info
                found.append(Segment(info.episode_id, start, features, info.policy_version))
    return found


def _edges(length: int, steps: int) -> list[int]:
    """Return where segments of an episode begin and end."""
    edges = list(range(0, length + 1, steps))
    rest = length - edges[-1]
    if rest * 2 >= steps:
        edges.append(length)
    elif len(edges) > 1:
        edges[-1] = length
    return edges
