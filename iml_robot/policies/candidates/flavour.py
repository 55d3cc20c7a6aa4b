"""Gives policies a taste, and teaches it what follows from actions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch

from iml_robot.core.registry import option_names
from iml_robot.core.types import Episode, FloatArray
from iml_robot.policies import POLICIES
from iml_robot.policies.ensemble.files import PolicyFile

AHEAD_STEPS = 20
"""What follows an action is the mean of so many steps: a second. Within half a second a
robot gets nowhere else; over two, other actions come in between."""
LEAST_SAMPLES = 200
"""Fewer steps than this teach nothing that could be trusted."""


def with_taste(policy: PolicyFile, names: Sequence[str]) -> PolicyFile:
    """Return a copy of a policy that can have a taste for reward features, yet has none.

    Args:
        policy: The policy; of a kind whose candidates are known.
        names: Names of the reward features.

    Raises:
        UsageError: If this kind of policy can have no taste.
    """
    options = {**policy.options, "taste": list(names)}
    network = policy.network
    flavoured = POLICIES.build(policy.name, network.spaces, 0, options=options)
    assert flavoured.taste is not None
    flavoured.load_state_dict(
        {
            **{f"taste.{n}": t for n, t in flavoured.taste.state_dict().items()},
            **{n: t for n, t in network.state_dict().items() if not n.startswith("taste.")},
        }
    )
    return replace(policy, options=options, network=flavoured)


def can_have_taste(policy: PolicyFile) -> bool:
    """Return whether a kind of policy has candidates that a taste could weigh."""
    return "taste" in option_names(POLICIES.get(policy.name))


def teach_taste(
    policy: PolicyFile, episodes: Sequence[Episode], scaled: Sequence[FloatArray]
) -> dict[str, float]:
    """Teach a policy's taste what features follow what actions.

    Args:
        policy: A policy with a taste; changed in place.
        episodes: Recorded episodes.
        scaled: The standardised reward features of each, shape (T, d).

    Returns:
        The share that is foreseen of each feature, by name; empty where too little was
        recorded to learn from.
    """
    taste = policy.network.taste
    if taste is None:
        raise ValueError("teach_taste needs a policy with a taste: call with_taste first")
    described, followed = [], []
    for episode, features in zip(episodes, scaled, strict=True):
        count = len(features) - AHEAD_STEPS + 1
        if count < 1:
            continue
        sums = np.cumsum(np.concatenate([np.zeros_like(features[:1]), features]), axis=0)
        followed.append((sums[AHEAD_STEPS:] - sums[:-AHEAD_STEPS]) / AHEAD_STEPS)
        with torch.inference_mode():
            seen = torch.tensor(episode.observations[:count])
            done = torch.tensor(episode.executed_actions[:count])
            described.append(policy.network.describe(seen, done).numpy())
    if sum(map(len, followed)) < LEAST_SAMPLES:
        return {}
    share = taste.learn(np.concatenate(described), np.concatenate(followed))
    return dict(zip(taste.names, map(float, share), strict=True))
