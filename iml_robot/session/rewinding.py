"""Back to where an episode could still be helped: some seconds, or any of its steps."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from iml_robot.core.interfaces import Arbiter, Operator, Pacer, View
from iml_robot.core.types import (
    Decision,
    Episode,
    EpisodeInfo,
    FloatArray,
    Mode,
    OperatorSignal,
    Request,
    Source,
    Step,
)
from iml_robot.robots.snapshots import Snapshots
from iml_robot.robots.taking_up import AstrayError, take_up
from iml_robot.session.chains import REWOUND

LOGGER = logging.getLogger(__name__)

ENDED = "ended_by_operator"
"""Outcome of an episode that its operator wanted to end."""
BEYOND_HELP = (
    "success",
    "time_limit",
    ENDED,
    "operator_lost",
    "policy_fault",
)
"""Ends that nobody wants to take back, or that three more seconds would not change."""
ON = frozenset({Request.GIVE_BACK, Request.END_EPISODE, Request.QUIT})
"""Requests that mean: leave it, go on."""
READY = ON | {Request.REWIND}
"""Requests for which nobody waits any longer after going back."""
LEAVES = frozenset({Request.END_EPISODE, Request.QUIT})
"""Those of them after which nothing more shall be driven."""


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
    """Episodes end where they end, unless somebody takes them up again afterwards.

    Args:
        patience_s: How long a person has to get ready after going back [s]; 0: nobody
            waits.

    Attributes:
        rewound_to: Where the continuation begins, in control steps from `env.reset`; None:
            there is none.
    """

    def __init__(self, *, patience_s: float = 0.0) -> None:
        self.rewound_to: int | None = None
        self._patience_s = patience_s
        self._settled: frozenset[Request] = frozenset()
        self._driven: list[FloatArray] = []
        self._begun = 0
        self._went_back = self._by_itself = False
        self._ready: tuple[tuple[int, int], tuple[Any, dict[str, Any]]] | None = None

    @property
    def possible(self) -> bool:
        """Whether the operator can go back now, while the episode goes on."""
        return False

    @property
    def prelude(self) -> FloatArray:
        """What the robot did before the episode began, shape (steps, act_dim)."""
        if not self._begun:
            return np.zeros((0, 0), np.float32)
        return np.array(self._driven[: self._begun], np.float32)

    def take_up(self, env: Any, episode: Episode, step: int) -> str:
        """Put the environment into the state before a step of an ended episode.

        What begins next is then its continuation from there.

        Args:
            env: The environment; it must not be used for anything else until then.
            episode: The episode.
            step: The step; 0 is its start.

        Returns:
            Why that cannot be done; "" if it is done.
        """
        moment = (episode.info.episode_id, episode.info.begins_at + step)
        if self._ready is not None and self._ready[0] == moment:
            return ""
        self._ready = None
        try:
            self._ready = moment, take_up(env, episode, step)
        except AstrayError as error:
            return str(error)
        except Exception as error:
            # Somebody else's environment; an episode less is no reason to end a session.
            LOGGER.exception("the environment failed when an episode was taken up again")
            return f"the environment failed: {type(error).__name__}: {error}"
        self._driven = list(episode.driven[: moment[1]])
        return ""

    def begin(self, env: Any, start: EpisodeInfo) -> tuple[Any, dict[str, Any]]:
        """Reset the environment, or go back; return what a reset returns."""
        ready, self._ready = self._ready, None
        self.rewound_to, self._begun, self._by_itself = None, start.begins_at, False
        self._went_back, self._settled = start.continues is not None, frozenset()
        if not self._went_back:
            self._driven.clear()
            return env.reset(seed=start.seed, options=dict(start.options))  # type: ignore[no-any-return]
        if ready is not None and ready[0] == (start.continues, start.begins_at):
            return ready[1]
        self._by_itself = True
        return self._return_to(start.begins_at)

    def settle(self, loop: Loop, observation: FloatArray, info: dict[str, Any]) -> None:
        """Wait until the hands are on the controls, after going back."""
        if not self._went_back or not self._patience_s:
            return
        # What went on since the last step, such as a review, is no part of the patience.
        loop.pacer.restart()
        nothing = np.zeros(loop.env.action_space.shape, np.float32)
        decision = Decision(nothing, Source.SAFETY, 0.0, Mode.PAUSED)
        step = Step(observation, nothing, OperatorSignal(), decision, 0.0)
        signal = self._poll(
            loop,
            step,
            info,
            "back again: steer, or rewind farther"
            if self.possible
            else "back again: steer",
            lambda signal: signal.engaged or bool(signal.requests & READY),
        )
        self._settled = signal.requests

    def keep(self, executed: FloatArray) -> None:
        """Take in what the robot did."""

    def asked(self, signal: OperatorSignal) -> str:
        """Return the outcome of an episode that is to be taken back now, or ""."""
        del signal
        return ENDED if self._settled & LEAVES else ""

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

    def _return_to(self, step: int) -> tuple[Any, dict[str, Any]]:
        """Put the environment back by itself; return what a reset returns."""
        raise RuntimeError(
            f"nothing was taken up at control step {step}; call take_up first"
        )

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


class Rewinding(NoRewinding):
    """Goes back some seconds where the operator asks for it, at most so many times.

    The operator can ask while an episode goes on (then it ends as "rewound"), or when it
    has failed; who asks again at once goes back farther. Time stands still until the
    hands are ready.

    Args:
        env: The environment, with its wrappers.
        back_s: How far to go back [s].
        times: How often, after a reset or after an ended episode was taken up again.
        period_s: Control period [s].
        patience_s: How long a person has to ask, and to get ready [s]; 0: nobody waits.
    """

    def __init__(
        self, env: Any, *, back_s: float, times: int, period_s: float, patience_s: float
    ) -> None:
        super().__init__(patience_s=patience_s)
        steps = round(back_s / period_s)
        self._snapshots = Snapshots(env, steps=steps, times=times)
        self._back_s, self._times = back_s, times
        self._left = times
        if not self._snapshots.possible:
            LOGGER.warning(
                "this environment has no get_state and set_state: nothing can be rewound "
                "while it is driven"
            )

    @property
    def possible(self) -> bool:
        """Whether the operator can go back now, while the episode goes on."""
        return self._earlier() is not None

    def begin(self, env: Any, start: EpisodeInfo) -> tuple[Any, dict[str, Any]]:
        """Reset the environment, or go back; return what a reset returns."""
        begun = super().begin(env, start)
        if not self._by_itself:
            # Also after an ended episode was taken up: so it is the same after a kill.
            self._left = self._times
            self._snapshots.clear()
            self._snapshot()
        return begun

    def keep(self, executed: FloatArray) -> None:
        """Take in what the robot did."""
        self._driven.append(executed.copy())
        self._snapshot()

    def asked(self, signal: OperatorSignal) -> str:
        """Return "rewound" if the operator asks to go back and can; else ""."""
        wanted = signal.requests | self._settled
        self._settled -= {Request.REWIND}
        if Request.REWIND not in wanted or not self._choose():
            return super().asked(signal)
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
            lambda signal: bool(signal.requests & READY),
        )
        self.asked(signal)

    def _return_to(self, step: int) -> tuple[Any, dict[str, Any]]:
        self._left -= 1
        del self._driven[step:]
        return self._snapshots.go_back(step)

    def _can(self) -> bool:
        return self._left > 0 and self._snapshots.possible

    def _choose(self) -> bool:
        """Choose where to go back to; return False if that is nowhere."""
        self.rewound_to = self._earlier()
        return self.rewound_to is not None

    def _earlier(self) -> int | None:
        """Return the step that one can go back to; None: there is none."""
        now = len(self._driven)
        step = self._snapshots.newest_before(now) if self._can() else None
        return None if step == now else step

    def _snapshot(self) -> None:
        if self._can():
            self._snapshots.keep(len(self._driven))
