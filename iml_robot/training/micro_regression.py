"""A few seconds of driving that show whether a new policy is worse than the last one.

Both drive on from the same stored moments, headless: from shortly before takeovers and
failures, from the starts of episodes that needed no help, and on familiar ground.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.core.seeding import named_seed
from iml_robot.core.types import Episode, EpisodeInfo
from iml_robot.robots.replays import Future, Moment, Replays
from iml_robot.training.verdict import Verdict

BEFORE_TAKEOVER_STEPS = 20
"""Whatever went wrong before a takeover began about so long before it: 1 s."""
BEFORE_FAILURE_STEPS = 60
TROUBLED, CALM, FAMILIAR = 10, 6, 6
"""Moments of each kind that are driven from, the newest first."""
HORIZON_STEPS = 160
"""Control steps driven from each moment: 8 s."""
LEAST_APPROACH_M = 1.0
"""A robot that came no nearer to the goal within the horizon is stuck [m]."""


class MicroRegression:
    """Refuses a candidate that gets into trouble where the present policy does not.

    A candidate that copes with fewer of the moments than the present policy is refused;
    so is one whose actions are not finite. Where episodes cannot be taken up again, the
    actions alone count.

    Args:
        replays: Simulators.
        familiar: Options of `env.reset` for familiar ground; None: there is none to test.
        seed: Draws the familiar maps.
    """

    def __init__(
        self, replays: Replays, *, familiar: Mapping[str, Any] | None, seed: int
    ) -> None:
        self._replays = replays
        self._familiar = [] if familiar is None else familiar_moments(familiar, seed)

    def judge(
        self, candidate: Policy, current: Policy, episodes: Sequence[Episode]
    ) -> Verdict:
        """Drive with both and compare; see the interface."""
        seen = np.concatenate([episode.observations for episode in episodes[-3:]])
        actions = candidate.act_batch(seen)
        if not np.isfinite(actions).all() or np.abs(actions).max(initial=0.0) > 1:
            return Verdict(accepted=False, reason="its actions are no numbers in [-1, 1]")
        if not self._replays.possible:
            return Verdict(accepted=True, reason="its actions are sound")
        score = self._compare(candidate, current, episodes)
        worse = score.now < score.before
        reason = (
            f"copes with {score.now} of {score.moments} moments, the policy before with "
            f"{score.before}"
        )
        figures = {
            "moments": float(score.moments),
            "coped_before": float(score.before),
            "coped": float(score.now),
        }
        return Verdict(accepted=not worse, reason=reason, figures=figures)

    def _compare(
        self, candidate: Policy, current: Policy, episodes: Sequence[Episode]
    ) -> Score:
        moments = [*stored_moments(episodes), *self._familiar]
        coped = []
        for policy in (candidate, current):
            futures = self._replays.futures(
                moments, [policy] * len(moments), steps=HORIZON_STEPS
            )
            coped.append([None if f is None else copes(f) for f in futures])
        pairs = [(n, b) for n, b in zip(*coped, strict=True) if n is not None]
        now, before = sum(bool(n) for n, _ in pairs), sum(bool(b) for _, b in pairs)
        return Score(len(pairs), now, before)


@dataclass(frozen=True)
class Score:
    """How two policies did from the same moments.

    Attributes:
        moments: Number of moments.
        now: How many the candidate coped with.
        before: How many the present policy did.
    """

    moments: int
    now: int
    before: int


def copes(future: Future) -> bool:
    """Return whether a robot neither failed nor got stuck."""
    if future.outcome:
        return not future.failed
    return not future.has_goal or future.approach_m >= LEAST_APPROACH_M


def stored_moments(episodes: Sequence[Episode]) -> list[Moment]:
    """Return moments of trouble and of calm, the newest of each kind."""
    troubled: list[Moment] = []
    calm: list[Moment] = []
    for episode in reversed(episodes):
        takeovers = episode.takeovers()
        troubled += [
            Moment(episode, max(0, takeover.start - BEFORE_TAKEOVER_STEPS))
            for takeover in takeovers
        ]
        if not takeovers and episode.info.outcome == "success":
            calm.append(Moment(episode, 0))
        elif not takeovers:
            step = max(0, len(episode) - BEFORE_FAILURE_STEPS)
            troubled.append(Moment(episode, step))
    return troubled[:TROUBLED] + calm[:CALM]


def familiar_moments(options: Mapping[str, Any], seed: int) -> list[Moment]:
    """Return the starts of episodes on familiar ground that nobody has driven yet."""
    none = np.zeros((0, 0), np.float32)
    nothing = np.zeros(0, np.float32)
    moments = []
    for number in range(FAMILIAR):
        info = EpisodeInfo(
            episode_id=-1 - number,
            phase="practice",
            env_id="",
            seed=named_seed(seed, "familiar", number),
            options=options,
        )
        episode = Episode(
            info, none, none, none, none,
            sources=np.zeros(0, np.int64), authorities=nothing,
            rewards=nothing, evaluations=nothing,
        )  # fmt: skip
        moments.append(Moment(episode, 0))
    return moments
