"""After a failure, back to where it could still be helped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from iml_robot.core.interfaces import Arbiter, Operator, Pacer, View
from iml_robot.core.types import (
    Decision,
    EpisodeInfo,
    FloatArray,
    Mode,
    OperatorSignal,
    Request,
    Source,
    Step,
)
from iml_robot.robots.snapshots import Snapshots

LOGGER = logging.getLogger(__name__)

REWOUND = "rewound"
"""Outcome of an episode that its operator took back while it was going on."""
BEYOND_HELP = (
    "success",
    "time_limit",
    "ended_by_operator",
    "operator_lost",
    "policy_fault",
)
"""Ends that nobody wants to take back, or that three more seconds would not change."""
ON = frozenset({Request.GIVE_BACK, Request.END_EPISODE, Request.QUIT})
"""Requests that mean: leave it, go on."""


class Loop(Protocol):
    """What the loop around an episode has that is needed here."""

    @property
    def env(self) -> Any:
        """The environment."""

    @property
    def operator(self) -> Operator:
        """Who supervises."""
        ...

    @property
    def arbiter(self) -> Arbiter:
        """Whose action the robot executes."""
        ...

    @property
    def view(self) -> View:
        """What shows the steps."""
        ...

    @property
    def pacer(self) -> Pacer:
        """What sets the speed."""
        ...


class NoRewinding:
    """Episodes end where they end.

    Attributes:
        rewound_to: Where the continuation begins, in control steps from `env.reset`; None:
            there is none.
    """

    rewound_to: int | None = None

    @property
    def prelude(self) -> FloatArray:
        """What the robot did before the episode began, shape (steps, act_dim)."""
        return np.zeros((0, 0), np.float32)

    def begin(self, env: Any, start: EpisodeInfo) -> tuple[Any, dict[str, Any]]:
        """Reset the environment, or go back; return what a reset returns."""
        return env.reset(seed=start.seed, options=dict(start.options))  # type: ignore[no-any-return]

    def settle(self, loop: Loop, observation: FloatArray, info: dict[str, Any]) -> None:
        """Wait until the operator is ready."""

    def keep(self, executed: FloatArray) -> None:
        """Take in what the robot did."""

    def asked(self, signal: OperatorSignal) -> str:
        """Return the outcome of an episode that is to be taken back now, or ""."""
        return ""

    def offer(
        self, loop: Loop, step: Step | None, info: dict[str, Any], outcome: str
    ) -> None:
        """Let the operator take back how the episode ended.

        Args:
            loop: The loop.
            step: The last step.
            info: What the environment said.
            outcome: How the episode ended.
        """


class Rewinding(NoRewinding):
    """Goes back some seconds where the operator asks for it, at most so many times.

    The operator can ask while an episode goes on (then it ends as "rewound"), or when it
    has failed. Time stands still until the hands are ready.

    Args:
        env: The environment, with its wrappers.
        back_s: How far to go back [s].
        times: How often, after a reset.
        period_s: Control period [s].
        patience_s: How long a person has to ask, and to get ready [s]; 0: nobody waits.
    """

    def __init__(
        self, env: Any, *, back_s: float, times: int, period_s: float, patience_s: float
    ) -> None:
        self._snapshots = Snapshots(env, steps=round(back_s / period_s))
        self._back_s, self._times, self._patience_s = back_s, times, patience_s
        self._driven: list[FloatArray] = []
        self._begun = 0
        self._went_back = False
        self._left = times
        if not self._snapshots.possible:
            LOGGER.warning(
                "this environment has no get_state and set_state: nothing can be rewound"
            )

    @property
    def prelude(self) -> FloatArray:
        """What the robot did before the episode began, shape (steps, act_dim)."""
        if not self._begun:
            return super().prelude
        return np.array(self._driven[: self._begun], np.float32)

    def begin(self, env: Any, start: EpisodeInfo) -> tuple[Any, dict[str, Any]]:
        """Reset the environment, or go back; return what a reset returns."""
        self.rewound_to = None
        self._begun = start.begins_at
        self._went_back = start.continues is not None
        del self._driven[start.begins_at :]
        if not self._went_back:
            self._left = self._times
            begun = super().begin(env, start)
        else:
            self._left -= 1
            begun = self._snapshots.go_back(start.begins_at)
        self._snapshots.clear()
        self._snapshot()
        return begun

    def settle(self, loop: Loop, observation: FloatArray, info: dict[str, Any]) -> None:
        """Wait until the hands are on the controls, after going back."""
        if not self._went_back or not self._patience_s:
            return
        nothing = np.zeros(loop.env.action_space.shape, np.float32)
        decision = Decision(nothing, Source.SAFETY, 0.0, Mode.PAUSED)
        step = Step(observation, nothing, OperatorSignal(), decision, 0.0)
        self._poll(loop, step, info, "back again: steer", lambda signal: signal.engaged)

    def keep(self, executed: FloatArray) -> None:
        """Take in what the robot did."""
        self._driven.append(executed.copy())
        self._snapshot()

    def asked(self, signal: OperatorSignal) -> str:
        """Return "rewound" if the operator asks to go back and can; else ""."""
        if Request.REWIND not in signal.requests or not self._choose():
            return ""
        return REWOUND

    def offer(
        self, loop: Loop, step: Step | None, info: dict[str, Any], outcome: str
    ) -> None:
        """Let the operator take back how the episode ended."""
        ended = self.rewound_to is None and outcome not in BEYOND_HELP
        if step is None or not ended or not self._can():
            return
        signal = self._poll(
            loop,
            step,
            {**info, "ended": outcome},
            f"{outcome.replace('_', ' ')}: rewind {self._back_s:g} s?",
            lambda signal: bool(signal.requests & (ON | {Request.REWIND})),
        )
        self.asked(signal)

    def _poll(
        self,
        loop: Loop,
        step: Step,
        info: dict[str, Any],
        reason: str,
        enough: Callable[[OperatorSignal], bool],
    ) -> OperatorSignal:
        """Ask the operator until it is enough or patience ends; return the last answer."""
        waited_s = 0.0
        while True:
            signal = loop.operator.advise(step.observation, step.policy_action, info)
            if Request.EMERGENCY_STOP in signal.requests:
                # It latches, so that whatever comes next begins stopped.
                loop.arbiter.decide(step.policy_action, signal, elapsed_s=0.0)
                return signal
            left_s = self._patience_s - waited_s
            if enough(signal) or left_s <= 0:
                return signal
            decision = replace(
                step.decision, mode=Mode.PAUSED, reason=reason, countdown_s=left_s
            )
            loop.view.show(replace(step, signal=signal, decision=decision), info)
            waited_s += loop.pacer.wait()

    def _can(self) -> bool:
        return self._left > 0 and self._snapshots.possible

    def _choose(self) -> bool:
        """Choose where to go back to; return False if that is nowhere."""
        step = self._snapshots.newest_before(len(self._driven)) if self._can() else None
        if step is None or step == len(self._driven):
            return False
        self.rewound_to = step
        return True

    def _snapshot(self) -> None:
        if self._can():
            self._snapshots.keep(len(self._driven))
