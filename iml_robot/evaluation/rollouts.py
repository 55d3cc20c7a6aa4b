"""Drives maps without help, many at once, and counts the outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import FloatArray
from iml_robot.robots.fleet import make_fleet


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
    fleet = make_fleet(env_id, len(indices))
    seeds = [seed + index for index in indices]
    fleet.start(seeds, [_map_options(options, index) for index in indices])
    running = np.ones(len(indices), np.bool_)
    steps = np.zeros(len(indices), np.int64)
    rewards = np.zeros(len(indices))
    actions: FloatArray | None = None
    while running.any():
        chosen = policy.act_batch(fleet.observations[running])
        if actions is None:
            actions = np.zeros((len(indices), chosen.shape[1]), np.float32)
        actions[running] = chosen
        fleet.step(actions, running)
        steps += running
        rewards += np.where(running, fleet.rewards, 0.0)
        running = np.array([not outcome for outcome in fleet.outcomes])
        on_done(int(len(indices) - running.sum()))
    fleet.close()
    rows = zip(indices, fleet.outcomes, steps.tolist(), rewards.tolist(), strict=True)
    return [MapResult(*row) for row in rows]


def _map_options(options: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Return reset options for one map; foreign environments get theirs unchanged."""
    return {**options, "index": index} if "split" in options else dict(options)
