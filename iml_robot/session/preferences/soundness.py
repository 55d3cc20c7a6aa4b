"""Which episodes say something about the reward, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot.core.types import Episode


def is_sound(episode: Episode) -> bool:
    """Return whether an episode has reward features, all of them numbers."""
    return bool(episode.features.shape[1]) and bool(np.isfinite(episode.features).all())


def broken_lines(episodes: Sequence[Episode], names: Sequence[str]) -> tuple[str, ...]:
    """Return of each episode with features that are no numbers what is left out.

    Args:
        episodes: Recorded episodes.
        names: Names of the features.
    """
    lines = []
    for episode in episodes:
        broken = ~np.isfinite(episode.features)
        if broken.any():
            columns = np.flatnonzero(broken.any(axis=0)).tolist()
            which = ", ".join(names[column] for column in columns)
            lines.append(
                f"episode {episode.info.episode_id}: {which} is no number at "
                f"{int(broken.any(axis=1).sum())} of {len(episode)} steps; its takeovers "
                "and ratings say nothing about the reward"
            )
    return tuple(lines)
