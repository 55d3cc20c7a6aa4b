"""Lets a new policy drive only if it does no worse than the last one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from iml_robot.core.interfaces import Policy
from iml_robot.core.types import BoolArray, Episode
from iml_robot.learners.cloning.trials import Trials
from iml_robot.training.verdict import Verdict

RECENT_EPISODES = 3
"""Of so many episodes the candidate's actions are looked at."""
CLEARLY = 3
"""Coping with so many moments more is no chance."""
LEAST_LOSS = 2
"""Who copes with so many familiar maps fewer has unlearned something."""


class MicroRegression:
    """Accepts a candidate that copes with more moments than the present policy.

    The learner may have chosen it from several because of these very moments. Unless it
    is clearly better, it must therefore do as well on further maps, too, and must not have
    unlearned what was familiar: where much is won some of that may be lost for a while,
    but near the top nothing is won by it. One that is only as good is refused: a
    session has many updates, and of many that seem as good some are a little worse, which
    adds up.

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
        before = self._trials.drive(current, episodes)
        moments = _Count(
            before, self._trials.drive(candidate, episodes, beyond=int(before.sum()))
        )
        figures = {
            "moments": float(moments.total),
            "coped_before": float(moments.before),
        }
        if moments.gain <= 0:
            reason = (
                "copes with no more moments than the policy before "
                f"({moments.before} of {moments.total})"
            )
            return Verdict(accepted=False, reason=reason, figures=figures)
        figures["coped"] = float(moments.now)
        reason = (
            f"copes with {moments.now} of {moments.total} moments, the policy before with "
            f"{moments.before}"
        )
        if moments.gain >= CLEARLY:
            return Verdict(accepted=True, reason=reason, figures=figures)
        better = self._on_further_maps(candidate, current, episodes, reason, figures)
        return self._on_familiar_ground(candidate, current, better)

    def _on_further_maps(
        self,
        candidate: Policy,
        current: Policy,
        episodes: Sequence[Episode],
        reason: str,
        figures: dict[str, float],
    ) -> Verdict:
        """Say whether a candidate that is a little better is so elsewhere, too."""
        before = self._trials.drive_further(current, episodes)
        maps = _Count(
            before,
            self._trials.drive_further(candidate, episodes, beyond=int(before.sum()) - 1),
        )
        if not maps.total:
            return Verdict(accepted=True, reason=reason, figures=figures)
        figures["further_before"] = float(maps.before)
        reason += f"; of {maps.total} further maps with "
        if maps.gain < 0:
            reason += f"fewer than the {maps.before} of the policy before"
            return Verdict(accepted=False, reason=reason, figures=figures)
        figures["further"] = float(maps.now)
        reason += f"{maps.now}, with {maps.before}"
        return Verdict(accepted=True, reason=reason, figures=figures)

    def _on_familiar_ground(
        self, candidate: Policy, current: Policy, better: Verdict
    ) -> Verdict:
        """Refuse one that is a little better but has unlearned what was familiar."""
        if not better.accepted:
            return better
        before = self._trials.drive_familiar(current)
        least = int(before.sum()) - LEAST_LOSS
        now = self._trials.drive_familiar(candidate, beyond=least)
        if now.sum() > least:
            return better
        reason = (
            f"{better.reason}; but of {len(before)} familiar maps with at least "
            f"{LEAST_LOSS} fewer"
        )
        return Verdict(accepted=False, reason=reason, figures=better.figures)


class _Count:
    """With how many moments two policies cope."""

    def __init__(self, before: BoolArray, now: BoolArray) -> None:
        self.total = len(now)
        self.now, self.before = int(now.sum()), int(before.sum())
        self.gain = self.now - self.before
