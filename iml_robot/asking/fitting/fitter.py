"""Fits an asker to each policy, in the process that learns."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from iml_robot.asking.fitting.evidence import Evidence, drive_alone, drive_of
from iml_robot.asking.fitting.files import Arrays, fit_file, read_fit, write_fit
from iml_robot.core.interfaces import Learner
from iml_robot.core.seeding import named_seed
from iml_robot.core.types import Episode, FloatArray

LOGGER = logging.getLogger(__name__)

DELAY_S = 0.4
"""By so long people react late, in the median [s]."""


class Fitted(Protocol):
    """An asker that has to know something of the policy.

    Attributes:
        maps: Number of maps that the policy drives alone to that end.
    """

    maps: int

    def fit(self, evidence: Evidence, before: Arrays | None) -> Arrays | None:
        """Return what to know of a policy; None: nothing can be said."""
        ...


class Fitter:
    """Lets a policy drive alone on maps like those of the session, and fits to that.

    Args:
        asker: Says what is to be known.
        env_id: Gymnasium id.
        options: Options of `env.reset`.
        dt: Control period [s].
        seed: Draws the maps.
    """

    def __init__(
        self,
        asker: Fitted,
        env_id: str,
        options: Mapping[str, Any],
        *,
        dt: float,
        seed: int,
    ) -> None:
        self._asker, self._env_id, self._options = asker, env_id, dict(options)
        self._dt, self._seed = dt, seed

    def fit(
        self, learner: Learner, episodes: Sequence[Episode], policy_file: Path, before: Path
    ) -> None:
        """Fit to a policy and keep that beside its file.

        Where the policy drives alone, once is enough; else every episode tells something.

        Args:
            learner: Holds the policy.
            episodes: Every usable episode, the newest last.
            policy_file: The policy's file.
            before: The file of the policy before; the same where there was none.
        """
        if self._asker.maps and fit_file(policy_file).is_file():
            return
        try:
            known = read_fit(before)
            fitted = self._asker.fit(self.evidence(learner, episodes), known) or known
            if fitted is not None:
                write_fit(fitted, policy_file)
        except Exception as error:
            # Whatever somebody's environment raises, learning goes on without asking.
            reason = " ".join(str(error).split()) or type(error).__name__
            LOGGER.warning("nothing is asked by %s: %s", policy_file.name, reason)

    def evidence(self, learner: Learner, episodes: Sequence[Episode]) -> Evidence:
        """Return what is known of the driving of a learner's policy; see `fit`."""
        policy = learner.policy
        seeds = [named_seed(self._seed, "asking", n) for n in range(self._asker.maps)]
        alone = []
        if seeds:
            options = [self._options] * len(seeds)
            alone = drive_alone(policy, self._env_id, options, seeds, self._dt)
        supervised = [
            drive_of(episode, policy, dt=self._dt, delay_s=DELAY_S)
            for episode in episodes
            if len(episode)
        ]
        known = _known(learner, episodes)
        return Evidence(alone, supervised, known, _discrepancy(learner))


def _known(learner: Learner, episodes: Sequence[Episode]) -> FloatArray:
    """Return what the policy was trained on: its demonstrations, and the corrections."""
    parts = [episode.observations[:-1][episode.corrected] for episode in episodes]
    rehearsal = getattr(learner, "rehearsal", None)
    if rehearsal is not None:
        parts.insert(0, rehearsal.observations)
    filled = [part for part in parts if len(part)]
    return np.concatenate(filled) if filled else np.zeros((0, 0), np.float32)


def _discrepancy(learner: Learner) -> float:
    """Return how far a policy is from its demonstrations; see `Evidence`."""
    rehearsal = getattr(learner, "rehearsal", None)
    if rehearsal is None or not len(rehearsal.actions):
        return float("inf")
    wanted = learner.policy.act_batch(rehearsal.observations)
    return float(((wanted - rehearsal.actions) ** 2).mean())
