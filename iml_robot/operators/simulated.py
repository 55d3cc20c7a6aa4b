"""A simulated person who watches, reacts late, takes over and hands back."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from iml_robot.core.errors import UsageError
from iml_robot.core.seeding import named_stream
from iml_robot.core.types import FloatArray, OperatorSignal, Request
from iml_robot.operators import OPERATORS
from iml_robot.operators.simulation.answers import Answer, Answers
from iml_robot.operators.simulation.attention import Attention
from iml_robot.operators.simulation.hands import Hands
from iml_robot.operators.simulation.traits import traits_of


class Pilot(Protocol):
    """A scripted driver that an environment offers through `make_pilot`."""

    def reset(self, *, seed: int) -> None:
        """Forget the last episode."""

    def act(self, observation: FloatArray) -> FloatArray:
        """Return the action the driver would take, shape (act_dim,)."""

    def risk(self, observation: FloatArray, action: FloatArray) -> float:
        """Return how surely an action runs into trouble soon, in [0, 1]."""


ALIKE = 0.5
"""Largest difference of two commands that count as the same."""
REWOUND_S, PAST_S = 3.0, 10.0
"""Shortest takeover after a rewind, and the time after which nobody goes on only because
the place of the trouble has not been passed yet [s]."""
PROGRESS_M = 0.3
"""Way that must be gained within the stall time, or there was no progress [m]."""
STANDING_S = 1.0
"""A robot that gained no such way in this time is stuck already [s]."""


@OPERATORS.register("simulated")
class SimulatedOperator:
    """Supervises through a pilot's eyes and hands, with a person's delays and errors.

    It takes over once the policy has looked like failing for as long as a person needs
    to react, and hands back once the policy has looked safe, and agreed with the
    operator's own steering, for a while. Where it can take the episode back, it does so
    when it comes too late: after a failure, and when the robot is stuck already. A robot
    that asks for help is answered: it takes over, or tells the robot to go on. Or it
    demonstrates: it drives from the first step to the last.

    Args:
        env: Environment; must offer `make_pilot` and `control_dt`.
        preset: How good the person is: ideal, typical or poor.
        traits: Changes of single traits of the preset, by name.
        demonstrates: Whether it drives whole episodes.

    Raises:
        UsageError: If the environment offers no pilot.
        ValueError: If the preset, a trait or a value is none that is allowed.
    """

    def __init__(
        self,
        env: Any,
        *,
        preset: str = "typical",
        traits: Mapping[str, float] | None = None,
        demonstrates: bool = False,
    ) -> None:
        try:
            self._pilot: Pilot = env.get_wrapper_attr("make_pilot")()
        except AttributeError:
            raise UsageError(
                "this environment offers no pilot for a simulated operator "
                "(make_pilot); drive it yourself with --operator human"
            ) from None
        self._dt = float(env.get_wrapper_attr("control_dt"))
        self._traits = traits_of(preset, traits or {})
        self._stall_steps = round(self._traits.stall_s / self._dt)
        self._demonstrates = demonstrates
        self._rewound, self._last_m = False, math.inf
        self.reset(seed=0)

    def reset(self, *, seed: int) -> None:
        """Start an episode watching, hands off."""
        rng = named_stream(seed, "simulated operator")
        self._pilot.reset(seed=seed)
        self._attention = Attention(self._traits, self._dt, rng)
        self._hands = Hands(self._traits, self._dt, rng)
        # A stream of its own: what is asked must not change what the person does else.
        answering = named_stream(seed, "simulated operator", "answers")
        self._answers = Answers(self._traits, self._dt, answering)
        self._rewinding = named_stream(seed, "simulated operator", "rewinding")
        self._distances: list[float] = []
        self._way: deque[float] = deque(maxlen=round(STANDING_S / self._dt))
        self._back, self._rewound = self._rewound, False
        self._trouble_m, self._last_m = self._last_m if self._back else math.inf, math.inf
        self._steps = 0

    def advise(
        self, observation: FloatArray, policy_action: FloatArray, info: Mapping[str, Any]
    ) -> OperatorSignal:
        """Return the operator's command while it drives, else a signal of hands off."""
        if "ended" in info:
            return self._judge_end()
        risk = self._pilot.risk(observation, policy_action)
        alarming = risk > self._traits.risk_threshold or self._stalled(info)
        self._last_m = float(info.get("distance_to_goal", math.inf))
        self._way.append(self._last_m)
        self._steps += 1
        fresh = not self._attention.driving
        if fresh:
            watches = self._watch(alarming, info)
            if watches is not None:
                return watches
            self._hands.take(policy_action.shape[0])
        own = self._hands.move(self._pilot.act(observation))
        alike = float(np.abs(own - policy_action).max()) < ALIKE
        alarming = alarming or not self._is_past()
        if not self._demonstrates and self._attention.drive(alarming, alike):
            self._distances.clear()
        requests = frozenset({Request.TAKE_CONTROL}) if fresh else frozenset()
        return OperatorSignal(
            action=own, gripping=True, requests=requests, device="simulated"
        )

    def _watch(self, alarming: bool, info: Mapping[str, Any]) -> OperatorSignal | None:
        """Return the signal of somebody who does not drive; None: now the person does."""
        answer = self._answers.hear(bool(info.get("asking", False)))
        if self._demonstrates:
            self._attention.driving = True
        elif self._back:
            # Who went back knows what comes, and drives past it.
            self._attention.take(least_s=REWOUND_S)
            self._back = False
        elif answer is Answer.COMES:
            self._attention.take()
        elif not self._attention.watch(alarming):
            return _hands_off(answer)
        elif self._comes_too_late(info):
            return _asking_for(Request.REWIND)
        return None

    def _comes_too_late(self, info: Mapping[str, Any]) -> bool:
        """Return True if the robot is stuck and the person goes back to before that."""
        if not info.get("can_rewind", False) or len(self._way) < (self._way.maxlen or 0):
            return False
        stuck = math.isfinite(self._last_m) and _gained_nothing(self._way)
        return stuck and self._takes_back()

    def _is_past(self) -> bool:
        """Return whether the place is passed where trouble was taken back."""
        if math.isinf(self._trouble_m) or self._steps * self._dt > PAST_S:
            return True
        return self._last_m < self._trouble_m - PROGRESS_M

    def _takes_back(self) -> bool:
        """Return whether the person takes back what happened."""
        self._rewound = bool(self._rewinding.random() < self._traits.rewind_probability)
        return self._rewound

    def _judge_end(self) -> OperatorSignal:
        """Return whether the person takes back how the episode ended, or goes on."""
        back = self._takes_back()
        return _asking_for(Request.REWIND if back else Request.GIVE_BACK)

    def _stalled(self, info: Mapping[str, Any]) -> bool:
        """Return True if the goal came no nearer lately; False without a goal."""
        if "distance_to_goal" not in info:
            return False
        self._distances.append(float(info["distance_to_goal"]))
        recent = self._distances[-self._stall_steps :]
        return len(recent) == self._stall_steps and _gained_nothing(recent)


def _hands_off(answer: Answer) -> OperatorSignal:
    """Return the signal of somebody who does not drive, and may refuse to."""
    if answer is Answer.REFUSES:
        return _asking_for(Request.GIVE_BACK)
    return OperatorSignal(device="simulated")


def _gained_nothing(distances_m: Sequence[float]) -> bool:
    """Return whether the goal came no nearer since the first of some distances."""
    return min(distances_m) > distances_m[0] - PROGRESS_M


def _asking_for(request: Request) -> OperatorSignal:
    """Return the signal of somebody who does not drive, but wants something."""
    return OperatorSignal(requests=frozenset({request}), device="simulated")
