"""The base of askers: a judgement of each step, a gate, and what fits the policy."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from iml_robot.asking.fitting.evidence import Evidence
from iml_robot.asking.fitting.files import Arrays, read_fit
from iml_robot.asking.turns.gate import Gate
from iml_robot.core.interfaces import Policy
from iml_robot.core.types import Ask, Episode, FloatArray, Mode, Step

NO_LIMIT = 1e9


@dataclass(frozen=True)
class Judgement:
    """What speaks for and against asking at one step.

    Attributes:
        wants: Whether there is a reason to begin to ask.
        calm: Whether there is none to go on.
        p_help: Probability that help is needed soon; NaN: nobody knows.
    """

    wants: bool = False
    calm: bool = True
    p_help: float = float("nan")


UNKNOWN = Judgement()


class Gated(ABC):
    """Asks when enough steps in a row want to.

    Args:
        layout: Meaning of the parts of an observation, or empty.
        dt: Control period [s].
        asks_per_min: Most asks within a minute of driving.
        maps: Number of maps that the policy drives alone, in the learning process, so that
            something can be fitted; 0: none.

    Raises:
        ValueError: If an option is out of range.

    Attributes:
        maps: As given.
        learns: Whether there is anything to fit.
    """

    learns: bool = False

    def __init__(
        self,
        layout: Mapping[str, Any],
        dt: float,
        *,
        asks_per_min: float = NO_LIMIT,
        maps: int = 0,
    ) -> None:
        if maps < 0:
            raise ValueError(f"maps must be 0 or more, got {maps}")
        self.maps = maps
        self._layout, self._dt = layout, dt
        self._gate = Gate(dt, asks_per_min=asks_per_min)
        self._last_ask = Ask()

    def prepare(self, policy_file: Path, episodes: Sequence[Episode]) -> None:
        """Take up what was fitted to the policy, if anything was."""
        self._gate.remember([episode.asked for episode in episodes])
        self.use(read_fit(policy_file), episodes)

    def use(self, fitted: Arrays | None, episodes: Sequence[Episode]) -> None:
        """Take up what `fit` returned; None: nothing is known of the policy.

        Args:
            fitted: What was fitted to the policy that drives next.
            episodes: Every usable episode, the newest last.
        """
        del fitted, episodes

    def fit(self, evidence: Evidence, before: Arrays | None) -> Arrays | None:
        """Return what to know of a policy; None: nothing can be said.

        Args:
            evidence: What is known of its driving.
            before: What was known of the policy before it.
        """
        del evidence, before
        return None

    def reset(self, *, seed: int) -> None:
        """Prepare for a new episode."""
        del seed
        self._gate.reset()
        self._last_ask = Ask()

    def consider(
        self,
        policy: Policy,
        observation: FloatArray,
        policy_action: FloatArray,
        last: Step | None,
    ) -> Ask:
        """Return whether to ask for help at this step; see the interface."""
        if last is not None:
            if last.decision.mode is Mode.PAUSED:
                return self._last_ask
            self._gate.hear(last)
        judgement = self.judge(policy, observation, policy_action, last)
        asking = self._gate.advance(judgement.wants, judgement.calm)
        self._last_ask = Ask(asking, judgement.p_help)
        return self._last_ask

    @abstractmethod
    def judge(
        self,
        policy: Policy,
        observation: FloatArray,
        policy_action: FloatArray,
        last: Step | None,
    ) -> Judgement:
        """Return what speaks for asking at this step; see `consider`."""


def check_share(name: str, value: float) -> None:
    """Make sure that an option is a share.

    Raises:
        ValueError: If it is not between 0 and 1.
    """
    if not 0 < value < 1:
        raise ValueError(f"{name} must be between 0 and 1, got {value}")


def disagreement_of(policy: Policy) -> npt.NDArray[np.float32] | None:
    """Return how much a policy's members disagreed when it acted last, shape (n,).

    None for a policy that is no ensemble.
    """
    found: npt.NDArray[np.float32] | None = getattr(policy, "disagreement", None)
    return found


def doubt_of(policy: Policy) -> float:
    """Return the disagreement about the last single action; NaN where there is none."""
    found = disagreement_of(policy)
    return float("nan") if found is None or not len(found) else float(found[0])
