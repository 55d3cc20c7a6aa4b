"""Asks where the calibrated probability of needing help soon is worth the interruption."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot.asking import ASKERS
from iml_robot.asking.fitting.evidence import Drive, Evidence
from iml_robot.asking.fitting.files import Arrays
from iml_robot.asking.risk.model import RiskModel, fit_risk
from iml_robot.asking.risk.threshold import CALM, adapted, choose_threshold
from iml_robot.asking.signs.reference import Reference, make_reference
from iml_robot.asking.signs.signs import Signs, SignStream
from iml_robot.asking.turns.gated import UNKNOWN, Gated, Judgement, check_share, doubt_of
from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Episode, FloatArray, Step

LEAST_STEPS = 20
"""So many steps with a need for help are the least to fit to."""


@ASKERS.register("calibrated")
class Calibrated(Gated):
    """Asks when help is probably needed within two seconds.

    Signs of trouble (`asking.signs`) go into a logistic model, made to mean what it says by
    isotonic regression. It is fitted to what the policy does alone on maps of its own, and
    to the takeovers of the session. The threshold is what help costs compared to a
    failure, or less where too many failures would go unasked. Before there is anything to
    fit to, nothing is asked.

    Args:
        layout: Meaning of the parts of an observation, or empty.
        dt: Control period [s].
        cost: What help costs as a share of what a failure costs, in (0, 1).
        unasked: Largest share of drives that may fail without an ask, in (0, 1).
        asks_per_min: Most asks within a minute of driving.
        maps: Maps that each new policy drives alone, in the learning process, for no human
            time; 0: only the session's episodes tell when help was needed, of which 20
            are too few.

    Raises:
        ValueError: If an option is out of range.
    """

    learns = True

    def __init__(
        self,
        layout: Mapping[str, Any],
        dt: float,
        *,
        cost: float = 0.2,
        unasked: float = 0.05,
        asks_per_min: float = 6.0,
        maps: int = 48,
    ) -> None:
        super().__init__(layout, dt, asks_per_min=asks_per_min, maps=maps)
        check_share("cost", cost)
        check_share("unasked", unasked)
        self._cost, self._unasked, self._asks_per_min = cost, unasked, asks_per_min
        self._model: RiskModel | None = None
        self._stream = SignStream(Signs(layout, dt, None))
        self.threshold = cost

    def use(self, fitted: Arrays | None, episodes: Sequence[Episode]) -> None:
        """Take up a fit, and lower its threshold after failures that went unasked."""
        self._model = None if fitted is None else RiskModel.of(_part(fitted, "model"))
        if fitted is None:
            return
        self._stream = SignStream(self._signs(fitted))
        self.threshold = adapted(
            float(fitted["threshold"]), episodes, dt=self._dt, share=self._unasked
        )

    def fit(self, evidence: Evidence, before: Arrays | None) -> Arrays | None:
        """Return model, threshold and what is known; None: too little happened."""
        reference = make_reference(evidence.known)
        signs = Signs(self._layout, self._dt, reference)
        drives = [*evidence.alone, *evidence.supervised]
        needed = np.concatenate([d.needed[d.counted] for d in drives] or [_none()])
        if needed.sum() < LEAST_STEPS:
            return None
        seen = [signs.of(d.observations, d.actions, d.disagreements) for d in drives]
        last = None if before is None else RiskModel.of(_part(before, "model"))
        model, said = fit_risk(
            np.concatenate([s[d.counted] for s, d in zip(seen, drives, strict=True)]),
            needed,
            np.repeat(np.arange(len(drives)), [int(d.counted.sum()) for d in drives]),
            trusted=sum(len(d) for d in evidence.alone),
            before=last,
        )
        arrays = {f"model.{name}": values for name, values in model.arrays().items()}
        if reference is not None:
            known = reference.arrays()
            arrays |= {f"known.{name}": values for name, values in known.items()}
        threshold = self._threshold(drives, evidence.alone, said)
        return {**arrays, "threshold": np.array(threshold)}

    def reset(self, *, seed: int) -> None:
        """Forget the last episode."""
        super().reset(seed=seed)
        self._stream.reset()

    def judge(
        self,
        policy: Policy,
        observation: FloatArray,
        policy_action: FloatArray,
        last: Step | None,
    ) -> Judgement:
        """Return the probability, and whether it is worth asking."""
        del last
        if self._model is None:
            return UNKNOWN
        signs = self._stream.push(observation, policy_action, doubt_of(policy))
        p_help = float(self._model.probability(signs[None])[0])
        return Judgement(p_help > self.threshold, p_help < CALM * self.threshold, p_help)

    def probabilities(self, fitted: Arrays, drive: Drive) -> npt.NDArray[np.float64]:
        """Return what a fit says along a drive, shape (T,)."""
        signs = self._signs(fitted).of(
            drive.observations, drive.actions, drive.disagreements
        )
        return RiskModel.of(_part(fitted, "model")).probability(signs)

    def _signs(self, fitted: Arrays) -> Signs:
        known = _part(fitted, "known")
        return Signs(self._layout, self._dt, Reference(known) if known else None)

    def _threshold(
        self,
        drives: Sequence[Drive],
        alone: Sequence[Drive],
        said: npt.NDArray[np.float64],
    ) -> float:
        """Return the threshold by what was said of drives that were held out."""
        ends = np.cumsum([int(d.counted.sum()) for d in drives])
        pieces = np.split(said, ends[:-1])
        tried = len(alone) or len(drives)
        return choose_threshold(
            pieces[:tried],
            [d.trouble if d.failed else None for d in drives[:tried]],
            dt=self._dt,
            cost=self._cost,
            share=self._unasked,
            asks_per_min=self._asks_per_min,
        )


def _part(arrays: Arrays, name: str) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays whose names begin with a part's name."""
    head = f"{name}."
    return {k.removeprefix(head): v for k, v in arrays.items() if k.startswith(head)}


def _none() -> npt.NDArray[np.bool_]:
    return np.zeros(0, np.bool_)
