"""A simulated person who watches, reacts late, takes over and hands back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from iml_robot.core.errors import UsageError
from iml_robot.core.seeding import named_stream
from iml_robot.core.types import FloatArray, OperatorSignal, Request
from iml_robot.operators import OPERATORS


class Pilot(Protocol):
    """A scripted driver that an environment offers through `make_pilot`."""

    def reset(self, *, seed: int) -> None:
        """Forget the last episode."""

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the action the driver would take, shape (act_dim,)."""

    def risk(self, observation: FloatArray, action: FloatArray) -> float:
        """Return how surely an action runs into trouble soon, in [0, 1]."""


@OPERATORS.register("simulated")
class SimulatedOperator:
    """Supervises through a pilot's eyes and hands, with a person's delays and errors.

    It takes over once the policy has looked like failing for as long as a person needs
    to react, and hands back once the policy has looked safe, and agreed with the
    operator's own steering, for a while.

    Args:
        env: Environment; must offer `make_pilot` and `control_dt`.
        reaction_median_s: Median of the log-normal reaction time [s].
        reaction_spread: Standard deviation of its logarithm.
        action_noise: Standard deviation of the slowly varying steering error.
        risk_threshold: Risk above which the operator decides to take over.
        least_takeover_s: Shortest takeover [s].
        release_s: Time for which the policy must look safe before it drives again [s].
        stall_s: Time without progress after which the operator takes over [s].

    Raises:
        UsageError: If the environment offers no pilot.

    Source: reaction times as in take-over studies of attentive operators (median
    0.35 s, 95 % below 0.8 s); Ornstein-Uhlenbeck steering noise.
    """

    def __init__(
        self,
        env: Any,
        *,
        reaction_median_s: float = 0.35,
        reaction_spread: float = 0.5,
        action_noise: float = 0.05,
        risk_threshold: float = 0.5,
        least_takeover_s: float = 1.0,
        release_s: float = 0.5,
        stall_s: float = 2.5,
    ) -> None:
        try:
            self._pilot: Pilot = env.get_wrapper_attr("make_pilot")()
        except AttributeError:
            raise UsageError(
                "this environment offers no pilot for a simulated operator "
                "(make_pilot); drive it yourself with --operator human"
            ) from None
        self._dt = float(env.get_wrapper_attr("control_dt"))
        self._reaction = (reaction_median_s, reaction_spread)
        self._noise_scale = action_noise
        self._risk_threshold = risk_threshold
        self._least_steps = round(least_takeover_s / self._dt)
        self._release_steps = round(release_s / self._dt)
        self._stall_steps = round(stall_s / self._dt)
        self.reset(seed=0)

    def reset(self, *, seed: int) -> None:
        """Start an episode watching, hands off."""
        self._rng = named_stream(seed, "simulated operator")
        self._pilot.reset(seed=seed)
        self._driving = False
        self._steps_driving = 0
        self._steps_safe = 0
        self._alarm_in: int | None = None
        self._noise: FloatArray | None = None
        self._distances: list[float] = []

    def advise(
        self, observation: FloatArray, policy_action: FloatArray, info: Mapping[str, Any]
    ) -> OperatorSignal:
        """Return the operator's command while it drives, else a signal of hands off."""
        risk = self._pilot.risk(observation, policy_action)
        alarming = risk > self._risk_threshold or self._stalled(info)
        if not self._driving:
            self._consider_takeover(alarming)
            if not self._driving:
                return OperatorSignal(device="simulated")
        own = self._noisy(self._pilot.act(observation))
        fresh = self._steps_driving == 0
        self._steps_driving += 1
        self._consider_release(alarming, own, policy_action)
        requests = frozenset({Request.TAKE_CONTROL}) if fresh else frozenset()
        return OperatorSignal(
            action=own, gripping=True, requests=requests, device="simulated"
        )

    def _consider_takeover(self, alarming: bool) -> None:
        """Take over a reaction time after the first alarm, if there is still reason."""
        if self._alarm_in is None and alarming:
            median, spread = self._reaction
            delay = median * float(np.exp(spread * self._rng.standard_normal()))
            self._alarm_in = round(delay / self._dt)
        if self._alarm_in is None:
            return
        if self._alarm_in > 0:
            self._alarm_in -= 1
            return
        self._alarm_in = None
        if alarming:
            self._driving = True
            self._steps_driving = 0
            self._steps_safe = 0

    def _consider_release(
        self, alarming: bool, own: FloatArray, policy_action: FloatArray
    ) -> None:
        """Hand back when the policy has looked safe and alike for long enough."""
        alike = float(np.abs(own - policy_action).max()) < 0.5
        self._steps_safe = self._steps_safe + 1 if alike and not alarming else 0
        rested = self._steps_driving >= self._least_steps
        if rested and self._steps_safe >= self._release_steps:
            self._driving = False
            self._distances.clear()

    def _stalled(self, info: Mapping[str, Any]) -> bool:
        """Return True if the goal came no nearer lately; False without a goal."""
        if "distance_to_goal" not in info:
            return False
        self._distances.append(float(info["distance_to_goal"]))
        recent = self._distances[-self._stall_steps :]
        return len(recent) == self._stall_steps and min(recent) > recent[0] - 0.3

    def _noisy(self, action: FloatArray) -> FloatArray:
        """Return the action with a steering error that changes within about 0.5 s."""
        if self._noise is None:
            self._noise = np.zeros_like(action)
        keep = float(np.exp(-self._dt / 0.5))
        fresh = self._rng.standard_normal(action.shape) * self._noise_scale
        self._noise = np.float32(keep) * self._noise + np.float32(
            np.sqrt(1 - keep**2)
        ) * fresh.astype(np.float32)
        noisy: FloatArray = np.clip(action + self._noise, -1.0, 1.0).astype(np.float32)
        return noisy
