"""Drives of a policy, and at which of their steps help was needed soon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from iml_robot.asking.fitting.stalls import STALL_S, trouble_began
from iml_robot.core.interfaces import Policy
from iml_robot.core.types import BoolArray, Episode, FloatArray, Source
from iml_robot.robots.fleet import make_fleet

SOON_S = 2.0
"""Help is needed soon where a takeover or a failure follows within so long [s]."""


@dataclass(frozen=True)
class Drive:
    """One drive; T is the number of steps.

    Attributes:
        observations: shape (T, obs_dim).
        actions: What the policy wanted, shape (T, act_dim).
        disagreements: Of its ensemble, shape (T,); NaN where it is none.
        needed: Whether a takeover or a failure followed soon, shape (T,).
        counted: Steps of which that is known, shape (T,), less what follows after the
            first seconds of a standstill.
        failed: Whether the policy, alone, came to no good end.
        trouble: Step at which it went wrong if it failed; T, the end, in most drives, and
            earlier where the robot came to a standstill until its time was up.
    """

    observations: FloatArray
    actions: FloatArray
    disagreements: FloatArray
    needed: BoolArray
    counted: BoolArray
    failed: bool
    trouble: int

    def __len__(self) -> int:
        """Return the number of steps T."""
        return len(self.actions)


@dataclass(frozen=True)
class Evidence:
    """What is known of a policy's driving.

    Attributes:
        alone: What the policy did alone; may be empty.
        supervised: Recorded episodes, with somebody who took over.
        known: Observations that the policy was trained on, shape (N, obs_dim).
        discrepancy: Mean squared difference of its actions from what it was trained on;
            infinite where nobody knows.
    """

    alone: Sequence[Drive]
    supervised: Sequence[Drive]
    known: FloatArray
    discrepancy: float = float("inf")


def drive_alone(
    policy: Policy,
    env_id: str,
    options: Sequence[Mapping[str, Any]],
    seeds: Sequence[int],
    dt: float,
) -> list[Drive]:
    """Return what the policy does without help, one drive a seed, all robots together.

    Args:
        policy: The policy.
        env_id: Gymnasium id.
        options: Options of `env.reset`, for each drive.
        seeds: Seeds of `env.reset`, for each drive.
        dt: Control period [s].
    """
    fleet = make_fleet(env_id, len(seeds))
    fleet.start(seeds, options)
    rows: list[list[tuple[FloatArray, FloatArray, float]]] = [[] for _ in seeds]
    ways: list[list[float]] = [[] for _ in seeds]
    running = np.ones(len(seeds), np.bool_)
    actions: FloatArray | None = None
    while running.any():
        seen = fleet.observations[running].copy()
        wanted = policy.act_batch(seen)
        doubts = getattr(policy, "disagreement", None)
        if actions is None:
            actions = np.zeros((len(seeds), wanted.shape[1]), np.float32)
        actions[running] = wanted
        for row, place in enumerate(np.flatnonzero(running).tolist()):
            doubt = np.nan if doubts is None else float(doubts[row])
            rows[place].append((seen[row], wanted[row], doubt))
            if fleet.goal_distances is not None:
                ways[place].append(float(fleet.goal_distances[place]))
        fleet.step(actions, running)
        running = np.array([not outcome for outcome in fleet.outcomes])
    fleet.close()
    ended = zip(rows, ways, fleet.outcomes, strict=True)
    return [_alone(steps, way, outcome, dt) for steps, way, outcome in ended]


def _alone(
    steps: Sequence[tuple[FloatArray, FloatArray, float]],
    goal_distances: Sequence[float],
    outcome: str,
    dt: float,
) -> Drive:
    needed, counted = np.zeros(len(steps), np.bool_), np.ones(len(steps), np.bool_)
    failed, trouble = outcome != "success", len(steps)
    if failed:
        trouble = trouble_began(outcome, len(steps), goal_distances, dt)
        needed[max(0, trouble - max(1, round(SOON_S / dt))) :] = True
        # Whatever comes later looks the same, and would outweigh all other trouble.
        counted[trouble + round(STALL_S / dt) :] = False
    return Drive(
        np.stack([seen for seen, _, _ in steps]),
        np.stack([wanted for _, wanted, _ in steps]),
        np.array([doubt for _, _, doubt in steps], np.float32),
        needed,
        counted,
        failed,
        trouble,
    )


def drive_of(episode: Episode, policy: Policy, *, dt: float, delay_s: float) -> Drive:
    """Return a recorded episode as a drive.

    The need for help begins before the operator reacts to it, so that takeovers count as
    if they had come earlier by the operator's delay. What would have followed is not known
    once the operator drives, nor near an ask, which slows the robot and calls somebody.

    Args:
        episode: The episode.
        policy: Says how much its members disagree now.
        dt: Control period [s].
        delay_s: The operator's delay [s].
    """
    soon, delay = max(1, round(SOON_S / dt)), round(delay_s / dt)
    needed = np.zeros(len(episode), np.bool_)
    counted = np.asarray(episode.sources == Source.POLICY)
    for takeover in episode.takeovers():
        if episode.asked[takeover.start]:
            continue
        begun = max(0, takeover.start - delay)
        needed[max(0, begun - soon) : begun] = True
        counted[begun : takeover.start] = False
    failed = episode.info.outcome not in ("success", "interrupted", "ended_by_operator")
    failed = failed and len(episode) > 0 and bool(counted[-1])
    if failed:
        needed[-soon:] = True
    for step in np.flatnonzero(episode.asked).tolist():
        counted[max(0, step - soon) : step + soon] = False
    seen = episode.observations[:-1]
    policy.act_batch(seen)
    doubts = getattr(policy, "disagreement", np.full(len(episode), np.nan, np.float32))
    wanted, end = episode.policy_actions, len(episode)
    return Drive(seen, wanted, doubts, needed, counted, failed, end)
