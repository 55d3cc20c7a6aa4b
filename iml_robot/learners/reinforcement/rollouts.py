"""Whole drives of a policy, told by their reward features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode, EpisodeInfo, FloatArray
from iml_robot.learners.reinforcement.practice import Ground
from iml_robot.learners.reinforcement.replay import check_features
from iml_robot.learners.reinforcement.reward import Numbers, Reward
from iml_robot.robots.fleet import Fleet, make_fleet

SEEDS = 2**31


@dataclass(frozen=True)
class Drive:
    """What one robot did in a fixed number of control steps T.

    Attributes:
        features: Of its steps, shape (T, d).
        outcomes: How its episodes ended, one after the other; it began anew each time.
        first: The first of its episodes, to be shown to people; None: it was not kept.
    """

    features: FloatArray
    outcomes: Sequence[str]
    first: Episode | None = None

    @property
    def failures(self) -> int:
        """How often it ended in anything but success."""
        return sum(outcome != "success" for outcome in self.outcomes)

    @property
    def successes(self) -> int:
        """How often it arrived."""
        return len(self.outcomes) - self.failures


def drive(
    policy: Policy,
    ground: Ground,
    *,
    count: int,
    seed: int,
    feature_size: int,
    keep_first: bool = False,
) -> list[Drive]:
    """Let a policy drive from as many starts, each for as many control steps.

    Who comes to an end begins anew on another map: all drives are equally long, so that
    none is better for having ended. The policy decides as often as it does while it
    practises.

    Args:
        policy: Who drives.
        ground: Where; its number of robots does not matter.
        count: How many drives.
        seed: Of the maps; the same seed gives the same ones to every policy.
        feature_size: Number of reward features d.
        keep_first: Whether to keep what was seen and done in the first episodes.
    """
    steps: list[list[FloatArray]] = [[] for _ in range(count)]
    outcomes: list[list[str]] = [[] for _ in range(count)]
    fleet = make_fleet(ground.env_id, count, time_limit=False)
    rng = np.random.default_rng(seed)
    firsts: list[Episode] = []
    try:
        while any(len(rows) < ground.horizon_steps for rows in steps):
            seeds = rng.integers(SEEDS, size=count).tolist()
            fleet.start(seeds, [dict(ground.options)] * count)
            logs = [_Log() for _ in range(count)] if keep_first and not firsts else []
            _drive_once(policy, fleet, ground, steps, feature_size, logs=logs)
            firsts += [
                log.episode(ground, seed, rows)
                for log, seed, rows in zip(logs, seeds, steps, strict=False)
            ]
            for place, outcome in enumerate(fleet.outcomes):
                outcomes[place] += [outcome] if outcome else []
    finally:
        fleet.close()
    kept: list[Episode | None] = [*firsts] if firsts else [None] * count
    return [
        Drive(np.stack(rows), tuple(ends), first)
        for rows, ends, first in zip(steps, outcomes, kept, strict=True)
    ]


@dataclass
class _Log:
    """What one robot saw and did in an episode."""

    seen: list[FloatArray] = field(default_factory=list)
    done: list[FloatArray] = field(default_factory=list)

    def episode(self, ground: Ground, seed: int, rows: Sequence[FloatArray]) -> Episode:
        """Return it as an episode without a number."""
        actions = np.stack(self.done)
        count = len(actions)
        return Episode(
            EpisodeInfo(-1, "practice", ground.env_id, seed, dict(ground.options)),
            observations=np.stack(self.seen),
            policy_actions=actions,
            operator_actions=np.full_like(actions, np.nan),
            executed_actions=actions,
            sources=np.zeros(count, np.int64),
            authorities=np.zeros(count, np.float32),
            rewards=np.zeros(count, np.float32),
            evaluations=np.full(count, np.nan, np.float32),
            features=np.stack(rows[:count]),
        )


def _drive_once(
    policy: Policy,
    fleet: Fleet,
    ground: Ground,
    steps: Sequence[list[FloatArray]],
    feature_size: int,
    *,
    logs: Sequence[_Log],
) -> None:
    """Drive until all have ended or have driven enough; append their features."""
    step = 0
    for place, log in enumerate(logs):
        log.seen.append(fleet.observations[place].copy())
    while True:
        enough = np.array([len(rows) >= ground.horizon_steps for rows in steps])
        moving = ~enough & np.array([not outcome for outcome in fleet.outcomes])
        if not moving.any():
            return
        if step % ground.hold_steps == 0:
            actions = policy.act_batch(fleet.observations)
        fleet.step(actions, moving)
        check_features(fleet.features, feature_size)
        for place in np.flatnonzero(moving).tolist():
            steps[place].append(fleet.features[place].copy())
            if logs:
                logs[place].seen.append(fleet.observations[place].copy())
                logs[place].done.append(actions[place].copy())
        step += 1


def returns(drives: Sequence[Drive], reward: Reward, *, pessimism: float = 0.0) -> Numbers:
    """Return what a step of each drive was worth in the mean, shape (n,).

    Args:
        drives: What was driven.
        reward: What is wanted.
        pessimism: See `Reward.reward`.
    """
    values = [reward.reward(one.features, pessimism=pessimism) for one in drives]
    return np.array([float(value.mean()) for value in values])
