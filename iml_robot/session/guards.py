"""Keeps a session going where a policy or an environment fails in the middle of a drive."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from iml_robot.core.errors import ImlRobotError, InfrastructureError
from iml_robot.core.interfaces import Asker, Policy
from iml_robot.core.outcome import outcome_of
from iml_robot.core.types import Ask, FloatArray, Step
from iml_robot.session.watchdog import HungError, Unwatched

LOGGER = logging.getLogger(__name__)

T = TypeVar("T")

ENV_FAULT = "env_fault"
"""Outcome of an episode whose environment failed."""
POLICY_FAULT = "policy_fault"
"""Outcome of an episode whose policy never came back."""


@dataclass(frozen=True)
class Followed:
    """What followed an action.

    Attributes:
        observation: What is seen then, shape (obs_dim,).
        reward: Reward of the step.
        info: What the environment said.
        terminated: True if the task ended the episode.
        outcome: How the episode ended; "" if it goes on.
    """

    observation: FloatArray
    reward: float = 0.0
    info: dict[str, Any] = field(default_factory=dict)
    terminated: bool = False
    outcome: str = ""


class Guard:
    """Stands between the loop and what somebody else may have written, for one episode.

    Args:
        policy: Says what it wants; where it fails, no numbers, which the arbiter refuses.
        asker: Says whether to ask for help; where it fails, it does not ask.
        env: Does what is executed; where it fails, the episode ends.
        watch: Interrupts all three if they never come back, which ends the episode.

    Attributes:
        outcome: How the episode ends by what did not come back; "" if everything did.
    """

    def __init__(self, policy: Policy, asker: Asker, env: Any, watch: Unwatched) -> None:
        self._policy, self._asker, self._env, self._watch = policy, asker, env, watch
        self._nothing = np.full(env.action_space.shape, np.nan, np.float32)
        self._first = True
        self._said: set[str] = set()
        self.outcome = ""

    def wanted(self, observation: FloatArray) -> FloatArray:
        """Return what the policy wants, shape (act_dim,).

        Args:
            observation: What it sees, shape (obs_dim,).

        Raises:
            InfrastructureError: If it does not come back even from the first call.
        """
        try:
            with self._watch.over("the policy", first=self._first):
                return self._policy.act(observation)
        except HungError as error:
            self._hung(error, POLICY_FAULT)
        except Exception:
            # The robot must stand still, and the person must not lose the session to it.
            self._failed("the policy failed; the robot stands still")
        return self._nothing.copy()

    def ask(self, observation: FloatArray, wanted: FloatArray, last: Step | None) -> Ask:
        """Return whether the robot asks for help.

        Args:
            observation: What the policy sees, shape (obs_dim,).
            wanted: What it wants, shape (act_dim,).
            last: The step before; None at the first.

        Raises:
            InfrastructureError: If that does not come back even from the first call.
        """
        if self.outcome:
            return Ask()
        try:
            with self._watch.over("what asks for help", first=self._first):
                return self._asker.consider(self._policy, observation, wanted, last)
        except HungError as error:
            self._hung(error, POLICY_FAULT)
        except ImlRobotError:
            # It says what the user can mend.
            raise
        except Exception:
            self._failed("what asks for help failed; the robot does not ask")
        return Ask()

    def follow(self, action: FloatArray, before: FloatArray) -> Followed:
        """Let the robot do something.

        Args:
            action: What the robot does, shape (act_dim,).
            before: What was seen before, shape (obs_dim,).

        Raises:
            Exception: Of the environment, if it fails at the first action of the episode:
                so it will in the next one.
            InfrastructureError: If it does not come back even from the first call.
        """
        first, self._first = self._first, False
        try:
            with self._watch.over("the environment", first=first):
                seen, reward, terminated, truncated, info = self._env.step(action)
            observation = flat(seen)
        except HungError as error:
            self._first = first
            self._hung(error, ENV_FAULT)
            return Followed(before, outcome=ENV_FAULT)
        except Exception:
            if first:
                raise
            LOGGER.exception("the environment failed; the episode ends at the step before")
            return Followed(before, outcome=ENV_FAULT)
        if not np.isfinite(observation).all() or not np.isfinite(reward):
            LOGGER.error("the environment returned what is no number; the episode ends")
            return Followed(before, outcome=ENV_FAULT)
        outcome = outcome_of(info, terminated=terminated, truncated=truncated)
        return Followed(observation, float(reward), info, bool(terminated), outcome)

    def _failed(self, what: str) -> None:
        """Log an error with where it came from, once an episode."""
        if what not in self._said:
            LOGGER.exception(what)
        self._said.add(what)

    def _hung(self, error: HungError, outcome: str) -> None:
        """End the episode.

        Raises:
            InfrastructureError: If every further episode would begin with the same.
        """
        self._watch.end()
        if self._first:
            raise InfrastructureError(
                f"{error} at the first step of an episode; mend it, and go on with --resume"
            ) from None
        LOGGER.error("%s; the episode ends at the step before", error)
        self.outcome = outcome


class WatchedEnv:
    """An environment of which every call is watched, to be driven again.

    Args:
        env: The environment.
        watch: Interrupts what never comes back.

    Raises:
        HungError: Out of a call that was interrupted.
    """

    def __init__(self, env: Any, watch: Unwatched) -> None:
        self._env, self._watch = env, watch

    def reset(self, **arguments: Any) -> Any:
        """Reset it; see gymnasium."""
        with self._watch.over("the reset of the environment", first=True):
            return self._env.reset(**arguments)

    def step(self, action: FloatArray) -> Any:
        """Go on by one step; see gymnasium."""
        with self._watch.over("the environment"):
            return self._env.step(action)


def begun(begin: Callable[[], T], watch: Unwatched) -> T:
    """Return what begins an episode, for example a reset of the environment.

    Args:
        begin: Begins it.
        watch: Interrupts it if it never comes back.

    Raises:
        InfrastructureError: If it was interrupted.
    """
    try:
        with watch.over("the reset of the environment", first=True):
            return begin()
    except HungError as error:
        watch.end()
        raise InfrastructureError(f"{error}; mend it, and go on with --resume") from None


def flat(observation: Any) -> FloatArray:
    """Return an observation as contiguous float32."""
    return np.ascontiguousarray(observation, dtype=np.float32)
