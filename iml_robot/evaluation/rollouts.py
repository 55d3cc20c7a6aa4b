"""Drives maps without help, many at once, and counts the outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.core.outcome import outcome_of
from iml_robot.robots.environment import extra, make_env


@dataclass(frozen=True)
class MapResult:
    """How one map went.

    Attributes:
        index: Number of the map.
        outcome: How the episode ended, for example "success".
        steps: Control steps it took.
        total_reward: Sum of the environment's reward.
    """

    index: int
    outcome: str
    steps: int
    total_reward: float


def drive_maps(
    policy: Policy,
    env_id: str,
    options: Mapping[str, Any],
    indices: Sequence[int],
    *,
    seed: int,
    on_done: Callable[[int], None] = lambda done: None,
) -> list[MapResult]:
    """Drive each map once with the policy alone, in lockstep, and return the results.

    All maps step together, so that the policy answers for all of them in one call. The
    result does not depend on how fast the machine is.

    Args:
        policy: The policy.
        env_id: Gymnasium id.
        options: Options of `env.reset`; "index" is added if they name a "split".
        indices: Numbers of the maps; also the seeds of the episodes, with `seed`.
        seed: First seed.
        on_done: Called with the number of finished maps.
    """
    envs = [make_env(env_id) for _ in indices]
    starts = [
        env.reset(seed=seed + index, options=_map_options(options, index))[0]
        for env, index in zip(envs, indices, strict=True)
    ]
    observations = np.asarray(np.stack(starts), dtype=np.float32)
    running = list(range(len(envs)))
    outcomes, steps, rewards = [""] * len(envs), [0] * len(envs), [0.0] * len(envs)
    while running:
        actions = policy.act_batch(observations[running])
        for place, action in zip(tuple(running), actions, strict=True):
            following, reward, terminated, truncated, info = envs[place].step(action)
            observations[place] = following
            steps[place] += 1
            rewards[place] += float(reward)
            outcomes[place] = outcome_of(info, terminated=terminated, truncated=truncated)
        running = [place for place in running if not outcomes[place]]
        on_done(len(envs) - len(running))
    for env in envs:
        env.close()
    rows = zip(indices, outcomes, steps, rewards, strict=True)
    return [MapResult(*row) for row in rows]


def released_indices(env_id: str, options: Mapping[str, Any], count: int) -> list[int]:
    """Return numbers of maps to evaluate on: those that the environment releases.

    Args:
        env_id: Gymnasium id.
        options: Options of `env.reset`.
        count: How many maps.
    """
    env = make_env(env_id)
    released = extra(env, "released_maps")
    env.close()
    if released is None or not {"level", "split"} <= options.keys():
        return list(range(count))
    chosen: list[int] = released(options["level"], options["split"], count)
    return chosen


def _map_options(options: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Return reset options for one map; foreign environments get theirs unchanged."""
    return {**options, "index": index} if "split" in options else dict(options)
