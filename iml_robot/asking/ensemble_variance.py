"""Asks where the members of the ensemble disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from iml_robot.asking import ASKERS
from iml_robot.asking.fitting.evidence import Evidence
from iml_robot.asking.fitting.files import Arrays
from iml_robot.asking.turns.gated import UNKNOWN, Gated, Judgement, check_share, doubt_of
from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode, FloatArray, Step


@ASKERS.register("ensemble_variance")
class EnsembleVariance(Gated):
    """Asks when the doubt of the ensemble is above a threshold; a baseline.

    The doubt rule of EnsembleDAgger (Menda et al., arXiv 1807.08364). Its other rule, the
    distance to the operator's action, needs an operator who shows at every step what they
    would do, and is left out. The threshold is the doubt that a share of the steps exceeds
    which the policy drives alone, where nothing else is given.

    Args:
        layout: Meaning of the parts of an observation; not used.
        dt: Control period [s].
        doubt: The threshold: standard deviation of the members' actions; None: found from
            the share.
        share: Share of the steps that are in doubt, in (0, 1); of those that follow the
            first seconds of a standstill nothing is counted.
        maps: Maps that each new policy drives alone to find the threshold.

    Raises:
        ValueError: If an option is out of range.
    """

    learns = True

    def __init__(
        self,
        layout: Mapping[str, Any],
        dt: float,
        *,
        doubt: float | None = None,
        share: float = 0.05,
        maps: int = 48,
    ) -> None:
        super().__init__(layout, dt, maps=maps)
        if doubt is not None:
            if not doubt >= 0:
                raise ValueError(f"doubt must be 0 or more, got {doubt}")
            self.maps = 0  # There is nothing to find.
        check_share("share", share)
        self._doubt, self._share = doubt, share
        self._threshold = doubt

    def use(self, fitted: Arrays | None, episodes: Sequence[Episode]) -> None:
        """Take up the threshold, unless one was given."""
        del episodes
        if self._doubt is None:
            self._threshold = None if fitted is None else float(fitted["doubt"])

    def fit(self, evidence: Evidence, before: Arrays | None) -> Arrays | None:
        """Return the doubt that the share of steps exceeds; None without an ensemble."""
        del before
        drives = evidence.alone or evidence.supervised
        doubts = [d.disagreements[d.counted] for d in drives]
        known = np.concatenate(doubts) if doubts else np.zeros(0)
        known = known[np.isfinite(known)]
        if not len(known) or not known.max() > 0:
            return None
        return {"doubt": np.array(np.quantile(known, 1 - self._share))}

    def judge(
        self,
        policy: Policy,
        observation: FloatArray,
        policy_action: FloatArray,
        last: Step | None,
    ) -> Judgement:
        """Return whether the doubt is too much; of one who has none, nothing is known."""
        doubt = doubt_of(policy)
        if self._threshold is None or not np.isfinite(doubt):
            return UNKNOWN
        wants = doubt > self._threshold
        return Judgement(wants=wants, calm=not wants)
