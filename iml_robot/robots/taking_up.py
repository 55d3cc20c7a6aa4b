"""Puts an environment back into any moment of a recorded episode, or says why it cannot."""

from __future__ import annotations

from typing import Any

import numpy as np

from iml_robot.core.types import Episode


class AstrayError(Exception):
    """The episode goes another way when it is driven again; the message says why."""


def take_up(env: Any, episode: Episode, step: int) -> tuple[Any, dict[str, Any]]:
    """Drive an episode again, from its reset up to one of its steps.

    Every observation is compared with the record to the last bit, so that nobody goes on
    from a state that never was. No snapshots are needed: whatever counts steps, as time
    limits do, counts them again.

    Args:
        env: The environment, with its wrappers; it stays in the state before the step.
        episode: The recorded episode.
        step: The step; 0 is its start.

    Returns:
        What a reset would return: the observation, and what the environment says.

    Raises:
        AstrayError: If the step cannot be reached.
    """
    info = episode.info
    if not 0 <= step <= len(episode):
        raise AstrayError(
            f"episode {info.episode_id} has {len(episode)} steps, and no step {step}"
        )
    if not episode.knows_prelude:
        raise AstrayError(
            f"episode {info.episode_id} continues another one, and what came before it is "
            "not known"
        )
    begun = info.begins_at
    seen, told = env.reset(seed=info.seed, options=dict(info.options))
    for number, action in enumerate(episode.driven[: begun + step]):
        if number >= begun:
            check_seen(episode, seen, number - begun)
        seen, _, _, _, told = env.step(action)
    check_seen(episode, seen, step)
    return seen, told


def check_seen(episode: Episode, seen: Any, step: int) -> None:
    """Compare what is seen with what was recorded before a step.

    Raises:
        AstrayError: If they differ.
    """
    recorded = episode.observations[step]
    if not np.array_equal(np.asarray(seen, recorded.dtype), recorded, equal_nan=True):
        raise AstrayError(
            f"episode {episode.info.episode_id} goes another way when it is driven again "
            f"(step {step}): the environment is not the one of the record"
        )
