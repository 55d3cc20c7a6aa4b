"""Whole drives of a policy, told by their reward features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import FloatArray
from iml_robot.learners.reinforcement.practice import Ground
from iml_robot.learners.reinforcement.replay import check_features
from iml_robot.learners.reinforcement.reward import Numbers, Reward
from iml_robot.robots.fleet import make_fleet


@dataclass(frozen=True)
class Drive:
    """What one robot did.

    Attributes:
        features: Of its steps until it came to an end, shape (T, d).
        outcome: How it ended; "" if it was still driving.
        horizon_steps: Control steps that it had.
    """

    features: FloatArray
    outcome: str
    horizon_steps: int

    @property
    def failed(self) -> bool:
        """True if it ended in anything but success."""
        return self.outcome not in ("", "success")


def drive(
    policy: Policy,
    ground: Ground,
    *,
    seeds: Sequence[int],
    options: Sequence[Mapping[str, Any]] = (),
    feature_size: int,
) -> list[Drive]:
    """Let a policy drive, a robot for each seed.

    The policy decides as often as it does while it practises.

    Args:
        policy: Who drives.
        ground: Where; its number of robots does not matter.
        seeds: Of the episodes.
        options: Options of `env.reset` for each; empty: those of the ground for all.
        feature_size: Number of reward features d.
    """
    count = len(seeds)
    fleet = make_fleet(ground.env_id, count, time_limit=False)
    steps: list[list[FloatArray]] = [[] for _ in seeds]
    try:
        fleet.start(seeds, options or [dict(ground.options)] * count)
        for step in range(ground.horizon_steps):
            moving = np.array([not outcome for outcome in fleet.outcomes], np.bool_)
            if not moving.any():
                break
            if step % ground.hold_steps == 0:
                actions = policy.act_batch(fleet.observations)
            fleet.step(actions, moving)
            check_features(fleet.features, feature_size)
            for place in np.flatnonzero(moving).tolist():
                steps[place].append(fleet.features[place].copy())
        outcomes = list(fleet.outcomes)
    finally:
        fleet.close()
    return [
        Drive(np.stack(rows), outcome, ground.horizon_steps)
        for rows, outcome in zip(steps, outcomes, strict=True)
    ]


def returns(drives: Sequence[Drive], reward: Reward, *, pessimism: float = 0.0) -> Numbers:
    """Return what each drive was worth, shape (n,): the sum of the rewards of its steps.

    All drives count over the same horizon. What lies behind the end of a drive counts as
    nothing happening, which is worth 0.

    Args:
        drives: At least one.
        reward: What is wanted.
        pessimism: See `Reward.reward`.
    """
    nothing = np.zeros((1, drives[0].features.shape[1]), np.float32)
    origin = reward.reward(nothing, pessimism=pessimism)[0]
    values = [reward.reward(d.features, pessimism=pessimism) - origin for d in drives]
    return np.array([float(value.sum()) for value in values])
