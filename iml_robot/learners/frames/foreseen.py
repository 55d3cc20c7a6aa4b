"""Pairs of actions at the states that a policy would have come to under a correction."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode, FloatArray
from iml_robot.learners.frames.contrasts import Contrasts, follow
from iml_robot.robots.replays import Moment, Replays

EVERY = 5
"""The policy is followed from every so many-th step of a takeover."""


def foresee(
    episodes: Sequence[Episode], policy: Policy, replays: Replays, *, steps: int
) -> Contrasts:
    """Return the operator's action against the policy's at each foreseen state.

    Args:
        episodes: Recorded episodes.
        policy: Drives on from the steps of all takeovers.
        replays: Simulators.
        steps: For how many control steps it does.
    """
    moments: list[Moment] = []
    labels: list[FloatArray] = []
    for episode in episodes:
        for takeover in episode.takeovers():
            for step in range(takeover.start, takeover.stop, EVERY):
                label = episode.operator_actions[step]
                if np.isfinite(label).all():
                    moments.append(Moment(episode, step))
                    labels.append(label)
    return follow(moments, labels, policy, replays, steps=steps)
