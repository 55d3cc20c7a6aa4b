"""Lets a new policy drive only if it does no worse than the last one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode
from iml_robot.learners.cloning.trials import Trials
from iml_robot.training.verdict import Verdict

RECENT_EPISODES = 3
"""Of so many episodes the candidate's actions are looked at."""


class MicroRegression:
    """Accepts a candidate that copes with no fewer moments than the present policy.

    One whose actions are no numbers in [-1, 1] is refused. Where episodes cannot be taken
    up again, the actions alone count.

    Args:
        trials: Drives policies from stored moments.
    """

    def __init__(self, trials: Trials) -> None:
        self._trials = trials

    def judge(
        self, candidate: Policy, current: Policy, episodes: Sequence[Episode]
    ) -> Verdict:
        """Drive with both and compare; see the interface."""
        recent = [episode.observations for episode in episodes[-RECENT_EPISODES:]]
        actions = candidate.act_batch(np.concatenate(recent))
        if not np.isfinite(actions).all() or np.abs(actions).max(initial=0.0) > 1:
            return Verdict(accepted=False, reason="its actions are no numbers in [-1, 1]")
        if not self._trials.possible:
            return Verdict(accepted=True, reason="its actions are sound")
        now = self._trials.drive(candidate, episodes)
        before = self._trials.drive(current, episodes)
        reason = (
            f"copes with {now.sum()} of {len(now)} moments, the policy before with "
            f"{before.sum()}"
        )
        figures = {
            "moments": float(len(now)),
            "coped_before": float(before.sum()),
            "coped": float(now.sum()),
        }
        return Verdict(
            accepted=bool(now.sum() >= before.sum()), reason=reason, figures=figures
        )
