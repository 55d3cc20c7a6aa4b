"""Asks where a policy is off what it knows, or unlikely to arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot.asking import ASKERS
from iml_robot.asking.fitting.evidence import Drive, Evidence
from iml_robot.asking.fitting.files import Arrays
from iml_robot.asking.risk.model import RiskModel, fit_risk
from iml_robot.asking.signs.signs import Signs
from iml_robot.asking.turns.gated import UNKNOWN, Gated, Judgement, check_share, doubt_of
from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode, FloatArray, Step


@ASKERS.register("thrifty")
class Thrifty(Gated):
    """The gate of ThriftyDAgger (Hoque et al., arXiv 2109.08273); a baseline.

    As there: novelty is the variance of an ensemble, risk is one less the probability of
    reaching the goal; an ask begins where either is above what a share of the steps
    exceeds which the robot drove, and ends where risk is below its median and, once
    somebody drives, policy and operator differ by less than they do on the training data.

    Not as there: the probability of reaching the goal is a logistic model of what the step
    shows, fitted to how drives ended, in place of a network fitted by temporal
    differences; and the operator, not the gate, decides when to hand back. If that was too
    early, the gate asks again.

    Args:
        layout: Meaning of the parts of an observation, or empty.
        dt: Control period [s].
        budget: Share of the steps of which either is above its threshold, in (0, 1).
        maps: Maps that each new policy drives alone to find the thresholds; 0: the
            session's episodes are used.

    Raises:
        ValueError: If an option is out of range.
    """

    learns = True

    def __init__(
        self, layout: Mapping[str, Any], dt: float, *, budget: float = 0.05, maps: int = 48
    ) -> None:
        super().__init__(layout, dt, maps=maps)
        check_share("budget", budget)
        self._budget = budget
        self._signs = Signs(layout, dt, None)
        self._fitted: Arrays | None = None
        self._goal: RiskModel | None = None
        self._owing = False

    def use(self, fitted: Arrays | None, episodes: Sequence[Episode]) -> None:
        """Take up the thresholds."""
        del episodes
        self._fitted = fitted
        self._goal = None if fitted is None else RiskModel.of(fitted)

    def fit(self, evidence: Evidence, before: Arrays | None) -> Arrays | None:
        """Return thresholds, and the model of risk; None: there is nothing to find in."""
        del before
        drives = [d for d in (evidence.alone or evidence.supervised) if len(d)]
        if not any(d.failed for d in drives) or all(d.failed for d in drives):
            return None
        shown = np.concatenate([self._shown(drive) for drive in drives])
        lost = np.concatenate([np.full(len(d), d.failed) for d in drives])
        places = np.repeat(np.arange(len(drives)), [len(d) for d in drives])
        model, risks = fit_risk(shown, lost, places)
        doubts = np.concatenate([d.disagreements for d in drives])
        known = doubts[np.isfinite(doubts)]
        largest = np.inf if not len(known) else np.quantile(known, 1 - self._budget)
        return {
            **model.arrays(),
            "novel": np.array(largest),
            "risky": np.array(np.quantile(risks, 1 - self._budget)),
            "usual": np.array(np.median(risks)),
            "differs": np.array(evidence.discrepancy),
        }

    def reset(self, *, seed: int) -> None:
        """Forget the last episode."""
        super().reset(seed=seed)
        self._owing = False

    def judge(
        self,
        policy: Policy,
        observation: FloatArray,
        policy_action: FloatArray,
        last: Step | None,
    ) -> Judgement:
        """Return whether something is new or risky; see the class."""
        if self._fitted is None or self._goal is None:
            return UNKNOWN
        doubt = doubt_of(policy)
        seen = observation[None], policy_action[None], np.array([doubt], np.float32)
        risk = float(self._goal.probability(self._signs.of_steps(*seen))[0])
        novel = doubt > float(self._fitted["novel"])
        begins = novel or risk > float(self._fitted["risky"])
        ends = risk < float(self._fitted["usual"]) and not novel and self._alike(last)
        self._owing = (self._owing or begins) and not ends
        return Judgement(wants=self._owing, calm=ends)

    def risks(self, fitted: Arrays, drive: Drive) -> npt.NDArray[np.float64]:
        """Return the risk along a drive, shape (T,)."""
        return RiskModel.of(fitted).probability(self._shown(drive))

    def _shown(self, drive: Drive) -> Any:
        return self._signs.of_steps(drive.observations, drive.actions, drive.disagreements)

    def _alike(self, last: Step | None) -> bool:
        """Return whether policy and operator agree, as far as the operator drives."""
        if self._fitted is None or last is None or last.signal.action is None:
            return True
        apart = float(((last.signal.action - last.policy_action) ** 2).mean())
        return apart < float(self._fitted["differs"])
