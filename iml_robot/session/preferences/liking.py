"""Gives a policy file the taste of a learned reward."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode
from iml_robot.rewards.scale import FeatureScale
from iml_robot.session.preferences.soundness import is_sound

NEWEST = 20
"""What follows from actions is learned from so many episodes, the newest."""

Liked: TypeAlias = tuple[Policy, Callable[[Path], None]]
"""A policy that chooses by what people like, and what writes its file."""


def liked_policy(
    path: Path,
    weights: Mapping[str, float],
    episodes: Sequence[Episode],
    scale: FeatureScale,
) -> Liked | None:
    """Return a policy that chooses by what people like, and what writes its file.

    Args:
        path: The policy's file.
        weights: How much more each feature is liked than the policy was made for.
        episodes: Recorded episodes, to learn from what follows from actions.
        scale: Of the features.

    Returns:
        None where the policy has no candidates that a taste could weigh, or too little was
        driven to know what follows from them.
    """
    from iml_robot.policies.candidates.flavour import (
        can_have_taste,
        teach_taste,
        with_taste,
    )
    from iml_robot.policies.ensemble.files import load_policy, save_policy
    from iml_robot.policies.ensemble.policy import EnsemblePolicy

    plain = load_policy(path)
    if not can_have_taste(plain):
        return None
    flavoured = with_taste(plain, scale.names)
    driven = [episode for episode in episodes if is_sound(episode)][-NEWEST:]
    scaled = [scale.standardise(episode.features).astype("float32") for episode in driven]
    if not teach_taste(flavoured, driven, scaled):
        return None
    assert flavoured.network.taste is not None
    flavoured.network.taste.want(weights)

    def write(target: Path) -> None:
        save_policy(flavoured, target)

    return EnsemblePolicy(flavoured.network), write
